package views

import "time"

// Connect is the personal link's page: who asks for what, and the consent.
type Connect struct {
	Frame
	CustomerName  string
	Corporate     bool        // the customer is a business
	Action        string      // POST
	OpenedURL     string      // POST, by the page's script once somebody has it before them; empty: not asked for
	Text          ConsentText // of this business
	ConsentTicked bool
	Error         string   // the consent was not ticked
	AskCode       bool     // for the code that staff gave
	CodeError     string   // what is wrong with it
	AlreadyLinked []string // banks already connected; MeURL shows them
	MeURL         string   // empty: not signed in
	ExpiresAt     time.Time
	Email         *EmailAsked  // non-nil: for their e-mail address
	Again         AgainAccount // of [AgainView]; without a Text there no consent is asked
	NeedsScript   bool         // of [AgainView]: the bank's window needs JavaScript
}
