package views

// tone colours a badge or a notice. Words and an icon always say the same.
type tone string

const (
	good  tone = "good"
	warn  tone = "warn"
	bad   tone = "bad"
	info  tone = "info"
	quiet tone = "quiet"
)

// label is a state in words, with its tone.
type label struct {
	Text string
	Tone tone
}

// Detail is one labelled fact in a description list.
type Detail struct{ Label, Value string }
