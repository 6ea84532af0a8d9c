# Lines of Go that are wider than 120 columns, a tab being four, but for text that
# cannot be broken: of SQL and other raw strings, of a sentence, of a struct's tags.
{
	line = $0; gsub(/\t/, "    ", line)
	ticks = gsub(/`/, "`", line)
	raw = open || ticks > 0
	if (ticks % 2) open = !open
	if (length(line) <= 120 || raw) next
	rest = line; longest = 0
	while (match(rest, /"([^"\\]|\\.)*"/)) {
		if (RLENGTH > longest) longest = RLENGTH
		rest = substr(rest, RSTART + RLENGTH)
	}
	if (length(line) - longest > 60) print FILENAME ":" FNR
}
