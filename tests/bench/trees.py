"""Makes one copy for the benchmark's `stdlib` tree: a Python installation, compiled.

usage: trees.py DIR

DIR, which must not exist, gets the standard library of the Python that runs this script, and of its
site-packages as many packages, in the order of their names, as it takes for ENTRIES_WANTED entries
(all of them where they are fewer). Each module is compiled at the optimization levels 0, 1 and 2;
the bytecode is real. All other files, which no contender reads, are holes as long as the original.

Left out are the installation's own bytecode, what tools leave alone by intent (version control,
virtual environments, node_modules), and links, since a contender that follows them would clean what
is not the benchmark's. Prints the number of entries made.
"""

import importlib.util
import marshal
import multiprocessing
import os
import sys
import sysconfig
import warnings

ENTRIES_WANTED = 50_000
LEVELS = (0, 1, 2)
PACKAGES = ("site-packages", "dist-packages")
LEFT_OUT = {
    "__pycache__", "node_modules", "conda-meta",
    ".git", ".hg", ".svn", ".bzr", ".jj", ".tox", ".nox", ".direnv", ".venv", "venv",
}


def entries_below(top):
    """Estimates how many entries the compiled copy of a file or a directory has."""
    if not os.path.isdir(top):
        return 1
    count = 1
    for _, names, files in walk(top):
        modules = sum(name.endswith(".py") for name in files)
        count += len(names) + len(files) + (1 + len(LEVELS) * modules if modules else 0)
    return count


def walk(top):
    """Walks like os.walk, but past what is left out."""
    for where, names, files in os.walk(top):
        names[:] = sorted(name for name in names if is_wanted(os.path.join(where, name)))
        yield where, names, sorted(name for name in files if is_wanted(os.path.join(where, name)))


def is_wanted(path):
    """Tells whether a file or a directory belongs into the copy."""
    if os.path.islink(path) or os.path.basename(path) in LEFT_OUT:
        return False
    if os.path.isdir(path):
        marks = ("pyvenv.cfg", "conda-meta")
        return not any(os.path.lexists(os.path.join(path, mark)) for mark in marks)
    return os.path.isfile(path) and not path.endswith((".pyc", ".pyo"))


def chosen_sources():
    """Yields pairs of what to copy and its place below DIR."""
    stdlib, packages = (sysconfig.get_path(name) for name in ("stdlib", "purelib"))
    place = os.path.join("lib", os.path.basename(stdlib))
    count = 0
    for entry in sorted(os.listdir(stdlib)):
        source = os.path.join(stdlib, entry)
        if entry not in PACKAGES and is_wanted(source):
            count += entries_below(source)
            yield source, os.path.join(place, entry)
    for entry in sorted(os.listdir(packages)) if os.path.isdir(packages) else ():
        source = os.path.join(packages, entry)
        if count < ENTRIES_WANTED and is_wanted(source):
            count += entries_below(source)
            yield source, os.path.join(place, "site-packages", entry)


def copy_hole(source, target):
    """Makes a file as long as SOURCE, without contents."""
    with open(target, "xb") as hole:
        hole.truncate(os.path.getsize(source))


def copy(source, target):
    """Copies a file or a directory; yields the modules in it as pairs (source, target)."""
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if not os.path.isdir(source):
        copy_hole(source, target)
        if source.endswith(".py"):
            yield source, target
        return
    for where, _, files in walk(source):
        place = os.path.normpath(os.path.join(target, os.path.relpath(where, source)))
        os.mkdir(place)
        for name in files:
            copy_hole(os.path.join(where, name), os.path.join(place, name))
            if name.endswith(".py"):
                yield os.path.join(where, name), os.path.join(place, name)


def compile_module(module):
    """Writes the bytecode of a module, one file a level; one that is no Python 3 has none."""
    source, target = module
    warnings.simplefilter("ignore")
    try:
        with open(source, "rb") as stream:
            text = stream.read()
            status = os.fstat(stream.fileno())
        codes = [compile(text, target, "exec", dont_inherit=True, optimize=n) for n in LEVELS]
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for level, code in zip(LEVELS, codes):
        cache = importlib.util.cache_from_source(target, optimization=level or "")
        os.makedirs(os.path.dirname(cache), exist_ok=True)
        with open(cache, "xb") as stream:
            stream.write(bytecode(code, status))


def bytecode(code, status):
    """Returns a *.pyc with its header (PEP 552), the time and the size of the source in it."""
    fields = (0, int(status.st_mtime), status.st_size)
    header = b"".join((n & 0xFFFFFFFF).to_bytes(4, "little") for n in fields)
    return importlib.util.MAGIC_NUMBER + header + marshal.dumps(code)


def main():
    """Makes the copy that the command line asks for."""
    if len(sys.argv) != 2:
        sys.exit("usage: trees.py DIR")
    top = os.path.abspath(sys.argv[1])
    os.mkdir(top)
    modules = []
    for source, place in chosen_sources():
        modules.extend(copy(source, os.path.join(top, place)))
    with multiprocessing.Pool() as pool:
        pool.map(compile_module, modules, chunksize=16)
    print(sum(len(names) + len(files) for _, names, files in os.walk(top)))


if __name__ == "__main__":
    main()
