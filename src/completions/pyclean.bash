# shellcheck shell=bash
#
# Completions of pyclean for bash. Found by bash-completion when pyclean is first completed; without
# it, source this file.

# _pyclean_add PREFIX COMPGEN_OPTION...: adds what begins with $cur, after PREFIX.
_pyclean_add() {
	local prefix=$1 candidate
	shift
	while IFS= read -r candidate; do
		COMPREPLY+=("$prefix$candidate")
	done < <(compgen "$@" -- "$cur")
}

# _pyclean_add_item PREFIX COMPGEN_OPTION...: the same for the last item of a list.
_pyclean_add_item() {
	local prefix=$1
	shift
	[[ $cur != *,* ]] || prefix+=${cur%,*},
	cur=${cur##*,}
	_pyclean_add "$prefix" "$@"
}

# _pyclean_argument OPTION PREFIX: completes the argument of an option. Fails if it has none.
_pyclean_argument() {
	case $1 in
	-k | --keep-tag | -t | --tag)
		_pyclean_add_item "$2" -W 'auto 3.9 3.10 3.11 3.12 3.13 3.14 pypy310 pypy311'
		;;
	-i | --ignore | --exclude)
		compopt -o filenames
		_pyclean_add_item "$2" -f
		;;
	--prefix)
		compopt -o filenames
		_pyclean_add "$2" -d
		;;
	--debris)
		_pyclean_add_item "$2" -W 'caches coverage build all'
		;;
	--color | --progress) _pyclean_add "$2" -W 'auto always never' ;;
	-j | --jobs) ;;
	*) return 1 ;;
	esac
}

_pyclean() {
	local cur=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} word

	COMPREPLY=()
	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		[[ $word != -- ]] || { _pyclean_paths; return; }
	done

	# Where "=" breaks words, as it does unless COMP_WORDBREAKS was changed, it is one itself.
	if [[ $cur == = && $previous == --* ]]; then
		cur=
	elif [[ $previous == = ]]; then
		previous=${COMP_WORDS[COMP_CWORD - 2]}
	elif [[ $previous == --debris ]]; then
		previous= # Its argument can only be given with a "=".
	fi
	if [[ $cur == --*=* ]]; then
		word=${cur%%=*}
		cur=${cur#*=}
		_pyclean_argument "$word" "$word="
		return
	fi
	# The last letter of a cluster, as in -nk.
	[[ $previous =~ ^-[0adfnpqsvx]*([ijkt])$ ]] && previous=-${BASH_REMATCH[1]}
	_pyclean_argument "$previous" '' && return

	if [[ $cur == -* ]]; then
		_pyclean_add '' -W '-0 --null -a --all --check --color= -d --debris --exclude= -f --force -h --help -i --ignore= -j --jobs=
			--json -k --keep-tag= --keep-sourceless -n --dry-run -p --prune --prefix= --progress=
			-q --quiet -s --stale -t --tag= -v --verbose -V --version -x --one-file-system'
		[[ ${COMPREPLY[0]-} != *= || ${#COMPREPLY[@]} -ne 1 ]] || compopt -o nospace
		return
	fi
	_pyclean_paths
}

_pyclean_paths() {
	compopt -o filenames
	_pyclean_add '' -d
	_pyclean_add '' -f -X '!*.py'
	_pyclean_add '' -f -X '!*.py[co]'
}

complete -F _pyclean pyclean
