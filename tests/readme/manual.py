"""Scenarios of the man page's examples."""

import json

from place import SOURCES
from readme import need, run_console, scenario


def kept(place, command, *paths):
    """Runs a command, and returns those of the paths that stay."""
    place.run(command)
    return [path for path in paths if place.has(path)]


@scenario("$ pyclean -n\nWould remove pkg/")
def seen_and_then_removed(place, text):
    place.write(*(f"pkg/__pycache__/m{i}.cpython-311.pyc" for i in range(15)))
    run_console(place, text)


@scenario("pyclean -i build,dist,/vendor")
def kept_by_patterns(place, text):
    paths = ["build/a.pyc", "pkg/dist/a.pyc", "vendor/a.pyc", "pkg/vendor/a.pyc"]
    place.write(*paths)
    assert kept(place, text, *paths) == paths[:3]


@scenario("pyclean .venv")
def an_environment(place, text):
    place.write(".venv/pyvenv.cfg", ".venv/a.pyc", "b.pyc")
    assert kept(place, text, ".venv/a.pyc", "b.pyc") == ["b.pyc"]


@scenario("pyclean -x /")
def a_whole_system(_place, text):
    """The scenario of the Dockerfile runs it."""
    assert f" && {text}\n" in (SOURCES / "README.md").read_text(encoding="utf-8")


@scenario("pyclean --check")
def a_checkout_with_bytecode(place, text):
    place.run(text)
    place.write("a.pyc")
    place.run(text, status=1)


@scenario("pyclean -n0 | xargs -0r du -sh --")
def sizes(place, text):
    place.run(text)
    place.write("a b.pyc")
    assert place.run(text).endswith("\ta b.pyc\n")


@scenario("pyclean -n --json |\n")
def the_largest(place, text):
    need("jq")
    for i in range(11):
        place.write(f"{i:02}.pyc", content="x" * 4096 * (i + 1))
    assert [found["path"] for found in json.loads(place.run(text))] == [
        f"{i:02}.pyc" for i in range(10, 1, -1)]


@scenario("pyclean -k auto")
def other_interpreters(place, text):
    place.write("a.py", "__pycache__/a.cpython-36.pyc")
    place.run("python3 -c 'import a'")
    assert kept(place, text, "__pycache__", "__pycache__/a.cpython-36.pyc") == ["__pycache__"]


@scenario("pyclean -sv")
def stale_and_why(place, text):
    place.write("a.pyc")
    assert "Removed a.pyc (no source beside it)\n" in place.run(text)


@scenario("pyclean -sp")
def packages_that_are_gone(place, text):
    place.write("gone/__pycache__/a.cpython-311.pyc", "b.py")
    place.run("python3 -c 'import b'")
    assert kept(place, text, "gone", "__pycache__") == ["__pycache__"]


@scenario("pyclean pkg/mod.py")
def one_module(place, text):
    paths = ["pkg/__pycache__/mod.cpython-311.pyc", "pkg/mod.pyc", "pkg/other.pyc"]
    place.write(*paths)
    assert kept(place, text, *paths) == paths[2:]
