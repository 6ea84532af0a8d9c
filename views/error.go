package views

// ErrorPage is every page that says no.
type ErrorPage struct {
	Frame
	Status    int
	Heading   string
	Sentence  string
	NextURL   string
	NextLabel string
	Reference string // request id, for 5xx
}
