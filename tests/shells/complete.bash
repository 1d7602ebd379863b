#!/usr/bin/env bash
# Usage: complete.bash COMPLETIONS LINE
#
# Prints what bash offers at the end of LINE, one candidate a line.
set -u

# Only an interactive bash has them; here it is enough that the function may ask.
compopt() {
	:
}

# shellcheck disable=SC1090 # it is the file under test
. "$1" || exit
# Words as readline breaks them: "=" is one of its own, and there is one after the last blank.
read -ra COMP_WORDS <<<"${2//=/ = }"
[[ $2 != *[\ ] ]] || COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))

[[ $(complete -p pyclean) =~ -F\ ([^ ]+) ]] || exit
"${BASH_REMATCH[1]}" pyclean "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
[ ${#COMPREPLY[@]} -eq 0 ] || printf '%s\n' "${COMPREPLY[@]}"
