# Draws the benchmark's chart: a panel of horizontal bars for each work.
#
#	gnuplot -e "work='DIRECTORY'; chart='FILE.svg'" chart.gp
#
# DIRECTORY has `panels`, the names of the panels, and a NAME.panel for each: a title, then lines of
# place, length, label, text, colour.

panels = system("cat '".work."/panels'")
bars(name) = int(system("grep -vc '^\"' '".work."/".name.".panel'"))

# In pixels: a bar with the space around it, and the space above and below the bars of a panel.
bar = 26.0
above = 52.0
below = 14.0
height = 0
do for [name in panels] {
	height = height + above + bars(name) * bar + below
}

set terminal svg size 760, height dynamic background "#ffffff" font "sans-serif,14"
set output chart
set multiplot
set style fill solid noborder
set border 0
set tics scale 0
set ytics nomirror
unset xtics
unset key
set lmargin at screen 0.19
set rmargin at screen 0.97

top = 1.0
do for [name in panels] {
	file = work."/".name.".panel"
	set xrange [*:*]
	set yrange [*:*]
	stats file skip 1 using 2 nooutput
	set tmargin at screen top - above / height
	top = top - (above + bars(name) * bar) / height
	set bmargin at screen top
	top = top - below / height
	set title system("head -n 1 '".file."' | tr -d '\"'") offset 0, -0.4
	set xrange [0:STATS_max * 1.18]
	set yrange [STATS_records - 0.4:-0.6]
	plot file skip 1 using (0):1:(0):2:($1 - 0.36):($1 + 0.36):5:ytic(3) \
			with boxxyerror linecolor rgb variable, \
		file skip 1 using 2:1:4 with labels left offset 0.6, 0
}
unset multiplot
