# usage: gnuplot -c figure.gp FOLDER FIGURE svg|png
# Isotherms, molecules and diffusion of PBE (open symbols, dashed) and VMC (filled, solid), and where the molecules go, by DMC, too.
if (ARG3 eq "png") set terminal pngcairo size 1400,1150 font 'sans,13'; else set terminal svg size 1150,950 dynamic background rgb 'white' font 'sans,13'
set output ARG2
set encoding utf8
set datafile separator tab
set datafile missing 'NA'
pbe = ARG1.'/pbe-states.tsv'
vmc = ARG1.'/vmc-states.tsv'
transition = ARG1.'/transition.tsv'
array colour[6] = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#000000', '#e69f00']
array filled[6] = [7, 5, 9, 13, 11, 15]
array open[6] = [6, 4, 8, 12, 10, 14]
pick(i) = 1 + i % 6
kelvin(file, i) = system("awk -F'\t' -v i=".i." '/^#/ { next } NF < 8 { blank++ } NF == 8 && int(blank / 2) == i { printf \"%g K\", $1; exit }' ".file)
stats vmc using 1 nooutput
n = STATS_blocks
known(column) = system("cat ".pbe." ".vmc." | awk -F'\t' '!/^#/ && NF == 8 && $".column." != \"NA\" { n = 1 } END { print n + 0 }'") eq "1"
set border 31 lw 1.2
set tics nomirror
set bars 0.6
set offsets graph 0.05, graph 0.05, graph 0.05, graph 0.05
set multiplot layout 2,2
set key top left noenhanced samplen 2
set xlabel 'density (g/cm^3)'
set ylabel 'pressure (GPa)'
plot for [i = 0:n - 1] pbe index i using 2:3:4 with yerrorlines dt 2 pt open[pick(i)] lc rgb colour[pick(i)] title 'PBE '.kelvin(pbe, i), \
     for [i = 0:n - 1] vmc index i using 2:3:4 with yerrorlines dt 1 pt filled[pick(i)] lc rgb colour[pick(i)] title 'VMC '.kelvin(vmc, i)
unset key
set xlabel 'pressure (GPa)'
set ylabel 'share of atoms in molecules'
plot for [i = 0:n - 1] pbe index i using 3:5:4:6 with xyerrorbars pt open[pick(i)] lc rgb colour[pick(i)], \
     for [i = 0:n - 1] pbe index i using 3:5 with lines dt 2 lc rgb colour[pick(i)], \
     for [i = 0:n - 1] vmc index i using 3:5:4:6 with xyerrorbars pt filled[pick(i)] lc rgb colour[pick(i)], \
     for [i = 0:n - 1] vmc index i using 3:5 with lines lc rgb colour[pick(i)]
if (known(7)) { # a short run has none
    set ylabel 'self-diffusion coefficient (A^2/fs)'
    plot for [i = 0:n - 1] pbe index i using 3:7:4:8 with xyerrorbars pt open[pick(i)] lc rgb colour[pick(i)], \
         for [i = 0:n - 1] pbe index i using 3:7 with lines dt 2 lc rgb colour[pick(i)], \
         for [i = 0:n - 1] vmc index i using 3:7:4:8 with xyerrorbars pt filled[pick(i)] lc rgb colour[pick(i)], \
         for [i = 0:n - 1] vmc index i using 3:7 with lines lc rgb colour[pick(i)]
} else { set multiplot next }
# Flat is worth a mark where P hardly rises; without any mark there is nothing to draw.
half(method) = strcol(1) eq method ? column(3) : NaN
flat(method) = strcol(1) eq method && column(7) < 0.5 ? column(5) : NaN
# the methods of which a table has rows that say so
with(what) = system("awk -F'\t' 'NR > 1 && $1 !~ /^half/ && ".what." && !seen[$1]++ { printf \"%s \", $1 }' ".transition)
colour_of(method) = colour[method eq 'PBE' ? 1 : method eq 'VMC' ? 2 : 3]
mark(method) = method eq 'PBE' ? 6 : method eq 'VMC' ? 8 : 10
halves = with('$3 != "NA"')
flats = with('$7 != "NA" && $7 < 0.5')
if (words(halves) + words(flats) > 0) {
    set key outside top center vertical
    set xlabel 'pressure (GPa)'
    set ylabel 'temperature (K)'
    plot for [m in halves] transition skip 1 using (half(m)):2:4 with xerrorbars pt mark(m) ps 1.2 lc rgb colour_of(m) \
             title m.', share of molecules half way', \
         for [m in flats] transition skip 1 using (flat(m)):2:6 with xerrorbars pt mark(m) + 1 ps 1.2 lc rgb colour_of(m) \
             title m.', P(density) flat', \
         for [m in 'PBE QMC'] 'published.tsv' skip 1 using (strcol(2) eq m ? column(4) : NaN):3 with points pt (m eq 'PBE' ? 1 : 2) ps 1.4 \
             lc rgb '#555555' title 'published, '.m
}
unset multiplot
