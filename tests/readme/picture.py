#!/usr/bin/env python3
"""Usage: picture.py LIGHT DARK

Draws the README's picture, a terminal session, from a run of the program, into two files: for pages
with a light and with a dark background. A file is left as it is if it differs from the run only in
what differs between machines: sizes, tags, the order of lines.
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
mkdir -p shop/cart && cd shop
echo 'import json' >cart/total.py
echo 'import json' >cart/vat.py
echo 'rate = 7' >cart/rates.py
python3 -c 'import cart.total, cart.vat, cart.rates'
rm cart/rates.py
echo 'rate = 19; import json' >cart/vat.py
"""
COMMANDS = ("pyclean -n", "pyclean --stale -v", "pyclean", "pyclean --check && echo clean")

# Few enough to be legible on a phone.
COLUMNS = 70
ADVANCE = 8.43
LINE = 21
MARGIN = 18
BEGINNING = """<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" \
viewBox="0 0 {width} {height}">
<style>
text {{ fill: {text}; font: 14px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace }}
.bold {{ font-weight: bold }}
.faint {{ opacity: 0.7 }}
.red {{ fill: {red} }}
.green {{ fill: {green} }}
.yellow {{ fill: {yellow} }}
.cyan {{ fill: {cyan} }}
</style>
<rect width="{width}" height="{height}" rx="8" fill="{background}"/>
<g xml:space="preserve">
"""
LIGHT = {"background": "#f6f8fa", "text": "#1f2328", "red": "#cf222e", "green": "#1a7f37",
         "yellow": "#9a6700", "cyan": "#1b7c83"}
DARK = {"background": "#1c2128", "text": "#d8dee4", "red": "#ff7b72", "green": "#7ee787",
        "yellow": "#e3b341", "cyan": "#56d4dd"}
TEXT = re.compile(r'<text x="\d+" y="\d+">(.*)</text>')
PROMPT = '<tspan class="green">$</tspan> '
CLASSES = {"1": "bold", "2": "faint", "31": "red", "32": "green", "33": "yellow", "36": "cyan"}


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
                style = [] if code in ("", "0") else style + [CLASSES[code.removeprefix("0")]]
        elif part and style:
            drawn += f'<tspan class="{" ".join(style)}">{html.escape(part, quote=False)}</tspan>'
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


def draw(lines, colours):
    """The lines as a picture."""
    for line in lines:
        if len(html.unescape(re.sub("<.*?>", "", line))) > COLUMNS:
            raise SystemExit(f"more than {COLUMNS} columns: {line}")
    svg = BEGINNING.format(width=round(COLUMNS * ADVANCE) + 2 * MARGIN,
                           height=len(lines) * LINE + 2 * MARGIN, **colours)
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
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    seen = session()
    for name, palette in zip(sys.argv[1:], (LIGHT, DARK), strict=True):
        drawn = draw(seen, palette)
        if not is_fresh(pathlib.Path(name), drawn):
            pathlib.Path(name).write_text(drawn, encoding="utf-8")
