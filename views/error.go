package views

import (
	"time"

	"github.com/a-h/templ"
)

// ErrorPage is every page that says no.
type ErrorPage struct {
	Frame
	Status    int
	Heading   string
	Sentence  string
	NextURL   string
	NextLabel string
	Reference string          // request id, for 5xx
	More      templ.Component // what else can be done, in a page that has more than a way on; nil: nothing
}

// DeadLink is what somebody can do who has a personal link that is over.
type DeadLink struct {
	Clock    Clock
	Business string
	Phone    string    // of the business, as it is written; empty: none
	AskURL   string    // POST: asks for a new link
	AskedAt  time.Time // when that was done; zero: it was not
}
