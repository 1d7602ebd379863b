# Sourced by the tests here: steps in order, as TAP. A step that fails ends the script.

# Nothing of a make that runs the tests.
unset MAKEFLAGS MFLAGS
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
number=0

# plan COUNT TOOL...: how many steps there are, and what they need; without it all is skipped.
plan() {
	local tool
	printf '1..%d\n' "$1"
	for tool in "${@:2}"; do
		command -v "$tool" >/dev/null && continue
		printf '%s is not installed\nok 1 # SKIP all\n' "$tool"
		exit 0
	done
}

# try NAME COMMAND...: a step; what the command says is shown if it fails.
try() {
	local status
	number=$((number + 1))
	# Not in the `if` itself: bash ignores -e in a condition.
	(set -e; "${@:2}") >"$scratch/log" 2>&1
	status=$?
	if [ $status -eq 0 ]; then
		printf 'ok %d - %s\n' $number "$1"
	else
		printf 'not ok %d - %s\n' $number "$1"
		sed 's/^/# /' "$scratch/log"
		exit 1
	fi
}
