"""Scenarios of the recipes, and of the comparison."""

import re

from place import SOURCES
from readme import need, scenario


@scenario("alias pyclean=")
def shell_alias(place, text):
    place.write("build/a.pyc", "dist/b.pyc", "src/c.pyc")
    said = place.run(f"shopt -s expand_aliases\n{text}\npyclean -n0 | tr '\\0' ' '")
    assert said == "src/c.pyc ", said


@scenario("clean:")
def makefile_target(place, text):
    place.write("Makefile", content=text)
    place.write("src/a.pyc", "a.pyc")
    place.run("make clean")
    assert not place.has("src/a.pyc") and place.has("a.pyc")


@scenario("#!/bin/sh\n# $3 is 1")
def after_a_switch(place, text):
    need("git")
    place.run("git init -qb main")
    place.write(".git/hooks/post-checkout", content=text, mode=0o755)
    place.write("a.py", "__pycache__/gone.cpython-311.pyc")
    place.run("git add a.py; git commit -qm x; rm a.py; git checkout -q a.py")
    assert place.has("__pycache__")
    place.run("git switch -qc other")
    assert not place.has("__pycache__") and place.has("a.py")


@scenario("repos:\n")
def framework(_place, text):
    """test_hooks runs the framework: here it is enough that there are such hooks."""
    manifest = (SOURCES / ".pre-commit-hooks.yaml").read_text()
    assert sorted(re.findall(r"- id: (.*)", text)) == sorted(re.findall(r"- id: (.*)", manifest))


@scenario("printf '%s\\n' '__pycache__/'")
def out_of_git(place, text):
    need("git")
    ignore, untrack, check = text.splitlines()
    place.run("git init -q repository")
    place.write("repository/pkg/a.py", "repository/pkg/a.pyc", "repository/b c/__pycache__/d.pyc",
                "repository/A$py.class", "repository/env/pyvenv.cfg")
    place.run("cd repository; git add -A; git commit -qm all")
    place.run(f"cd repository; {ignore}; {untrack}; git add .gitignore; git commit -qm without")
    assert place.run("cd repository; git ls-files").split() == [
        ".gitignore", "env/pyvenv.cfg", "pkg/a.py"]
    place.run(f"git clone -q repository fresh; cd fresh; {check}")
    place.write("fresh/env/b.pyc", "fresh/.git/refs/heads/fix.pyc")
    said = place.run(f"cd fresh; {check}", status=1)
    assert "env/b.pyc" in said and "fix.pyc" not in said, said


@scenario("pyclean -n0 . | xargs")
def for_other_programs(place, text):
    size, copy = text.splitlines()
    place.write("pkg/__pycache__/a b.pyc", "-n.pyc", "--help.pyc")
    assert "pkg/__pycache__" in place.run(size)
    place.run(copy)
    assert "a b.pyc" in place.run("tar -tzf caches.tar.gz")
