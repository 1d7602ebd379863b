# pyclean: build, test, lint, install. `make help` lists the targets.
#
# CC, CPPFLAGS, CFLAGS, LDFLAGS, PREFIX and DESTDIR are for the user. Required flags are in separate
# variables, so `make CFLAGS=-O3` or `make CC=musl-gcc LDFLAGS=-static` just work.

VERSION := 0.2.0

PREFIX  ?= /usr/local
# Expand the tilde in PREFIX=~/.local; among the shells only bash does.
override PREFIX := $(if $(filter ~/%,$(firstword $(PREFIX))),$(subst ^~/,$(HOME)/,^$(PREFIX)),$(PREFIX))
DESTDIR ?=
BINDIR  ?= $(PREFIX)/bin
DATADIR ?= $(PREFIX)/share
MANDIR  ?= $(DATADIR)/man
INSTALL ?= install

# Where each shell looks for the completions of installed programs.
BASHDIR ?= $(DATADIR)/bash-completion/completions
ZSHDIR  ?= $(DATADIR)/zsh/site-functions
FISHDIR ?= $(DATADIR)/fish/vendor_completions.d

CFLAGS ?= -O2 -g

# The build directory. Each set of flags can have a separate one:
#   make check BUILD=build/asan CFLAGS='-g -O1 -fsanitize=address,undefined' \
#       LDFLAGS=-fsanitize=address,undefined
BUILD ?= build

# The program that the black-box tests run.
PYCLEAN ?= $(BUILD)/pyclean

# `make HARDENING=` builds without the hardening flags.
HARDENING ?= yes

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:

# ---- Flags -------------------------------------------------------------------------------------

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wold-style-definition -Wwrite-strings -Wformat=2 -Wvla -Wundef \
	-Wcast-qual -Wcast-align -Wpointer-arith -Wimplicit-fallthrough -Wnull-dereference

# gcc before 12 gives this for nested designated initializers; CI turns it on with a later one.
WARNINGS += -Wno-missing-field-initializers

# These goals compile nothing, so they need no probes.
compiles := $(filter-out deps uninstall dist static wheel clean format lint% help,\
	$(or $(MAKECMDGOALS),all))

# $(call probe,FLAG): FLAG if the compiler accepts it.
probe = $(shell mkdir -p $(BUILD) && \
	$(CC) -Werror $(1) -x c -c /dev/null -o $(BUILD)/probe.o 2>/dev/null && echo '$(1)')

ifneq ($(and $(HARDENING),$(compiles)),)
hardening_cflags := -fstack-protector-strong -fPIE \
	$(call probe,-fstack-clash-protection) $(call probe,-fcf-protection)

# _FORTIFY_SOURCE needs optimization. It would hide errors from a sanitizer, which finds more. The
# user's own level counts.
ifneq ($(filter -O1 -O2 -O3 -Os -Og -Oz -Ofast -O,$(CFLAGS)),)
ifeq ($(findstring -fsanitize,$(CFLAGS))$(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),)
hardening_cflags += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif
endif

# macOS's linker neither has nor needs these. The compiler's target may be another system.
ifeq ($(shell $(CC) -dumpmachine 2>/dev/null | grep -E 'darwin|macos'),)
hardening_ldflags := -Wl,-z,relro,-z,now -Wl,-z,noexecstack
# No -pie with -static: musl-gcc and older tool chains would link a broken program.
ifeq ($(filter -static -no-pie,$(LDFLAGS)),)
hardening_ldflags += -pie
endif
endif
endif

# 32-bit systems need flags for large files and times after 2038.
ifneq ($(compiles),)
wide_cppflags := $(shell $(CC) $(CPPFLAGS) $(CFLAGS) -E -dM -x c /dev/null | \
	grep -q '__SIZEOF_LONG__ 4' && echo -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64)
endif

# PORTABLE=1 uses nothing that only Linux or glibc has, to test what other systems run.
PORTABLE ?=

# -UNDEBUG: the assertions stay, also with compilers that drop them when they optimize.
own_cppflags := $(wide_cppflags) $(PORTABLE:%=-DPYCLEAN_PORTABLE) -D_GNU_SOURCE -UNDEBUG \
	-DPYCLEAN_VERSION='"$(VERSION)"' -Iinclude -Isrc
own_cflags   := -std=c17 -pthread $(WARNINGS)

COMPILE = $(CC) $(own_cppflags) $(CPPFLAGS) $(own_cflags) $(hardening_cflags) $(CFLAGS) -MMD -MP
LINK    = $(CC) -pthread $(CFLAGS) $(hardening_ldflags) $(LDFLAGS)

# $(call say,WORD,FILE) in front of a command shows this line in its place. V=1 shows the command.
V      ?=
silent := $(findstring s,$(firstword -$(MAKEFLAGS)))
say     = $(if $(filter 1,$(V)),,@$(if $(silent),,echo '$(1) $(2)';))

# ---- Files -------------------------------------------------------------------------------------

sources  := $(wildcard src/*.c src/*/*.c)
objects  := $(sources:%.c=$(BUILD)/%.o)
library  := $(BUILD)/libpyclean.a
unit     := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c))
blackbox := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/blackbox/test_*.c))
support  := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/support/*.c))
shims    := $(patsubst %.c,$(BUILD)/%.so,$(wildcard tests/shim/*.c))

unit_support := $(patsubst %.c,$(BUILD)/%.o,$(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c)))
test_objects := $(unit:%=%.o) $(unit_support) $(blackbox:%=%.o) $(support)

# ---- Program -----------------------------------------------------------------------------------

.PHONY: all
all: $(BUILD)/pyclean ## build the program

# The default build's program can be run as ./pyclean.
ifeq ($(BUILD),build)
all: pyclean
pyclean: $(BUILD)/pyclean
	$(call say,LN,$@) ln -sf $< $@
endif

$(BUILD)/pyclean: $(BUILD)/src/main.o $(library)
	$(call say,LINK,$@) $(LINK) -o $@ $^ $(LDLIBS)

# Created from scratch, so that it has no objects of removed sources.
$(library): $(filter-out $(BUILD)/src/main.o,$(objects))
	@rm -f $@
	$(call say,AR,$@) $(AR) rcs $@ $^

$(BUILD)/src/%.o: src/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<) $(COMPILE) $(SOURCE_CFLAGS) -c -o $@ $<

# Changes with the compiler and the flags, so that everything is then rebuilt.
flags := $(strip $(COMPILE) $(SOURCE_CFLAGS) / $(LINK) $(LDLIBS))
.PHONY: FORCE
ifneq ($(flags),$(shell cat $(BUILD)/flags 2>/dev/null))
$(BUILD)/flags: FORCE
endif
$(BUILD)/flags:
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(flags))' >$@

-include $(objects:.o=.d) $(test_objects:.o=.d)

# ---- Tests -------------------------------------------------------------------------------------
#
# A unit-test program is linked with every object but main.o, and with the C library wrappers of
# tests/unit/interpose.h.

# Also by the names that glibc's headers give them with wide offsets and times, fortified, or inline.
wrapped := nftw nftw64 __nftw64_time64 openat openat64 __openat_2 __openat64_2 unlinkat \
	fstat fstat64 __fstat64_time64 fstatat fstatat64 __fstatat64_time64 \
	__fxstat __fxstat64 __fxstatat __fxstatat64 \
	getdents getdents64 fdopendir readdir readdir64 clock_gettime __clock_gettime64 \
	pthread_create malloc calloc realloc strdup strndup realpath
unit_ldflags := $(wrapped:%=-Wl,--wrap=%)

cmocka_cflags = $(shell pkg-config --cflags cmocka 2>/dev/null)
cmocka_libs   = $(shell pkg-config --libs cmocka 2>/dev/null || echo -lcmocka)
cmocka_probe  = mkdir -p $(BUILD) && printf '%s\n' '\#include <setjmp.h>' '\#include <stdarg.h>' \
	'\#include <stddef.h>' '\#include <stdint.h>' '\#include <cmocka.h>' \
	'int main(void) { skip(); }' | \
	$(CC) $(CPPFLAGS) $(cmocka_cflags) $(CFLAGS) -x c - -o $(BUILD)/cmocka-probe \
	$(LDFLAGS) $(cmocka_libs) 2>$(BUILD)/cmocka-probe.log

.PHONY: tests
tests: $(BUILD)/pyclean $(unit) $(blackbox) $(shims) ## build the tests

# Tests that only `make check-all` runs: they depend on chance, take long, need shells or Pythons, or
# make a distribution. The longest first.
long := $(patsubst %,$(BUILD)/tests/blackbox/test_%,\
	races interpreters completions debris_tools hooks random memory debris_random stopping scarcity \
	stdlib injection distribution company install)

# These test the same files for any build of the program.
same_for_all := $(patsubst %,$(BUILD)/tests/blackbox/test_%,completions distribution install)
elsewhere     = $(if $(or $(SLOW),$(filter-out $(BUILD)/pyclean,$(PYCLEAN))),$(same_for_all))

# TESTS='unit/test_pool blackbox/test_jobs' runs only these.
TESTS ?=
chosen := $(foreach test,$(TESTS),$(or $(wildcard tests/$(test)),$(BUILD)/tests/$(test)))

short       := $(or $(chosen),$(filter-out $(long),$(blackbox)) $(unit))
all_blackbox = $(filter-out $(elsewhere),$(filter $(long),$(blackbox)) $(filter-out $(long),$(blackbox)))
all_tests    = $(or $(chosen),$(scripts) $(all_blackbox) $(unit))

.PHONY: check
check: $(BUILD)/pyclean $(short) $(shims) ## build and run the quick tests (TESTS=...: only these)
	@IN_MEMORY=1 $(run_tests) $(short)

.PHONY: check-all
check-all: tests ## build and run all tests (SLOW=1: with fewer rounds)
	@$(run_tests) $(all_tests)

.PHONY: check-unit
check-unit: $(unit) ## run the unit tests
	@$(run_tests) $(unit)

.PHONY: check-blackbox
check-blackbox: $(PYCLEAN) $(blackbox) $(shims) ## run all black-box tests (PYCLEAN=/path/to/another)
	@$(run_tests) $(all_blackbox)

# Tests of the README and of packages. They build the program themselves, so they are left out of a SLOW run
# and of coverage.
scripts = $(if $(SLOW),,tests/readme/test_commands tests/readme/test_picture \
	tests/packaging/test_deb tests/packaging/test_wheel)

.PHONY: readme
readme: $(BUILD)/pyclean ## draw the picture in the README
	PYCLEAN='$(abspath $(BUILD)/pyclean)' \
		tests/readme/picture.py tests/readme/session.svg tests/readme/session-dark.svg

# WRAPPER is a command that runs the program and the unit tests: valgrind --error-exitcode=99
run_tests = PYCLEAN='$(abspath $(PYCLEAN))' PYCLEAN_WRAPPER='$(WRAPPER)' PYCLEAN_SLOW='$(SLOW)' \
	PYCLEAN_SHIMS='$(abspath $(BUILD)/tests/shim)' PYCLEAN_TIMES='$(BUILD)/tests/times' \
	tests/support/run

$(BUILD)/tests/unit/test_%: $(BUILD)/tests/unit/test_%.o $(unit_support) $(support) $(library)
	$(call say,LINK,$@) $(LINK) $(unit_ldflags) -o $@ $^ $(cmocka_libs) $(LDLIBS)

$(BUILD)/tests/blackbox/test_%: $(BUILD)/tests/blackbox/test_%.o $(support)
	$(call say,LINK,$@) $(LINK) -o $@ $^ $(cmocka_libs) $(LDLIBS)

$(BUILD)/tests/%.o: tests/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<) $(COMPILE) -Itests/support $(cmocka_cflags) -c -o $@ $<

# Built without the user's flags, since any build of the program loads it.
$(BUILD)/tests/shim/%.so: tests/shim/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<) $(CC) $(own_cppflags) $(own_cflags) -O1 -fPIC -shared -o $@ $<

# Order-only: `make -j deps check` installs cmocka before it compiles against it.
$(test_objects): | cmocka
.PHONY: cmocka
cmocka: $(filter deps,$(MAKECMDGOALS))
	@$(cmocka_probe) || { cat $(BUILD)/cmocka-probe.log >&2; \
		echo "The tests need cmocka, which $(CC) cannot use: 'make deps' installs it." >&2; exit 1; }

.PHONY: deps
deps: ## install what the tests need (cmocka), with the system's package manager
	@{ $(cmocka_probe); } || tests/support/install-cmocka

# ---- Coverage ----------------------------------------------------------------------------------
#
# By gcc and gcov. In the files that remove, or decide what is removed, each branch must be taken by a
# test unless a comment says why. tests/coverage/run lists the files and gives the comment's form.

coverage_build := $(BUILD)/coverage
coverage_keep  := $(coverage_build)/tests/coverage/keep.o
coverage_flags := BUILD=$(coverage_build) CFLAGS='-g -O0' HARDENING= \
	SOURCE_CFLAGS='--coverage -fprofile-update=atomic' \
	LDFLAGS='--coverage -Wl,--wrap=_exit,--wrap=raise' LDLIBS=$(coverage_keep) scripts=

.PHONY: coverage
coverage: ## run the tests and report which lines and branches they take
	@$(MAKE) $(coverage_flags) $(coverage_keep)
	@tests/coverage/run $(coverage_build) $(MAKE) $(coverage_flags) check-all

# ---- Benchmark ---------------------------------------------------------------------------------

.PHONY: bench
bench: $(BUILD)/pyclean ## time the program against others (BENCH_TREES=tiny for a quick look)
	PYCLEAN='$(abspath $(BUILD)/pyclean)' CC='$(CC)' tests/bench/run

# ---- Fuzzing -----------------------------------------------------------------------------------
#
# By clang's libFuzzer, starting from the corpus in the tree. Findings are kept below $(BUILD)/fuzz; to
# repeat one, pass its name to the fuzzer.

FUZZ_CC      ?= clang
FUZZ_SECONDS ?= 60
fuzz_flags   := -g -O1 -fno-sanitize-recover=undefined -fsanitize=fuzzer,address,undefined
fuzzers      := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))

.PHONY: fuzz
fuzz: $(fuzzers:%=fuzz-%) ## fuzz the parsers of names, headers, options and patterns, FUZZ_SECONDS=60 each

.PHONY: $(fuzzers:%=fuzz-%)
$(fuzzers:%=fuzz-%): fuzz-%: $(BUILD)/fuzz/%
	@mkdir -p $(BUILD)/fuzz/corpus/$*
	$< -max_total_time=$(FUZZ_SECONDS) -timeout=10 -max_len=512 -verbosity=0 \
		-artifact_prefix=$(BUILD)/fuzz/$*- $(BUILD)/fuzz/corpus/$* tests/fuzz/corpus/$*

$(BUILD)/fuzz/%: tests/fuzz/fuzz_%.c $(filter-out src/main.c,$(sources)) $(wildcard include/*.h src/*.h src/*/*.h) \
		tests/fuzz/fuzz.h
	@mkdir -p $(@D)
	$(call say,LINK,$@) $(FUZZ_CC) $(own_cppflags) $(own_cflags) $(fuzz_flags) -o $@ $(filter %.c,$^)

# ---- Style -------------------------------------------------------------------------------------

c_files     := $(wildcard src/*.c src/*.h src/*/*.c src/*/*.h include/*.h tests/*/*.c tests/*/*.h)
# Files whose first line names a shell, and files that a shell sources.
shell_files = $(shell grep -rlE '^\#!/.*sh$$' .ci .github tests src) src/completions/pyclean.bash

.PHONY: format
format: ## format the sources by .clang-format
	clang-format -i $(c_files)

.PHONY: lint
lint: lint-format lint-layers lint-tidy lint-cppcheck lint-man lint-shell ## run all installed checkers

, := ,
# $(call with,TOOL,COMMAND): run COMMAND, or report that TOOL is missing.
with = @if command -v $(1) >/dev/null 2>&1; then $(2); else echo 'lint: $(1) is not installed'; fi

.PHONY: lint-format lint-layers lint-tidy lint-cppcheck lint-man lint-shell
lint-format:
	$(call with,clang-format,clang-format --dry-run -Werror $(c_files))

# No folder of src/ may include a header of a folder above it.
lint-layers:
	@tests/style/layers

# One process per file, to run in parallel; this is by far the slowest tool.
lint-tidy:
	@mkdir -p $(BUILD)
	$(call with,clang-tidy,printf '%s\n' $(filter %.c,$(c_files)) | \
		xargs -I '{}' -P "$$(getconf _NPROCESSORS_ONLN)" clang-tidy --quiet '{}' -- \
		$(own_cppflags) $(own_cflags) -Itests/support 2>$(BUILD)/tidy.log || \
		{ cat $(BUILD)/tidy.log; exit 1; })

lint-cppcheck:
	$(call with,cppcheck,cppcheck --quiet --std=c11 --enable=warning$(,)performance$(,)portability \
		--inline-suppr --suppress=missingIncludeSystem --error-exitcode=1 \
		-D_GNU_SOURCE -DPYCLEAN_VERSION='"$(VERSION)"' -D__linux__ -Iinclude -Isrc -Itests/support \
		$(filter %.c,$(c_files)))

lint-man:
	$(call with,mandoc,mandoc -T lint -W warning $(wildcard man/*.1))

lint-shell:
	$(call with,shellcheck,shellcheck -x -P SCRIPTDIR $(shell_files))

# ---- Install -----------------------------------------------------------------------------------

# $(call each,COMMAND): COMMAND MODE FILE DIRECTORY NAME for each file that is installed.
define each
$(1) 755 '$(BUILD)/pyclean' '$(DESTDIR)$(BINDIR)' pyclean
$(1) 644 man/pyclean.1 '$(DESTDIR)$(MANDIR)/man1' pyclean.1
$(1) 644 src/completions/pyclean.bash '$(DESTDIR)$(BASHDIR)' pyclean
$(1) 644 src/completions/_pyclean '$(DESTDIR)$(ZSHDIR)' _pyclean
$(1) 644 src/completions/pyclean.fish '$(DESTDIR)$(FISHDIR)' pyclean.fish
endef

put = @put() { $(INSTALL) -d "$$3" && $(INSTALL) -m "$$1" "$$2" "$$3/$$4"; }; put

# Also removes the directories left empty, up to the prefix, but none of the system's below /usr.
take = @take() { \
	[ -e "$$3/$$4" ] || return 0; \
	rm -f "$$3/$$4" && directory=$$3 || return; \
	while case $$directory/ in '$(DESTDIR)/' | /usr/*) false ;; '$(DESTDIR)$(PREFIX)/'*) ;; *) false; esac \
		&& rmdir "$$directory" 2>/dev/null; do directory=$${directory%/*}; done; }; take

.PHONY: install
install: $(BUILD)/pyclean ## install program, man page and completions below $(DESTDIR)$(PREFIX)
	$(call each,$(put))

.PHONY: uninstall
uninstall: ## remove them, and directories that are left empty
	$(call each,$(take))

# ---- Distribution ------------------------------------------------------------------------------

archive := $(BUILD)/pyclean-$(VERSION).tar.gz

.PHONY: dist
dist: ## pack the sources of HEAD, reproducibly
	@mkdir -p $(BUILD)
	@git rev-parse -q --verify HEAD >/dev/null || { echo 'dist: requires a git repository.' >&2; exit 1; }
	@git -c tar.umask=0022 archive --format=tar --prefix=pyclean-$(VERSION)/ HEAD | \
		gzip -9n >$(archive)
	@tar -tf $(archive) pyclean-$(VERSION)/Makefile >/dev/null && echo $(archive)

# A program without dependencies. With musl it is six times smaller than with glibc.
STATIC_CC ?= $(or $(if $(filter default,$(origin CC)),$(shell command -v musl-gcc)),$(CC))

.PHONY: static
static: ## build a small static program, with musl if it is installed and CC is not set
	@command -v musl-gcc >/dev/null || echo 'musl-gcc is not installed: the program by $(STATIC_CC) may be larger.'
	@$(MAKE) --no-print-directory CC='$(STATIC_CC)' BUILD='$(BUILD)/static' \
		CFLAGS='-Os -fno-asynchronous-unwind-tables -ffunction-sections -fdata-sections' \
		LDFLAGS='-static -s -Wl,--gc-sections' '$(BUILD)/static/pyclean'

# PyPI's `pyclean` is another program.
WHEEL_NAME ?= pyclean-static

.PHONY: deb
deb: $(BUILD)/pyclean ## build a Debian package
	@.github/packaging/deb '$(BUILD)' '$(VERSION)'

.PHONY: wheel
wheel: static ## build a wheel with the static program, for pip, pipx and uv
	@.github/packaging/wheel '$(BUILD)/static/pyclean' man/pyclean.1 LICENSE '$(WHEEL_NAME)' '$(VERSION)' '$(BUILD)'

.PHONY: clean
clean: ## remove build products
	rm -rf -- '$(BUILD)' pyclean

.PHONY: help
help: ## list the targets
	@echo 'Usage: make [TARGET]... [VARIABLE=VALUE]...'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 20
	@echo 'Variables: PREFIX DESTDIR CC CPPFLAGS CFLAGS LDFLAGS BUILD HARDENING PYCLEAN WRAPPER SLOW V TESTS'
