/* make with the user's variables: what is built with which flags, what is installed where, and that
 * nothing is left behind. */

#include "tests.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** What is in a data directory: completions where the shells look for them, and the man page. */
#define INSTALLED_BELOW(share)                                                                     \
 share "/bash-completion/completions/pyclean " share                                               \
       "/fish/vendor_completions.d/pyclean.fish " share "/man/man1/pyclean.1 " share               \
       "/zsh/site-functions/_pyclean "

/** Runs make in the source tree, with the variables that the tests' own make was given. */
static void run_make(const char *target, const char *const variables[2])
{
	const struct outcome *outcome =
		RUN_PROGRAM(.name = "make", .arguments = WORDS(target, variables[0], variables[1]));

	if (outcome->status != 0) {
		assert_outcome(outcome, 0, "", "");
	}
}

/** The paths of all that is no directory in a tree, each with a blank after it. */
static const char *files_in(const struct tree *tree)
{
	struct tree_listing listing = tree_list(tree);
	const char *files = "";

	for (size_t i = 0; i < listing.count; i++) {
		if (listing.entries[i].type != '/') {
			files = scratch_format("%s%s ", files, listing.entries[i].path);
		}
	}
	return files;
}

static mode_t mode_of(const struct tree *tree, const char *path)
{
	struct stat st;

	if (lstat(tree_path(tree, path), &st) != 0) {
		broken("cannot stat '%s'", path);
	}
	return st.st_mode & 07777;
}

/* A package is built in a DESTDIR: a file beside the prefix would be lost, or worse. */
TEST(destdir_and_prefix_are_heeded)
{
	const struct tree *tree = TREE("usr/bin/other");
	const char *const variables[] = { scratch_format("DESTDIR=%s", tree->path), "PREFIX=/usr" };
	mode_t old = umask(077);

	run_make("install", variables);
	umask(old);
	assert_string_equal(files_in(tree),
			    "usr/bin/other usr/bin/pyclean " INSTALLED_BELOW("usr/share"));
	assert_int_equal(mode_of(tree, "usr/bin/pyclean"), 0755);
	assert_int_equal(mode_of(tree, "usr/share/man/man1/pyclean.1"), 0644);
	assert_int_equal(mode_of(tree, "usr/share/zsh/site-functions/_pyclean"), 0644);
	run_make("uninstall", variables);
	assert_tree(tree, "usr/bin/other");
}

/* As an ordinary user has it: make install PREFIX=~/.local, with a blank in the path. */
TEST(a_prefix_alone_does)
{
	const struct tree *tree = TREE("my home/");
	const char *const variables[] = { "DESTDIR=",
					  scratch_format("PREFIX=%s/my home/.local", tree->path) };

	run_make("install", variables);
	assert_string_equal(files_in(tree),
			    "my home/.local/bin/pyclean " INSTALLED_BELOW("my home/.local/share"));
	/* A second time, over what is there. */
	run_make("install", variables);
	run_make("uninstall", variables);
	assert_tree(tree, "my home/");
	/* And again, with nothing there. */
	run_make("uninstall", variables);
	assert_tree(tree, "my home/");
}

/* Most shells leave the tilde in PREFIX=~/.local to make. */
TEST(a_tilde_is_the_home_directory)
{
	const struct tree *tree = TREE("my  home/");
	const struct program make = {
		.name = "make",
		.arguments = WORDS("install", "DESTDIR=", "PREFIX=~/.local"),
		.environment = WORDS(scratch_format("HOME=%s/my  home", tree->path)),
	};

	assert_int_equal(program_run(&make)->status, 0);
	assert_string_equal(files_in(tree), "my  home/.local/bin/pyclean " INSTALLED_BELOW(
						    "my  home/.local/share"));
}

/* An empty ~/.local/bin may be in PATH; one that others use is not ours to take. */
TEST(uninstall_takes_no_directory_that_it_has_not_emptied)
{
	const struct tree *tree = TREE("bin/", "share/fish/", "share/man/man1/", "share/man/man8/");
	const char *const variables[] = { "DESTDIR=", scratch_format("PREFIX=%s", tree->path) };

	run_make("uninstall", variables);
	assert_tree(tree, "bin/", "share/fish/", "share/man/man1/", "share/man/man8/");
	run_make("install", variables);
	tree_add(tree, "share/fish/other");
	run_make("uninstall", variables);
	assert_tree(tree, "share/fish/other", "share/man/man8/");
}

/* What is above the prefix is somebody else's, even if it is empty then. */
TEST(uninstall_stops_at_the_prefix)
{
	const struct tree *tree = TREE("root/opt/");
	const char *const variables[] = { scratch_format("DESTDIR=%s/root", tree->path),
					  "PREFIX=/opt/pyclean" };
	const char *const no_prefix[] = { variables[0], "PREFIX=" };

	run_make("install", variables);
	run_make("uninstall", variables);
	assert_tree(tree, "root/opt/");
	run_make("install", no_prefix);
	run_make("uninstall", no_prefix);
	assert_tree(tree, "root/opt/");
}

/** The commands that build the program with some flags of the user's. */
static const char *commands_with(const char *flags)
{
	const struct tree *tree = TREE(NULL);
	const struct outcome *outcome = program_run(&(const struct program){
		.name = "make",
		.arguments = (const char *const[]){ "-n", scratch_format("BUILD=%s", tree->path),
						    "HARDENING=yes", flags, NULL },
	});

	assert_int_equal(outcome->status, 0);
	return outcome->out;
}

/* A second definition is a warning for each file, or takes the place of the user's. */
TEST(the_users_own_fortification_is_left_alone)
{
	assert_non_null(strstr(commands_with("CFLAGS=-O2"), " -D_FORTIFY_SOURCE=2 "));
	assert_null(strstr(commands_with("CFLAGS=-O2 -D_FORTIFY_SOURCE=3"), "FORTIFY_SOURCE=2"));
	assert_null(strstr(commands_with("CPPFLAGS=-D_FORTIFY_SOURCE=3"), "FORTIFY_SOURCE=2"));
}

/* make deps runs it, also for users who may not install anything. */
TEST(without_root_and_sudo_it_is_said_once_who_installs_cmocka)
{
	static const char id[] = "#!/bin/sh\necho 1000\n";
	const struct tree *tree = TREE("bin/apt-get");
	const struct program program = {
		.name = "sh",
		.arguments = (const char *const[]){ "-c", "PATH=$1; . tests/support/install-cmocka",
						    "sh", tree_path(tree, "bin"), NULL },
	};

	tree_write(tree, "bin/id", id, strlen(id));
	tree_chmod(tree, "bin/id", 0755);
	tree_chmod(tree, "bin/apt-get", 0755);
	assert_outcome(
		program_run(&program), 1, "",
		"There is neither sudo nor doas: run 'tests/support/install-cmocka' as root.\n");
}

/** Asserts on what a shell says in a home where the program is installed below .local. */
static void assert_at_home(const char *shell, const char *commands, const char *said)
{
	const struct tree *tree = TREE("home/");
	const char *home = tree_path(tree, "home");
	const char *const variables[] = { "DESTDIR=", scratch_format("PREFIX=%s/.local", home) };
	const struct outcome *outcome;

	need_tool(shell);
	run_make("install", variables);
	outcome = RUN_PROGRAM(.name = shell, .arguments = WORDS("-c", commands),
			      .environment = WORDS(scratch_format("HOME=%s", home), "XDG_DATA_HOME",
						   "XDG_CONFIG_HOME"));
	assert_outcome(outcome, 0, said, "");
}

TEST(bash_completion_finds_what_is_below_the_home)
{
	if (access("/usr/share/bash-completion/bash_completion", R_OK) != 0) {
		skip_because("bash-completion is not installed");
	}
	assert_at_home("bash",
		       ". /usr/share/bash-completion/bash_completion\n"
		       "_completion_loader pyclean\n"
		       "complete -p pyclean",
		       "complete -F _pyclean pyclean\n");
}

TEST(fish_finds_what_is_below_the_home)
{
	assert_at_home("fish",
		       "set PATH ~/.local/bin $PATH\n"
		       "complete -C 'pyclean --che' | string replace -r '\\t.*' ''",
		       "--check\n");
}

/* What was installed runs by itself. */
TEST(the_installed_program_runs)
{
	const struct tree *tree = TREE("a.pyc");
	const char *const variables[] = { scratch_format("DESTDIR=%s", tree->path), "PREFIX=" };
	const struct outcome *outcome;

	run_make("install", variables);
	outcome = RUN_PROGRAM(.name = tree_path(tree, "bin/pyclean"), .cwd = tree->path,
			      .arguments = split("-n0"));
	assert_int_equal(outcome->status, 0);
	assert_paths(outcome, "a.pyc");
}
