# usage: gnuplot -c figure.gp TABLE FIGURE svg|png
# Left: energies per atom. Right: the same less the published LRDMC, where one sees error bars.
if (ARG3 eq "png") set terminal pngcairo size 1500,700 font 'sans,13'; else set terminal svg size 1200,560 dynamic background rgb 'white' font 'sans,14'
set output ARG2
set encoding utf8
set datafile separator tab
set datafile missing 'NA'
set border 31 lw 1.2
set tics nomirror
set bars 0.6
set offsets graph 0.05, graph 0.05, graph 0.05, graph 0.05
set key outside bottom center vertical noenhanced
set xlabel 'distance of neighbours R (bohr)'
set ylabel 'energy per atom (Ha)'
if (system("awk -F'\t' 'NR > 1 && $10 != \"NA\" { n++ } END { print n + 0 }' '".ARG1."'") eq "0") { # nothing to compare with
    plot ARG1 skip 1 using 1:2:3 with yerrorbars pt 7 ps 0.8 lw 1.5 lc rgb '#0072b2' title 'VMC', \
         '' skip 1 using 1:8:9 with yerrorbars pt 5 ps 0.8 lw 1.5 lc rgb '#d55e00' title 'DMC'
    exit
}
set multiplot layout 1,2
set bmargin 9
plot ARG1 skip 1 using 1:14 with linespoints pt 8 ps 1.3 dt 3 lc rgb '#7f7f7f' title 'restricted Hartree-Fock, published', \
     '' skip 1 using 1:4 with linespoints pt 6 ps 1.8 dt 2 lc rgb '#000000' title 'VMC, published', \
     '' skip 1 using 1:2:3 with yerrorbars pt 7 ps 0.8 lw 1.5 lc rgb '#0072b2' title 'VMC, this work', \
     '' skip 1 using 1:10 with points pt 4 ps 2.2 lc rgb '#000000' title 'LRDMC, published', \
     '' skip 1 using 1:8:9 with yerrorbars pt 5 ps 0.8 lw 1.5 lc rgb '#d55e00' title 'DMC, this work'
set ylabel 'energy per atom less the published LRDMC (mHa)'
d = 0.015 # apart, so that error bars do not hide each other
plot ARG1 skip 1 using ($1 - 3 * d):(1000 * ($4 - $10)):(1000 * $5) with yerrorbars pt 6 ps 1.4 lw 1.5 lc rgb '#000000' title 'VMC, published', \
     '' skip 1 using ($1 - d):(1000 * ($2 - $10)):(1000 * $3) with yerrorbars pt 7 ps 1.2 lw 1.5 lc rgb '#0072b2' title 'VMC, this work', \
     '' skip 1 using ($1 + d):(0 * $10):(1000 * $11) with yerrorbars pt 4 ps 1.3 lw 1.5 lc rgb '#000000' title 'LRDMC, published', \
     '' skip 1 using ($1 + 3 * d):(1000 * ($8 - $10)):(1000 * $9) with yerrorbars pt 5 ps 1.1 lw 1.5 lc rgb '#d55e00' title 'DMC, this work', \
     0 with lines lw 1 lc rgb '#888888' notitle
unset multiplot
