package views

import (
	"context"
	"time"

	"github.com/a-h/templ"
)

// Today is who waits for a person, or who was put off.
type Today struct {
	Frame
	Funds  []FundsSum // for a day that has come, until somebody has seen the answer
	Rows   []TodayRow
	More   bool // there are more than these
	Code   bool // links that are made here ask for a code
	PutOff bool // the rows are those who were put off
	Done   *DoneToday
	Asked  *AskedToday

	Problem string // with the choice of rows
}

// chooses ties what is wrong with the choice to the first row, which the summary leads to.
func (p Today) chooses(r TodayRow) templ.Attributes {
	if p.Problem == "" || r.ID != p.Rows[0].ID {
		return nil
	}
	return templ.Attributes{"aria-invalid": "true", "aria-describedby": "choose-" + r.ID + "-error"}
}

// TodayRow is a customer who waits.
type TodayRow struct {
	CustomerRow
	Note        string
	Drawn       string    // what is known of them, when the form of the note was drawn
	Reasons     []string  // names of filters of the list, the first that which is to be done
	AskedAt     time.Time // when they asked for a link; zero: they did not
	ContactedAt time.Time // zero: never
	ContactedBy string    // empty: not known
	PutOffUntil time.Time
	NextID      string // of the row that comes next; empty: this is the last
}

// DoneToday is what was just done to whom: "contacted", "put-off" or "taken-back".
type DoneToday struct {
	What, ID, Name string
	Until          time.Time
}

// AskedToday is how far the requests to the banks are that somebody started.
type AskedToday struct {
	All, Ended int
	URL        string // GET, while some have not ended: the fragment #asked
}

// reasonLabel is for what a customer waits.
func reasonLabel(ctx context.Context, reason string) label {
	switch reason {
	case "below_threshold":
		return label{say(ctx, "Below threshold"), bad}
	case "stale":
		return label{say(ctx, "Out of date"), warn}
	}
	return customerLabel(ctx, reason)
}

// todayAct is the one thing that is to be done about a row: a page to go to, or what
// a form posts to.
type todayAct struct {
	Label, URL string
	Post       bool
}

// act is what is to be done, as far as the viewer may.
func (r TodayRow) act(ctx context.Context, may Abilities) todayAct {
	look := todayAct{Label: say(ctx, "See it"), URL: r.URL}
	if len(r.Reasons) == 0 {
		return look
	}
	switch reason := r.Reasons[0]; {
	case reason == "needs_review" && may.DecideLinks:
		return todayAct{Label: say(ctx, "Decide"), URL: "/reviews?customer=" + r.ID}
	case reason == "stale" && may.AskBanks:
		return todayAct{say(ctx, "Refresh"), "/customers/" + r.ID + "/refresh", true}
	case may.EditCustomers && (reason == "asked_link" || reason == "consent_ended" || reason == "consent_ending"):
		return todayAct{say(ctx, "Make a link"), "/customers/" + r.ID + "/invitations", true}
	case reason == "needs_login" && len(r.Ask) > 0:
		return todayAct{say(ctx, "Ask to sign in again"), r.Ask[0].URL, true}
	}
	return look
}

// leftWords says how many wait.
func (p Today) leftWords(ctx context.Context) string {
	switch {
	case p.More:
		return say(ctx, "More than %s wait. These come first.", digits(ctx, len(p.Rows)))
	case p.PutOff:
		return say(ctx, "%d put off", len(p.Rows))
	}
	return say(ctx, "%s left", digits(ctx, len(p.Rows)))
}

// doneSentence says what was done.
func (d DoneToday) doneSentence(ctx context.Context, c Clock) string {
	switch {
	case d.What == "put-off" && !d.Until.IsZero():
		return say(ctx, "%s is put off until %s.", d.Name, c.Day(ctx, d.Until))
	case d.What == "noted":
		return say(ctx, "The note about %s is kept.", d.Name)
	case d.What == "contacted":
		return say(ctx, "Noted that you spoke to %s.", d.Name)
	}
	return say(ctx, "%s waits again.", d.Name)
}

// putOffChoices are until when customers are put off.
func putOffChoices(ctx context.Context) []choice {
	return []choice{
		{"tomorrow", say(ctx, "Tomorrow")}, {"monday", say(ctx, "Monday")}, {"week", say(ctx, "In a week")},
		{"month", say(ctx, "In 30 days")},
	}
}
