/* What goes and what stays without any option. */

#include "tests.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

/* The main job: were it not done, nothing else would matter. */
TEST(caches_and_stray_files_go)
{
	assert_cleans("", "setup.py", "- old.pyc", "- older.pyo", "pkg/a.py", "- pkg/a.pyc",
		      "- pkg/__pycache__/a.cpython-311.pyc",
		      "- pkg/__pycache__/a.cpython-311.opt-1.pyc", "pkg/sub/deeper/b.py",
		      "- pkg/sub/deeper/__pycache__/b.pypy39.pyc");
}

/* Whatever it holds: a __pycache__ that keeps a strange file is not gone. */
TEST(a_cache_goes_whole)
{
	assert_cleans("", "a.py", "- __pycache__/a.cpython-311.pyc", "- __pycache__/notes.txt",
		      "- __pycache__/.hidden", "- __pycache__/link -> ../a.py",
		      "- __pycache__/dangling -> nowhere", "- __pycache__/pipe|",
		      "- __pycache__/socket=", "- __pycache__/sub/deeper/file.py",
		      "- __pycache__/__pycache__/b.pyc", "- __pycache__/.git/config",
		      "- __pycache__/node_modules/x/y.js", "- __pycache__/empty/");
}

/* An empty cache, and directories that are left with nothing in them. */
TEST(empty_caches_go_and_their_parents_stay)
{
	assert_cleans("", "- __pycache__/", "pkg/", "- pkg/__pycache__/", "sub/", "- sub/only.pyc");
}

/* importlib writes to NAME.DIGITS and renames: an interrupted write leaves that behind. */
TEST(interrupted_writes_go)
{
	assert_cleans("", "- a.pyc.1", "- a.pyc.140258761234", "- a.cpython-311.pyc.0",
		      "- a.b.pyc.9999999999999999999999999", "- .pyc.pyc.1");
}

/* A row of the matcher that takes too much destroys what cannot be made again. */
TEST(names_that_only_look_alike_stay)
{
	assert_cleans("", "- x.pyc", ".pyc", ".pyo", ".pyc.12", "pyc", "xpyc", "x.pyc.",
		      "x.pyc.12a", "x.pyc.a12", "x.pyc.1.2", "x.pyc. 1", "x.pyc.-1", "x.pyc.+1",
		      "x.pyc.1~", "x.pycc", "x.pyco", "x.py", "x.pyd", "x.pyi", "x.pyx", "x.pyw",
		      "x.so", "x.PYC", "X.PYC", "x.Pyc", "x.pyO", "x.pyc~", "x.pyc.bak", "x.pyc.gz",
		      "x.pyo.1", "x.pyc ", "x.pyc.orig");
}

/* Stems may be anything of at least one byte. */
TEST(strange_stems_go)
{
	assert_cleans("", "- ..pyc", "- ...pyc", "- .a.pyc", "- -.pyc", "- --.pyc", "- -rf.pyc",
		      "- x.pyc.pyc", "- .pyc.pyo", "- a b.pyc", "-  .pyc", "- *.pyc", "- ~.pyc",
		      "- $HOME.pyc", "- caf\xc3\xa9.pyc", "- caf\xe9.pyc", "- a\nb.pyc",
		      "- \x1b[2J.pyc");
}

/* A directory, FIFO or socket with such a name is no bytecode. */
TEST(what_is_no_file_stays)
{
	assert_cleans("", "dir.pyc/", "dir.pyo/a.py", "- dir.pyo/__pycache__/a.cpython-312.pyc",
		      "dir.pyc.12/", "fifo.pyc|", "fifo.pyc.12|", "socket.pyc=", "socket.pyo=");
}

/* Devices: needs root to make them. */
TEST(devices_stay)
{
	const struct tree *tree = TREE("a.py", "b.pyc");

	if (mknodat(tree->fd, "device.pyc", S_IFCHR | 0600, makedev(1, 3)) != 0) {
		skip_because("this user cannot make a device");
	}
	assert_outcome(run(tree, ""), 0, "Removed 1 file (*).\n", "");
	assert_true(tree_has(tree, "device.pyc"));
	assert_false(tree_has(tree, "b.pyc"));
}

/* A file or a link that is called __pycache__ is not a cache, and what the link leads to stays. */
TEST(a_pycache_that_is_no_directory_stays)
{
	assert_cleans("", "g/", "- g/__pycache__/x.pyc", "a/__pycache__",
		      "b/__pycache__ -> ../real", "c/__pycache__ -> nowhere", "d/__pycache__|",
		      "e/__pycache__=", "f/__PYCACHE__/x.py", "f/__pycache__x/x.py",
		      "f/x__pycache__/x.py", "f/__pycache__.d/x.py", "f/pycache/x.py", "real/x.py");
}

/* The link goes, its target stays: unlinking the target would reach out of the tree. */
TEST(links_to_bytecode_go_and_their_targets_stay)
{
	const struct tree *tree =
		TREE("outside/kept.pyc", "outside/dir/a.pyc",
		     "project/a.pyc -> ../outside/kept.pyc", "project/b.pyo -> ../outside/dir",
		     "project/c.pyc -> nowhere", "project/d.pyc.12 -> /",
		     "project/e -> ../outside/dir", "project/f -> ../outside/kept.pyc");

	assert_outcome(run(tree, "project"), 0, "Removed 4 files (*).\n", "");
	assert_tree(tree, "outside/kept.pyc", "outside/dir/a.pyc", "project/e -> ../outside/dir",
		    "project/f -> ../outside/kept.pyc");
}

/* Links are not followed: what they lead to may be outside, or above. */
TEST(links_to_directories_are_not_entered)
{
	const struct tree *tree =
		TREE("outside/a.pyc", "outside/__pycache__/b.pyc", "project/out -> ../outside",
		     "project/up -> ..", "project/self -> .", "project/root -> /",
		     "project/loop -> loop", "project/x.pyc");

	assert_outcome(run(tree, "project"), 0, "Removed 1 file (*).\n", "");
	assert_tree(tree, "outside/a.pyc", "outside/__pycache__/b.pyc", "project/out -> ../outside",
		    "project/up -> ..", "project/self -> .", "project/root -> /",
		    "project/loop -> loop");
}

/* Permissions of a file do not matter to unlink, and a prompt as of rm would hang a script. */
TEST(read_only_bytecode_goes)
{
	const struct tree *tree = TREE("a.pyc", "__pycache__/b.pyc", "c.py");

	tree_chmod(tree, "a.pyc", 0);
	tree_chmod(tree, "__pycache__/b.pyc", 0400);
	assert_outcome(run(tree, ""), 0, "Removed 2 files and 1 directory (*).\n", "");
	assert_tree(tree, "c.py");
}

/* A second run has nothing to do, and says so. */
TEST(a_second_run_finds_nothing)
{
	const struct tree *tree = TREE("a.pyc", "pkg/__pycache__/b.pyc", "pkg/b.py");

	assert_outcome(run(tree, ""), 0, "Removed 2 files and 1 directory (*).\n", "");
	assert_outcome(run(tree, ""), 0, "Nothing to remove.\n", "");
	assert_tree(tree, "pkg/b.py");
}
