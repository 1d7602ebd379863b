"""Writes the benchmark's report, and the data of its chart, from what `run` left in its directory.

usage: report.py DIRECTORY REPORT

DIRECTORY has

    machine.md      the beginning of the report
    file_system     the name of its kind
    trees.tsv       the trees timed, with their sizes
    rows.tsv        the contenders' labels and commands
    refused.tsv     where it is there: who did other work than the rest
    results/TREE.WORK.STATE.ROW.ROUND.json
                    what hyperfine measured

and for the chart it gets `chart`: a title, then lines of place, length, label, text, and 1 for
pyclean's bar.
"""

import json
import pathlib
import statistics
import sys

TREES = {
    "stdlib": "copies of a real Python installation, compiled at the levels 0, 1 and 2",
    "sparse": "a large project with hardly any bytecode in it",
    "tiny": "a project of ten files: the cost of the start",
    "wide": "one directory full of strays",
    "deep": "fifty chains of 200 levels, a cache at every level (so deep as every contender goes)",
}
WORKS = {
    "clean": "clean, a fresh tree for each run",
    "again": "second run, no bytecode left",
    "dry": "dry run, a line for each cache and each stray",
    "files": "dry run, a line for each file and directory",
    "silent": "dry run that lists nothing",
}
# The figures to reach on tmpfs: tree, work, whom to compare with, the most of its time to be taken.
# On a disk with a cold cache: no slower than any contender.
FIGURES = (
    ("stdlib", "clean", "floor", 1.05),
    ("stdlib", "clean", "bfs -delete", 0.9),
    ("stdlib", "clean", "find -delete", 0.6),
    ("stdlib", "clean", "fd -X rm", 0.4),
    ("stdlib", "clean", "PyPI's pyclean", 0.1),
    ("stdlib", "dry", "find", 0.5),
    ("stdlib", "dry", "fd", 0.75),
    ("stdlib", "dry", "bfs", 1.0),
    ("stdlib", "files", "find", 0.5),
    ("stdlib", "files", "fd", 0.75),
    ("stdlib", "files", "bfs", 1.0),
    ("tiny", "clean", "find -delete", 1.0),
    ("tiny", "dry", "find", 1.0),
)
# The contenders in the chart, and their names in it.
DRAWN = {
    "pyclean": "pyclean", "bfs -delete": "bfs", "fd -X rm": "fd -X rm", "find -delete": "find",
    "PyPI's pyclean": "PyPI's pyclean",
}
DRAWN_MOST = 2.5  # how much longer than find's a bar may be before it is cut


def read_table(path):
    """Returns the rows of a file of tab-separated values; none where there is no such file."""
    if not path.exists():
        return []
    return [line.split("\t") for line in path.read_text().splitlines()]


def read_results(directory):
    """Returns {(tree, work, state): {row: [seconds, ...]}}."""
    results = {}
    for path in sorted((directory / "results").glob("*.json")):
        tree, work, state, row, _ = path.stem.split(".")
        for result in json.loads(path.read_text())["results"]:
            times = results.setdefault((tree, work, state), {})
            times.setdefault(int(row), []).extend(result["times"])
    return results


def milliseconds(seconds):
    """Writes a time with three digits."""
    value = 1000 * seconds
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def code(command):
    """Writes a command as code that may stand in a table."""
    return "`" + command.replace("|", "\\|") + "`"


def table(times, rows):
    """Yields the lines of the table of one work; rows are in the order of their medians."""
    medians = {row: statistics.median(values) for row, values in times.items()}
    ours = next((medians[row] for row in sorted(medians) if rows[row][0] == "pyclean"), None)
    yield "| contender | median, ms | min – max, ms | runs | pyclean takes | command |"
    yield "|---|--:|--:|--:|--:|---|"
    for row in sorted(medians, key=medians.get):
        label, command = rows[row]
        spread = f"{milliseconds(min(times[row]))} – {milliseconds(max(times[row]))}"
        ratio = f"{ours / medians[row]:.2f}" if ours else ""
        label = f"**{label}**" if label == "pyclean" else label
        yield (f"| {label} | {milliseconds(medians[row])} | {spread} | {len(times[row])} "
               f"| {ratio} | {code(command)} |")


def medians_of(results, rows, key):
    """Returns {label: median} of a tree, a work and a state; empty where it was not timed."""
    return {rows[row][0]: statistics.median(values) for row, values in results.get(key, {}).items()}


def figures(directory, results, rows):
    """Yields the table of the figures to reach, as far as they were measured."""
    if (directory / "file_system").read_text().strip() == "tmpfs":
        wanted = [((tree, work, "warm"), label, most) for tree, work, label, most in FIGURES]
    else:
        wanted = [(key, label, 1.0) for key in sorted(results, key=place) if key[2] == "cold"
                  for label in medians_of(results, rows, key)
                  if label != "floor" and not label.startswith("pyclean")]
    lines = []
    for key, label, most in wanted:
        medians = medians_of(results, rows, key)
        for ours in ("pyclean", "pyclean -0"):
            if ours in medians and label in medians:
                ratio = round(medians[ours] / medians[label], 2)
                verdict = "reached" if ratio <= most else "missed"
                lines.append(f"| {key[0]} | {key[1]}, {key[2]} | {ours} | {label} | {most:.2f} "
                             f"| {ratio:.2f} | {verdict} |")
    if lines:
        yield from ("## Figures to reach", "")
        yield "| tree | work | | of the time of | at most | taken | |"
        yield "|---|---|---|---|--:|--:|---|"
        yield from (*lines, "")


def glance(results, rows):
    """Yields a table for each work: the part of each contender's time that pyclean takes."""
    yield from ("## At a glance", "", "The part of each contender's time that pyclean takes.", "")
    for work, title in WORKS.items():
        for state in ("warm", "cold"):
            trees = [tree for tree in TREES if (tree, work, state) in results]
            medians = {tree: medians_of(results, rows, (tree, work, state)) for tree in trees}
            labels = [label for label, _ in rows.values()
                      if label != "pyclean" and any(label in medians[tree] for tree in trees)]
            if not labels or not all("pyclean" in medians[tree] for tree in trees):
                continue
            yield from (f"| {title}, {state} | {' | '.join(trees)} |",
                        "|---|" + "--:|" * len(trees))
            for label in dict.fromkeys(labels):
                cells = (f"{medians[tree]['pyclean'] / medians[tree][label]:.2f}"
                         if label in medians[tree] else "" for tree in trees)
                yield f"| {label} | {' | '.join(cells)} |"
            yield ""


def report(directory, results, rows):
    """Yields the lines of the report."""
    trees = read_table(directory / "trees.tsv")
    refused = read_table(directory / "refused.tsv")
    yield from ("# Benchmark", "", (directory / "machine.md").read_text())
    yield from ("Before it is timed, each contender's work is compared with what it should be.", "")
    yield from ("| tree | entries | directories | caches | bytecode files | what it is |",
                "|---|--:|--:|--:|--:|---|")
    for tree, *counts in trees:
        cells = " | ".join(f"{int(count):,}" for count in counts)
        yield f"| {tree} | {cells} | {TREES[tree]} |"
    yield ""
    yield from figures(directory, results, rows)
    yield from glance(results, rows)
    for tree, *_ in trees:
        for key in sorted(results, key=place):
            if key[0] == tree:
                yield from (f"## {tree}: {WORKS[key[1]]}, {key[2]}", "")
                yield from (*table(results[key], rows), "")
        for name, row, reason in refused:
            if name == tree:
                yield from (f"Not timed: {code(rows[int(row)][1])} {reason}.", "")


def place(key):
    """Returns the place of a tree, a work and a state in the report."""
    tree, work, state = key
    return list(TREES).index(tree), state == "cold", list(WORKS).index(work)


def draw(directory, results, rows):
    """Writes the data of the chart: cleaning one tree, `stdlib` where it was timed."""
    tree = min((tree for tree, _, _ in results), key=list(TREES).index)
    state = "warm" if (tree, "clean", "warm") in results else "cold"
    medians = medians_of(results, rows, (tree, "clean", state))
    bars = sorted((seconds, DRAWN[label]) for label, seconds in medians.items() if label in DRAWN)
    if not bars:
        return
    most = DRAWN_MOST * medians.get("find -delete", bars[-1][0])
    entries, files = next((int(row[1]), int(row[4]))
                          for row in read_table(directory / "trees.tsv") if row[0] == tree)
    lines = [f'"Removing {files:,} bytecode files from a tree of {entries:,} entries"']
    for at, (seconds, label) in enumerate(bars):
        cut = " →" if seconds > most else ""
        lines.append(f'{at}\t{min(seconds, most)}\t"{label}"\t"{milliseconds(seconds)} ms{cut}"'
                     f"\t{int(label == 'pyclean')}")
    (directory / "chart").write_text("\n".join(lines) + "\n")


def main():
    """Writes what the command line asks for."""
    if len(sys.argv) != 3:
        sys.exit("usage: report.py DIRECTORY REPORT")
    directory = pathlib.Path(sys.argv[1])
    rows = {int(row): cells for row, *cells in read_table(directory / "rows.tsv")}
    results = read_results(directory)
    if not results:
        sys.exit("report.py: nothing was timed")
    pathlib.Path(sys.argv[2]).write_text("\n".join(report(directory, results, rows)))
    draw(directory, results, rows)


if __name__ == "__main__":
    main()
