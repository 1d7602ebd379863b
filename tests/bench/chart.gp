# Draws the benchmark's chart of horizontal bars.
#
#	gnuplot -e "work='DIRECTORY'; chart='FILE.svg'; dark=0" chart.gp
#
# DIRECTORY has a file `chart`: a title, then lines of place, length, label, text, and 1 for the bar
# that stands out. `dark` is 1 for a page with a dark background, 0 for a light one.

file = work."/chart"
count = int(system("grep -vc '^\"' '".file."'"))
text = dark ? "#e6edf3" : "#1f2328"
bar(own) = own == 1 ? (dark ? 0x3fb950 : 0x1a7f37) : (dark ? 0x6e7681 : 0xafb8c1)

set terminal svg size 720, 60 + 32 * count dynamic background "#".(dark ? "0d1117" : "ffffff") \
	font "sans-serif,16"
set output chart
set style fill solid noborder
set border 0
set tics scale 0 textcolor rgb text
set ytics nomirror
unset xtics
unset key
set lmargin at screen 0.20
set rmargin at screen 0.98
set tmargin at screen 1 - 44.0 / (60 + 32 * count)
set bmargin at screen 8.0 / (60 + 32 * count)
set title system("head -n 1 '".file."' | tr -d '\"'") textcolor rgb text offset -4, -0.3

stats file skip 1 using 2 nooutput
set xrange [0:STATS_max * 1.18]
set yrange [STATS_records - 0.4:-0.6]
plot file skip 1 using (0):1:(0):2:($1 - 0.36):($1 + 0.36):(bar($5)):ytic(3) \
		with boxxyerror linecolor rgb variable, \
	file skip 1 using 2:1:4 with labels left offset 0.6, 0 textcolor rgb text
