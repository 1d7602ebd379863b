#!/usr/bin/env -S zsh -f
# Usage: complete.zsh COMPLETIONS LINE
#
# Prints what zsh offers at the end of LINE, one candidate a line. The completion system works in
# the line editor alone, so a second zsh, on a terminal of its own, is typed to.

zmodload zsh/zpty || exit
work=$(mktemp -d) || exit
trap 'zpty -d inner 2>/dev/null; rm -rf $work' EXIT
: >$work/candidates

# Instead of offering candidates to the line editor alone, compadd writes them down.
cat >$work/.zshrc <<RC
PS1= PS2= RPS1=
work=${(q)work}
fpath=(${(q)1:A:h} \$fpath)
RC
cat >>$work/.zshrc <<'RC'
autoload -Uz compinit && compinit -u -D
compadd() {
	local -a found
	case " $* " in (*" -O "* | *" -A "* | *" -D "*) ;; (*)
		builtin compadd -O found "$@"
		print -rl -- ${(Q)found} >>$work/candidates
	esac
	builtin compadd "$@"
}
finished() {
	print FINISHED
}
zle-line-init() {
	print READY
}
zle -N finished
zle -N zle-line-init
bindkey '^X' finished
RC

# Reads until a mark. A shell that ends without it ends this, too.
read-to() {
	local seen
	zpty -r inner seen "*$1*" || exit
}

zpty inner "ZDOTDIR=${(q)work} zsh -d -i"
read-to READY
zpty -w -n inner "$2"$'\t\x18'
read-to FINISHED
grep . $work/candidates | sort -u
