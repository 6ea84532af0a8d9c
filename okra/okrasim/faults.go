package okrasim

import (
	"net/http"
	"strconv"

	"balancelink/okra/provider/simulate"
)

// Faults are those of any API; see package simulate.
type (
	Fault  = simulate.Fault
	Faulty = simulate.Faulty
	Raw    = simulate.Raw
)

// The faults that any API can have, as package simulate describes them.
var (
	Answers  = simulate.Answers
	WebPage  = simulate.WebPage
	Breaks   = simulate.Breaks
	Huge     = simulate.Huge
	Bomb     = simulate.Bomb
	Rewrites = simulate.Rewrites
	Edits    = simulate.Edits
	Held     = simulate.Held
	InTurn   = simulate.InTurn
)

// Refuses is a fault that answers an HTTP status and says nothing of use.
func Refuses(status int, headers ...string) Fault {
	return Answers(
		"HTTP "+strconv.Itoa(status), status, `{"status":"error","message":"Something went wrong"}`, headers...,
	)
}

// Fails is a fault that answers 200 with an error of the documented kind.
func Fails(errorType string) Fault {
	return Answers(
		"error "+errorType, http.StatusOK,
		`{"status":"error","type":"`+errorType+`","message":"Not safe for programmatic use"}`,
	)
}
