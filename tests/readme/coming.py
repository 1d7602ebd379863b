"""Scenarios of what to use here, for those who know another program."""

from readme import scenario

SIGNATURE = "Signature: 8a477f597d28d172789f06886806bc55"


def gone(place, command, *paths):
    """Runs a command, and returns those of the paths that have gone."""
    place.run(command)
    return [path for path in paths if not place.has(path)]


@scenario("pyclean --debris=coverage")
def one_topic(place, text):
    place.write(".mypy_cache/CACHEDIR.TAG", content=SIGNATURE)
    place.write("coverage.xml", content="<coverage/>")
    place.write("htmlcov/.gitignore", content="# Created by coverage.py\n")
    assert gone(place, text, ".mypy_cache", "coverage.xml", "htmlcov") == ["htmlcov"]


@scenario("pyclean --debris=build")
def what_a_build_left(place, text):
    place.write("app/dist/app.js", "app/package.json", "my.spec")
    place.write("pyproject.toml", content="[project]\nname = 'a'\n")
    place.write("a.egg-info/PKG-INFO", content="Metadata-Version: 2.1\n")
    place.write("a.egg-info/SOURCES.txt", "build/lib/a.py", "build/bdist.linux/x")
    assert gone(place, text, "app/dist/app.js", "my.spec", "a.egg-info", "build") == [
        "a.egg-info", "build"]


@scenario("pyclean --prune")
def directories_left_empty(place, text):
    place.write("pkg/sub/__pycache__/a.pyc", "other/b.pyc", "other/c.py")
    (place.path / "empty").mkdir()
    assert gone(place, text, "pkg", "other", "empty") == ["pkg"]


@scenario("pyclean -i build,dist")
def two_patterns(place, text):
    place.write("build/a.pyc", "dist/b.pyc", "c.pyc")
    assert gone(place, text, "build/a.pyc", "dist/b.pyc", "c.pyc") == ["c.pyc"]


@scenario("pyclean -i build")
def one_pattern(place, text):
    place.write("build/a.pyc", "pkg/build/a.pyc", "c.pyc")
    assert gone(place, text, "build/a.pyc", "pkg/build/a.pyc", "c.pyc") == ["c.pyc"]


@scenario("pyclean --exclude='*build*'")
def part_of_a_name(place, text):
    place.write("build/a.pyc", "rebuild2/a.pyc", "c.pyc")
    assert gone(place, text, "build/a.pyc", "rebuild2/a.pyc", "c.pyc") == ["c.pyc"]


@scenario("pyclean lib")
def one_directory(place, text):
    place.write("lib/__pycache__/a.pyc", "lib/env/pyvenv.cfg", "lib/env/a.pyc", "lib/.git/a.pyc",
                "a.pyc")
    assert gone(place, text, "lib/__pycache__", "lib/env/a.pyc", "lib/.git/a.pyc", "a.pyc") == [
        "lib/__pycache__"]


@scenario("pyclean .")
def all_in_and_out_of_a_repository(place, text):
    place.write(".git/HEAD", ".gitignore", ".env", "pkg/a.pyc")
    assert gone(place, text, ".git/HEAD", ".env", "pkg/a.pyc") == ["pkg/a.pyc"]


@scenario("pyclean -a lib")
def everything_in_a_directory(place, text):
    place.write("lib/m.py", "lib/__pycache__/m.cpython-39.pyc", "lib/env/pyvenv.cfg",
                "lib/env/n.pyc")
    assert gone(place, text, "lib/m.py", "lib/__pycache__", "lib/env/n.pyc") == [
        "lib/__pycache__", "lib/env/n.pyc"]


@scenario("pyclean -a -t 3.11 lib")
def one_version(place, text):
    old, new = "lib/__pycache__/m.cpython-39.pyc", "lib/__pycache__/m.cpython-311.pyc"
    place.write(old, new)
    assert gone(place, text, old, new) == [new]


@scenario("pyclean -x")
def one_file_system(place, text):
    """test_mounts has file systems: here it is enough that it cleans."""
    place.write("pkg/a.pyc")
    assert gone(place, text, "pkg/a.pyc") == ["pkg/a.pyc"]
