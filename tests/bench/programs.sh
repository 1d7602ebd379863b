# shellcheck shell=bash
#
# Finds the programs of the benchmark's contenders, and reads the table `contenders`. Sourced by `run`,
# which defines die, here, work, tree and cores.

# shellcheck disable=SC2154  # here, work, tree and cores are set by run
declare -A program=()	# name -> path
missing=()		# how to get what is not there
row_works=() row_label=() row_program=() row_command=()	# the table, for each row

# Prints the path of the first of the commands that is a Python script: PATH's pyclean may be ours.
python_script() {
	local file line

	while read -r file; do
		IFS= read -r line <"$file" 2>/dev/null || true
		if [[ $line == '#!'*python* ]]; then
			echo "$file"
			return
		fi
	done < <(type -aP "$@" || true)
}

# Writes a program that runs a Python package from a checkout of its sources, and prints its path.
run_from_checkout() { # PACKAGE DIRECTORY
	local file=$work/packages/$1

	mkdir -p "$work/packages"
	printf '#!/bin/sh\nPYTHONPATH=%q exec python3 -m %q "$@"\n' "$(realpath "$2")" "$1" >"$file"
	chmod +x "$file"
	echo "$file"
}

# Sets the path of a program, or says how to install it.
find_program() { # NAME HINT COMMAND...
	local name=$1 hint=$2 path=${!1:-} package=${1##*_}

	shift 2
	package=${package,,}
	[[ ! -d $path ]] || path=$(run_from_checkout "$package" "$path")
	[[ -n $path ]] || path=$(type -P "$@" | head -n 1) || true
	[[ -z $path ]] || path=$(type -P "$path") || true
	if [[ -n $path ]]; then
		program[$name]=$(realpath -s "$path")
	else
		missing+=("$hint")
	fi
}

find_programs() {
	type -P hyperfine >/dev/null || die "hyperfine is needed (Debian: hyperfine)"
	find_program PYCLEAN "" "$here/../../pyclean"
	[[ -n ${program[PYCLEAN]:-} ]] || die "no pyclean: build it, or set PYCLEAN"
	program[FLOOR]=$work/floor
	find_program FIND "GNU find (Debian: findutils)" find
	find_program BFS "bfs (Debian: bfs; release 4 since Debian 13)" bfs
	find_program FD "fd (Debian: fd-find; elsewhere: cargo install fd-find)" fdfind fd
	find_program GIT "git (Debian: git)" git
	PYPI_PYCLEAN=${PYPI_PYCLEAN:-$(python_script pyclean)}
	find_program PYPI_PYCLEAN "PyPI's pyclean (pipx install pyclean)" /nonexistent
	find_program CLEANPY "cleanpy (pipx install cleanpy)" cleanpy
	find_program PY3CLEAN "py3clean (Debian: python3-minimal)" py3clean
	find_program PYTHON "python3 (Debian: python3)" python3
	[[ -n ${program[PYTHON]:-} ]] || die "python3 is needed (Debian: python3)"
}

# Prints the version of a program, in one line.
version_of() {
	local version="tests/bench/floor.c"

	[[ $1 == FLOOR ]] || version=$("${program[$1]}" --version 2>/dev/null | head -n 1)
	case $1 in
	FLOOR) echo "floor ($version)" ;;
	PYPI_PYCLEAN) echo "PyPI's pyclean ${version#pyclean }" ;;
	CLEANPY) echo "cleanpy ${version##* }" ;;
	*) echo "$version" ;;
	esac
}

# Reads the rows of the table whose programs are installed and were asked for.
read_contenders() {
	local works_of label name command word

	# Without -r: a backslash continues a line.
	# shellcheck disable=SC2162
	while IFS='|' read works_of label name command; do
		[[ $works_of != '#'* && -n $command ]] || continue
		read -r label <<<"$label"
		read -r name <<<"$name"
		read -r command <<<"${command//$'\t'/}"
		[[ -n ${program[$name]:-} ]] || continue
		if [[ -n ${BENCH_ONLY:-} ]]; then
			for word in $BENCH_ONLY none; do
				[[ $label != *$word* ]] || break
			done
			[[ $word != none ]] || continue
		fi
		row_works+=("$works_of")
		row_label+=("$label")
		row_program+=("$name")
		row_command+=("$command")
	done <"$here/contenders"
}

# Prints the command of a row for the shell, and with "shown" as a reader would type it.
command_of() { # ROW [shown]
	local command=${row_command[$1]} name=${row_program[$1]} path

	path=${program[$name]}
	if [[ ${2:-} == shown ]]; then
		path=${path##*/}
		command=${command//--git-dir=@REPOSITORY@ --work-tree=@TREE@ /}
		command=${command//@TREE@/TREE}
	fi
	command=${command//@$name@/$path}
	command=${command//@CORES@/$cores}
	command=${command//@REPOSITORY@/$work/repository}
	printf '%s\n' "${command//@TREE@/$tree}"
}
