"""A scratch tree to run commands in, with the program under test in PATH as pyclean."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile

SOURCES = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("PYCLEAN") or SOURCES / "build/pyclean").resolve()

# What a run may say otherwise on another file system or with another Python.
MASKS = (
    (re.compile(r"\b\d+(\.\d+)? (B|[KMG]iB)\b"), "SIZE"),
    (re.compile(r"\bcpython-\d+t?\b"), "cpython-XY"),
)


class Place:
    """A directory that is removed at the end of a `with`; it is HOME, too."""

    def __enter__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="pyclean-readme-"))
        (self.path / ".bin").mkdir()
        (self.path / ".bin/pyclean").symlink_to(PROGRAM)
        kept = {name: os.environ[name] for name in ("CC", "LANG", "TMPDIR") if name in os.environ}
        self.environment = {
            **kept,
            "HOME": str(self.path),
            "PATH": f"{self.path}/.bin:{os.environ['PATH']}",
            "GIT_CONFIG_NOSYSTEM": "1",
            **{f"GIT_{who}_{what}": "a@b.example" for who in ("AUTHOR", "COMMITTER")
               for what in ("NAME", "EMAIL")},
        }
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path)

    def write(self, *paths, content="", mode=0o644):
        for path in paths:
            file = self.path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8")
            file.chmod(mode)

    def has(self, path):
        return os.path.lexists(self.path / path)

    def run(self, commands, status=0, **environment):
        """Runs commands of bash, which have to end with a status. Returns what they say."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", commands], cwd=self.path, text=True, check=False,
            env={**self.environment, **environment}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600)
        if done.returncode != status:
            raise AssertionError(
                f"{commands}\nended with {done.returncode}, not {status}:\n{done.stdout}")
        return done.stdout


def comparable(lines):
    """Lines as they are on each machine: the order within a directory is the file system's, so all
    but the last are sorted."""
    for pattern, mask in MASKS:
        lines = [pattern.sub(mask, line) for line in lines]
    return sorted(lines[:-1]) + lines[-1:]
