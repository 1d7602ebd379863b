#!/usr/bin/env -S fish --no-config
# Usage: complete.fish COMPLETIONS LINE
#
# Prints what fish offers at the end of LINE, one candidate a line.

source $argv[1]; or exit
# A description stands behind a tab, an option that is given already in front.
complete -C $argv[2] | string replace -r '\t.*' '' | string replace -r '^--[a-z-]+=(?=.)' ''
