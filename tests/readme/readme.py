"""The commands of the README, the pages in .github and the man page, and their scenarios."""

import re
import shutil
import traceback

from place import SOURCES, Place, comparable

FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
EXAMPLE = re.compile(r"^\.Dl (.*)$|^\.Bd .*\n((?s:.*?))^\.Ed$", re.M)
SPAN = re.compile(r"`((?:make|pyclean|\./pyclean)\s[^`]+)`")
LANGUAGES = {"console", "sh", "make", "dockerfile", "yaml"}
NOT_RUN = {"c"}
MAN_PAGE = SOURCES / "man/pyclean.1"
PAGES = [SOURCES / "README.md", *sorted((SOURCES / ".github").glob("*.md"))]

scenarios = {}


class Skip(Exception):
    """Why a scenario cannot be run here."""


def need(program):
    """Skips the scenario where a program is not installed."""
    if not shutil.which(program):
        raise Skip(f"{program} is not installed")


def scenario(command):
    """Takes a function of (place, text) for the block that begins so, or the span that is it."""
    def register(function):
        if command in scenarios:
            raise ValueError(f"two scenarios for {command}")
        scenarios[command] = function
        return function
    return register


def commands():
    """All that has to have a scenario."""
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    for language, block in FENCE.findall(text):
        if language not in LANGUAGES | NOT_RUN:
            raise ValueError(f"a block in an unknown language: {language}")
        if language not in NOT_RUN:
            yield block
    for span in SPAN.findall(FENCE.sub("", text)):
        yield " ".join(span.split())
    examples = MAN_PAGE.read_text("utf-8").partition(".Sh EXAMPLES\n")[2].partition(".Sh ")[0]
    for line, block in EXAMPLE.findall(examples.replace(r"\(dq", '"').replace(r"\(aq", "'")):
        yield line or block


def scenario_of(text):
    """The name of the scenario of a command, the longest that fits; None if there is none."""
    if "\n" not in text:
        return text if text in scenarios else None
    return max(filter(text.startswith, scenarios), key=len, default=None)


def run_console(place, block, **environment):
    """Runs the commands of a block of "$ COMMAND" lines, and compares what stands below each."""
    turns = []
    for line in block.splitlines():
        if line.startswith("$ "):
            turns.append((line[2:], []))
        else:
            turns[-1][1].append(line)
    said = place.run("; printf '\\0'\n".join([turn[0] for turn in turns] + [":"]), **environment)
    for (command, expected), lines in zip(turns, said.split("\0"), strict=False):
        if comparable(expected) != comparable(lines.splitlines()):
            raise AssertionError(f"{command}\nsays\n{lines}\nand not\n" + "\n".join(expected))


class CommandsTest:
    """Runs the scenarios, and tells of each as TAP has it."""

    def __init__(self):
        self.number = 0
        self.failed = False

    def tell(self, name, problem=None):
        self.number += 1
        name = name.split("\n", maxsplit=1)[0]
        if isinstance(problem, Skip):
            print(f"{problem}\nok {self.number} # SKIP {name}")
        elif problem is None:
            print(f"ok {self.number} - {name}")
        else:
            self.failed = True
            said = str(problem) if isinstance(problem, AssertionError) else "".join(
                traceback.format_exception(problem))
            print(f"not ok {self.number} - {name}\n# " + said.strip().replace("\n", "\n# "))

    def run(self):
        texts = list(dict.fromkeys(commands()))
        found = {text: scenario_of(text) for text in texts}
        unused = set(scenarios) - set(found.values())
        print(f"1..{len(texts) + len(unused)}")
        for text, name in found.items():
            try:
                if not name:
                    raise AssertionError("no scenario in tests/readme for it")
                with Place() as place:
                    scenarios[name](place, text)
                self.tell(text)
            except Exception as problem:  # whatever it is, the others have their turn
                self.tell(text, problem)
        for name in sorted(unused):
            self.tell(name, AssertionError("no page has such a command any more"))
        return self.failed
