#!/usr/bin/env python3
"""Usage: picture.py FILE

Draws the README's picture, a terminal session, from a run of the program, into FILE. It is left as
it is where a run differs only in what each machine has its own of: sizes, tags, the order of lines.
"""

import fcntl
import html
import os
import pathlib
import pty
import re
import struct
import subprocess
import sys
import termios

sys.dont_write_bytecode = True
from place import Place, comparable  # noqa: E402

SETUP = """
mkdir shop && cd shop
mkdir cart
echo 'import json' >cart/total.py
echo 'import json' >cart/vat.py
echo 'rate = 7' >rates.py
python3 -c 'import cart.total, cart.vat'
python3 -m compileall -q -b rates.py
rm rates.py
echo 'rate = 19; import json' >cart/vat.py
"""
COMMANDS = ("pyclean -n", "pyclean --stale -v", "pyclean", "pyclean --check && echo clean")

COLUMNS = 100
ADVANCE = 8.43
LINE = 21
MARGIN = 18
BEGINNING = """<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" \
viewBox="0 0 {width} {height}">
<rect width="{width}" height="{height}" rx="8" fill="#1c2128"/>
<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" \
fill="#d8dee4" xml:space="preserve">
"""
TEXT = re.compile(r'<text x="\d+" y="\d+">(.*)</text>')
PROMPT = '<tspan fill="#7ee787">$</tspan> '
COLOURS = {
    "1": 'font-weight="bold"', "2": 'opacity="0.7"', "31": 'fill="#ff7b72"',
    "32": 'fill="#7ee787"', "33": 'fill="#e3b341"', "34": 'fill="#79c0ff"',
    "35": 'fill="#d2a8ff"', "36": 'fill="#56d4dd"', "90": 'fill="#8b949e"',
}


def run_on_terminal(place, command):
    """What a command writes to a terminal. Errors would go elsewhere, and end it."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
    process = subprocess.Popen(
        ["bash", "-c", command], cwd=place.path / "shop", stdin=subprocess.DEVNULL, stdout=theirs,
        stderr=subprocess.PIPE, env={**place.environment, "TERM": "xterm-256color"})
    os.close(theirs)
    said = b""
    while True:
        try:
            chunk = os.read(ours, 4096)
        except OSError:  # EIO: nobody has the other end any more
            break
        if not chunk:
            break
        said += chunk
    os.close(ours)
    errors = process.communicate()[1]
    if process.returncode != 0 or errors:
        raise SystemExit(f"{command}: status {process.returncode}: {errors.decode()}")
    return said.decode().replace("\r\n", "\n").splitlines()


def markup(line):
    """A line as SVG, its colours as tspans."""
    drawn, style = "", []
    for part in re.split(r"(\x1b\[[0-9;]*[mK])", line):
        if part.endswith("K") and part.startswith("\x1b"):
            continue
        if part.startswith("\x1b"):
            for code in part[2:-1].split(";"):
                style = [] if code in ("", "0") else style + [COLOURS[code.removeprefix("0")]]
        elif part and style:
            drawn += f"<tspan {' '.join(style)}>{html.escape(part, quote=False)}</tspan>"
        else:
            drawn += html.escape(part, quote=False)
    return drawn


def session():
    """The lines of the session."""
    with Place() as place:
        place.run(SETUP)
        lines = []
        for command in COMMANDS:
            lines.append(PROMPT + html.escape(command, quote=False))
            lines += [markup(line) for line in run_on_terminal(place, command)]
        return lines


def draw(lines):
    # In steps, and without what each machine has its own of, so that all draw the same frame.
    shown = [html.unescape(re.sub("<.*?>", "", line)) for line in comparable(lines)]
    columns = -(-max(map(len, shown)) // 10) * 10
    svg = BEGINNING.format(
        width=round(columns * ADVANCE) + 2 * MARGIN, height=len(lines) * LINE + 2 * MARGIN)
    for row, line in enumerate(lines):
        svg += f'<text x="{MARGIN}" y="{MARGIN + 15 + row * LINE}">{line}</text>\n'
    return svg + "</g>\n</svg>\n"


def essence(svg):
    """What has to be the same on each machine: the frame, and each command with what it says."""
    said = []
    for line in TEXT.findall(svg):
        if line.startswith(PROMPT):
            said.append([])
        said[-1].append(line)
    return TEXT.sub("", svg), [[said_[0]] + comparable(said_[1:]) for said_ in said]


def is_fresh(file, svg):
    return file.exists() and essence(file.read_text(encoding="utf-8")) == essence(svg)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    drawn = draw(session())
    if not is_fresh(pathlib.Path(sys.argv[1]), drawn):
        pathlib.Path(sys.argv[1]).write_text(drawn, encoding="utf-8")
