package views

import (
	"context"
	"strconv"
	"time"

	board "balancelink/store/progress"
	"balancelink/views/locale"
)

// Work is what is under way in the background that takes long.
type Work struct {
	UnderWay []LongWork
	Followed bool // by who saw something under way
}

// LongWork is how far one thing is.
type LongWork struct {
	board.State
	Instance string // that does it; empty: there is one
}

// id tells work apart from all other on a page.
func (w LongWork) id() string {
	id := "work-" + strconv.Itoa(w.ID)
	if w.Instance != "" {
		id += "-" + w.Instance
	}
	return id
}

var workNames = map[board.Name]locale.Key{
	board.Copying:   "Backup",
	board.Auditing:  "Check of the audit log",
	board.Balancing: "Check of the balances",
	board.Sealing:   "Sealing under the newest data key",
	board.Purging:   "Removing what was kept long enough",
	board.Exporting: "A customer's data, as a file",
	board.Listing:   "A list, as a file",
	board.Importing: "Customers from a file",
	board.Linking:   "Personal links, as a file",
	board.Indexing:  "Making customers ready to be found",
}

var workSteps = map[board.Step]locale.Key{
	board.TheFile:       "copying",
	board.TheSum:        "checksum",
	board.ThePages:      "looking through the pages of the file",
	board.TheRows:       "comparing rows and indexes",
	board.TheReferences: "looking whether what rows refer to is there",
	board.TheNumber:     "counting the rows",
	board.TheBalances:   "comparing what accounts show with what was received",
	board.TheAudit:      "checking the chain of the audit log",
}

func workName(ctx context.Context, s board.State) string {
	if key, ok := workNames[s.Name]; ok {
		return key.Say(ctx)
	}
	return string(s.Name)
}

// stepWords says in which step work is; empty: it has but one.
func stepWords(ctx context.Context, s board.State) string {
	if s.Steps < 2 || s.Number == 0 {
		return ""
	}
	what := string(s.Step)
	if key, ok := workSteps[s.Step]; ok {
		what = key.Say(ctx)
	}
	return say(ctx, "Step %s of %s: %s", strconv.Itoa(s.Number), strconv.Itoa(s.Steps), what)
}

// doneWords says how much of the step is done; empty: nobody can tell.
func doneWords(ctx context.Context, s board.State) string {
	done, of := digits(ctx, s.Done), digits(ctx, s.Of)
	if s.Unit == board.Bytes {
		done, of = bytesWords(ctx, s.Done), bytesWords(ctx, s.Of)
	}
	switch {
	case s.Of > 0:
		return say(ctx, "%s of about %s", done, of)
	case s.Done > 0:
		return say(ctx, "%s so far", done)
	}
	return ""
}

// leftWords says how long the step takes yet; empty: nobody can tell.
func leftWords(ctx context.Context, s board.State) string {
	switch {
	case s.Left <= 0:
		return ""
	case s.Left < time.Minute:
		return say(ctx, "less than a minute left")
	case s.Left < time.Hour:
		return say(ctx, "about %s min left", strconv.Itoa(int(s.Left.Round(time.Minute)/time.Minute)))
	}
	return say(ctx, "about %s h left", strconv.Itoa(int(s.Left.Round(time.Hour)/time.Hour)))
}
