"""Scenarios of the recipes, and of the comparison."""

import re
import shutil

from place import SOURCES
from readme import Skip, need, scenario


@scenario("alias pyclean=")
def shell_alias(place, text):
    place.write("build/a.pyc", "dist/b.pyc", "src/c.pyc")
    said = place.run(f"shopt -s expand_aliases\n{text}\npyclean -n0 | tr '\\0' ' '")
    assert said == "src/c.pyc ", said


@scenario("clean:")
def makefile_target(place, text):
    place.write("Makefile", content=text)
    place.write("a.pyc")
    place.run("make clean")
    assert not place.has("a.pyc")


@scenario("pyclean -fq src build")
def paths_that_need_not_exist(place, text):
    place.write("src/a.pyc")
    place.run(text)
    assert not place.has("src/a.pyc")
    place.run("rmdir src; " + text)


@scenario("#!/bin/sh\ntmp=")
def no_bytecode_in_a_commit(place, text):
    need("git")
    place.run("git init -qb main repository")
    place.write("repository/.git/hooks/pre-commit", content=text, mode=0o755)
    place.write("repository/__pycache__/a.pyc", "repository/a.py", "repository/.gitignore")
    place.run("cd repository; git add a.py; git commit -qm clean; git add -A")
    said = place.run("cd repository; git commit -qm bytecode", status=1)
    assert "bytecode is staged" in said and "__pycache__" in said, said
    place.run("cd repository; git rm -qr --cached __pycache__; git commit -qm without")


@scenario("#!/bin/sh\n# $3 is 1")
def after_a_switch(place, text):
    need("git")
    place.run("git init -qb main")
    place.write(".git/hooks/post-checkout", content=text, mode=0o755)
    place.write("a.py", "__pycache__/a.pyc")
    place.run("git add a.py; git commit -qm x; rm a.py; git checkout -q a.py")
    assert place.has("__pycache__/a.pyc")
    place.run("git switch -qc other")
    assert not place.has("__pycache__") and place.has("a.py")


@scenario("repos:\n")
def framework(_place, text):
    """test_hooks runs the framework: here it is enough that there are such hooks."""
    manifest = (SOURCES / ".pre-commit-hooks.yaml").read_text()
    makefile = (SOURCES / "Makefile").read_text()
    assert sorted(re.findall(r"- id: (.*)", text)) == sorted(re.findall(r"- id: (.*)", manifest))
    assert f"VERSION := {re.search(r'rev: v(.*)', text)[1]}\n" in makefile


@scenario("pyclean --check -a\n")
def in_ci(place, text):
    need("git")
    place.run("git init -q; mkdir pkg")
    place.run(text)
    place.write("pkg/a.pyc", ".git/refs/heads/fix.pyc", "env/pyvenv.cfg", "env/b.pyc")
    assert "pkg/a.pyc" in place.run(text, status=1)
    assert "env/b.pyc" in place.run(text, status=1)
    assert "fix.pyc" not in place.run(text, status=1)


@scenario("pyclean -n0 | xargs")
def for_other_programs(place, text):
    size, copy, projects = text.splitlines()
    place.write("pkg/__pycache__/a b.pyc", "src/one/pyproject.toml", "src/one/c.pyc", "src/d.pyc")
    place.write("-n.pyc", "--help.pyc")
    assert "pkg/__pycache__" in place.run(size)
    place.run(copy)
    assert "a b.pyc" in place.run("tar -tzf caches.tar.gz")
    place.run(projects)
    assert not place.has("src/one/c.pyc") and place.has("src/d.pyc")


@scenario("find . ")
def others(place, text):
    for command in text.splitlines():
        program = command.split()[0]
        # Debian calls it otherwise.
        found = shutil.which(program) or shutil.which(f"{program}find")
        if not found:
            raise Skip(f"{program} is not installed")
        if program == "fd":
            (place.path / ".bin/fd").symlink_to(found)
        place.write("pkg/__pycache__/a.pyc", "b.pyo", "c.py")
        place.run(command)
        assert place.has("c.py") and not place.has("b.pyo") and not place.has("pkg/__pycache__")
