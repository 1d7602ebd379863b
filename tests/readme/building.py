"""Scenarios of what is built, installed and packed: each in a copy of the sources."""

import os
import re
import shutil

from place import SOURCES
from readme import Skip, need, scenario


def copy_sources(place, where="."):
    for name in ("src", "include", "man", "tests", "Makefile", "README.md", "LICENSE", ".ci", ".github"):
        source, copy = SOURCES / name, place.path / where / name
        if source.is_dir():
            shutil.copytree(source, copy)
        else:
            shutil.copy(source, copy)


def build(place, command, **environment):
    """Runs make's command as it is, but quicker and into the scratch tree."""
    return place.run(command, CFLAGS="-O0", MAKEFLAGS="-s", **environment)


@scenario("make && ./pyclean -n .")
def build_and_install(place, text):
    copy_sources(place)
    place.write("pkg/__pycache__/a.cpython-311.pyc")
    place.write("project/a.pyc")
    said = build(place, text, DESTDIR=f"{place.path}/root")
    assert "Would remove pkg/__pycache__/\n" in said, said
    assert "/project/a.pyc (no source beside it)\n" in said and "Removed 2 files" in said, said
    for path in ("bin/pyclean", "share/man/man1/pyclean.1", "share/zsh/site-functions/_pyclean"):
        assert place.has(f"root/usr/local/{path}"), path


@scenario("make deps check")
def in_ci(_place, text):
    """This test is part of it."""
    assert text.startswith("make deps check"), text
    assert re.search(r'make -j"\$jobs" deps check$', (SOURCES / ".ci/run").read_text(), re.M)


@scenario("make install PREFIX=~/.local")
def install_for_oneself(place, text):
    copy_sources(place, "src")
    build(place, f"cd src; {text}; ~/.local/bin/pyclean --version")
    assert not place.has("src/~")
    assert place.has(".local/share/bash-completion/completions/pyclean")
    build(place, "cd src; make uninstall PREFIX=~/.local")
    assert not place.has(".local")


@scenario("make uninstall")
def uninstall(place, text):
    copy_sources(place)
    build(place, f"make install; {text}", PREFIX=f"{place.path}/prefix")
    assert not place.has("prefix")


@scenario("make static")
def static(place, text):
    copy_sources(place)
    build(place, f"{text}; build/static/pyclean --version")
    size = (place.path / "build/static/pyclean").stat().st_size
    assert shutil.which("musl-gcc") is None or size < 200 * 1000, size


@scenario("make dist")
def dist(place, text):
    need("git")
    copy_sources(place)
    place.run("git init -q; git add -A src include man tests Makefile; git commit -qm x")
    build(place, f"{text}; tar -tzf build/pyclean-*.tar.gz | grep -x 'pyclean-.*/src/main.c'")


@scenario("make readme")
def readme(place, text):
    copy_sources(place)
    place.write("tests/readme/session.svg", content="stale")
    build(place, text)
    assert "pyclean --stale" in (place.path / "tests/readme/session.svg").read_text()


@scenario("make lint-layers")
def layers(place, text):
    copy_sources(place)
    build(place, text)
    place.write("src/platform/above.c", content='#include "report/internal.h"\n')
    assert "includes report/internal.h" in place.run(f"{text} || :")


@scenario("make check")
@scenario("make check-all")
@scenario("make coverage")
@scenario("make fuzz")
@scenario("make bench")
@scenario("make lint")
@scenario("make format")
@scenario("make deb")
@scenario("make wheel")
def only_named(place, text):
    """They take minutes, or CI runs them."""
    copy_sources(place)
    assert f"\n  {text.removeprefix('make ')} " in build(place, "make help"), text


@scenario("make check TESTS=blackbox/test_stale")
def one_test(_place, text):
    """It takes a build of the tests."""
    assert (SOURCES / "tests" / f"{text.split('=')[1]}.c").exists()


@scenario("make static CC=COMPILER")
def static_by_another_compiler(place, text):
    copy_sources(place)
    build(place, text.replace("COMPILER", os.environ.get("CC") or "cc"))
    assert place.has("build/static/pyclean")


@scenario("make PORTABLE=1")
def portable(place, text):
    copy_sources(place)
    build(place, f"{text}; ./pyclean --version")


@scenario('make CFLAGS="$CFLAGS"')
def package(place, text):
    copy_sources(place)
    assert text.splitlines()[1] == "make check", text
    build(place, text.replace("make check\n", ""), pkgdir=f"{place.path}/root", LDFLAGS="")
    assert place.has("root/usr/bin/pyclean") and place.has("root/usr/share/man/man1/pyclean.1")


def run_in_image(place, command):
    """Runs a command of the Dockerfile that is not the program's: what it does is done here."""
    if command.startswith(("apt-get ", "pip install ")):
        return  # they would change this machine, and ask the net
    make = re.fullmatch(r"make -C /src (.*)", command)
    assert make, f"no scenario for {command}"
    copy_sources(place, "src")
    place.run(f"make -s -C src {make[1]}")


@scenario("FROM debian:bookworm-slim AS pyclean")
def dockerfile(place, text):
    """Step by step, without the engine: the image is the directory image."""
    place.write("image/lib/__pycache__/a.cpython-313.pyc", "image/lib/a.py")
    last = None
    for line in text.splitlines():
        instruction, _, rest = line.partition(" ")
        if instruction == "RUN":
            *before, last = rest.split(" && ")
            for command in before if last.startswith("pyclean ") else [*before, last]:
                run_in_image(place, command)
        elif rest.startswith("--from=pyclean "):
            _, source, target = rest.split()
            (place.path / f"image{target}").mkdir(parents=True)
            shutil.copy(f"{place.path}{source}", f"{place.path}/image{target}")
    assert last == "pyclean -x /", last
    if os.geteuid() != 0:
        raise Skip("all but the last step, which needs root")
    place.run("chroot image /usr/local/bin/pyclean -x /")
    assert place.has("image/lib/a.py") and not place.has("image/lib/__pycache__")
