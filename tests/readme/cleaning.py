"""Scenarios of what the program is asked to remove."""

import os
import re

from place import SOURCES
from readme import need, run_console, scenario

OLD = "cpython-36"


def run_python(place, code, **environment):
    place.run(f"python3 -c '{code}'", **environment)


@scenario("$ pyclean -k auto")
def old_caches(place, text):
    place.write(*(f"pkg/__pycache__/m{i}.{OLD}.pyc" for i in range(312)), content="x" * 9000)
    place.write("pkg/here.py")
    run_python(place, "import pkg.here")
    place.run("python3 -m venv --without-pip .venv")
    run_console(place, text)
    assert len(os.listdir(place.path / "pkg/__pycache__")) == 1


@scenario("$ git switch -q main && pyclean -sv")
def switch_of_branches(place, text):
    need("git")
    lib = "lib/shop"
    place.write(f"{lib}/cart.py", f"{lib}/till.py", content="x = 1\n")
    place.run("git init -qb main; git add lib; git commit -qm main; git switch -qc other")
    place.write(f"{lib}/till.py", f"{lib}/vat.py", content="x = 10000\n")
    place.run("git add lib; git commit -qm other; python3 -m compileall -qb lib/shop/vat.py")
    run_python(place, "import shop.cart, shop.till", PYTHONPATH=f"{place.path}/lib")
    run_console(place, text)


@scenario("pyclean -s --keep-sourceless")
def combined(place, text):
    for command in text.splitlines():
        place.write("used.py")
        place.write("__pycache__/other.cpython-36.pyc", content="of another Python")
        run_python(place, "import used")
        place.run("echo 1 >only.py; python3 -m compileall -qb only.py; rm only.py")
        place.run(command)
        assert len(os.listdir(place.path / "__pycache__")) == 1
        assert place.has("only.pyc"), command
    place.run("pyclean")


@scenario("pyclean *")
def environment_as_operand(place, text):
    place.write("env/pyvenv.cfg", "env/a.pyc")
    place.run("pyclean .")
    assert place.has("env/a.pyc")
    place.run(text)
    assert not place.has("env/a.pyc")


@scenario("pyclean -d -i vendor,")
def ignored(place, text):
    kept = ("vendor/a.pyc", "lib/vendor/__pycache__/b.pyc", "test/data/magic.pyc",
            "docs/fixture.pyc", "docs/a/__pycache__/fixture1.pyc")
    gone = ("a.pyc", "data/magic.pyc", "docs/a/__pycache__/c.pyc", "test/data/d.pyc")
    place.write(*kept, *gone)
    place.run(text)
    assert [path for path in kept + gone if place.has(path)] == list(kept)


@scenario('pyclean "$PYTHONPYCACHEPREFIX"')
def prefix_tree(place, text):
    place.write("cache/home/me/mod.cpython-311.pyc", "a.pyc")
    place.run(text, PYTHONPYCACHEPREFIX=f"{place.path}/cache")
    assert not place.has("cache/home") and place.has("a.pyc")


@scenario('pyclean -s "$PYTHONPYCACHEPREFIX"')
def stale_in_prefix_tree(place, text):
    place.write("used.py", "gone.py")
    prefix = {"PYTHONPYCACHEPREFIX": f"{place.path}/cache"}
    run_python(place, "import used, gone", **prefix)
    place.run("rm gone.py")
    place.run(text, **prefix)
    found = {path.name.split(".")[0] for path in (place.path / "cache").rglob("*.pyc")}
    assert "used" in found and "gone" not in found, found


def write_debris(place):
    place.write(".mypy_cache/CACHEDIR.TAG",
                content="Signature: 8a477f597d28d172789f06886806bc55\n")
    place.write("htmlcov/.gitignore", content="# Created by coverage.py\n*\n")
    place.write(".pytest_cache/mine", ".coverage")


@scenario("pyclean -d")
def caches_of_other_tools(place, text):
    write_debris(place)
    place.run(text)
    assert not place.has(".mypy_cache") and place.has("htmlcov") and place.has(".pytest_cache")


@scenario("pyclean --debris=all")
def all_debris(place, text):
    write_debris(place)
    place.run(text)
    assert not place.has(".mypy_cache") and not place.has("htmlcov")
    assert place.has(".pytest_cache") and place.has(".coverage")


@scenario("pyclean -nv0")
def raw_list_of_each_file(place, text):
    place.write("__pycache__/a.pyc")
    assert place.run(text) == "__pycache__/a.pyc\0__pycache__/\0"


@scenario("pyclean -n")
def dry_run(place, text):
    place.write("a.pyc")
    assert "Would remove a.pyc (no source beside it)\n" in place.run(text)
    assert place.has("a.pyc")


@scenario("pyclean --version")
def which_one(place, text):
    version = re.search(r"^VERSION := (.*)$", (SOURCES / "Makefile").read_text(), re.M)[1]
    assert place.run(text).splitlines()[0] == f"pyclean {version}"
