# Completions of pyclean for fish.

# Completes for a command without completions, so that fish reads quotes, variables and a tilde.
function __fish_pyclean_paths
	set -l token (commandline -ct)
	string match -q -- '--*=*' $token; and return
	complete -C"__fish_pyclean_no_such_command -- $token" |
		string match -r '^[^\t]*(?:/|\.py[co]?)(?:\t.*)?$'
end

# The current argument without its option.
function __fish_pyclean_argument
	commandline -ct | string replace -r '^(?:-[0adfnpqsvx]*[ijkt]|--[a-z-]+=)' ''
end

# Completes the last item of a comma-separated list.
function __fish_pyclean_tags
	set -l before (__fish_pyclean_argument | string match -r '^.*,')
	printf '%s\n' "$before"{auto,3.9,3.10,3.11,3.12,3.13,3.14,pypy310,pypy311}
end

function __fish_pyclean_topics
	set -l before (__fish_pyclean_argument | string match -r '^.*,')
	printf '%s\n' "$before"{caches,coverage,build,all}
end

function __fish_pyclean_patterns
	set -l before (__fish_pyclean_argument | string match -r '^.*,')
	for path in (__fish_complete_path (__fish_pyclean_argument | string replace -r '^.*,' ''))
		printf '%s\n' "$before$path"
	end
end

complete -c pyclean -f -a '(__fish_pyclean_paths)'
complete -c pyclean -s 0 -l null -d 'Write only raw paths, a NUL after each'
complete -c pyclean -s a -l all -d 'Also enter virtual environments and node_modules'
complete -c pyclean -l check -d 'As --dry-run; exit with 1 if anything would be removed'
complete -c pyclean -l color -x -a 'auto always never' -d 'Colours'
complete -c pyclean -s d -d 'Also remove caches of other tools'
complete -c pyclean -l debris -a '(__fish_pyclean_topics)' -d 'Also remove what other tools have left behind'
complete -c pyclean -s f -l force -d 'Ignore a path that does not exist'
complete -c pyclean -s h -l help -d 'Print a summary of the options'
complete -c pyclean -s i -l ignore -l exclude -x -a '(__fish_pyclean_patterns)' \
	-d 'Keep what matches, by the rules of gitignore'
complete -c pyclean -s j -l jobs -x -d 'Use up to this many threads, 1 to 64'
complete -c pyclean -l json -d 'Write only JSON, an object per line'
complete -c pyclean -s k -l keep-tag -x -a '(__fish_pyclean_tags)' \
	-d 'Keep bytecode of these interpreters'
complete -c pyclean -l keep-sourceless -d 'Keep *.pyc files that have no source beside them'
complete -c pyclean -s n -l dry-run -d 'List what would be removed; remove nothing'
complete -c pyclean -s p -l prune -d 'Also remove directories that this leaves empty'
complete -c pyclean -l prefix -x -a '(__fish_complete_directories (__fish_pyclean_argument))' \
	-d 'Cache-prefix tree, instead of PYTHONPYCACHEPREFIX'
complete -c pyclean -l progress -x -a 'auto always never' -d 'Show a progress line'
complete -c pyclean -s q -l quiet -d 'Write only errors'
complete -c pyclean -s s -l stale -d 'Only bytecode that no longer matches its source'
complete -c pyclean -s t -l tag -x -a '(__fish_pyclean_tags)' \
	-d 'Only bytecode of these interpreters'
complete -c pyclean -s v -l verbose -d 'A line for each file and directory, with the reason'
complete -c pyclean -s V -l version -d 'Print the version'
complete -c pyclean -s x -l one-file-system -d 'Do not enter other file systems'
