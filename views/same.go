package views

import (
	"context"
	"time"
)

// SameAccount is of which other accounts an account is the same, or may be.
type SameAccount struct {
	GoesOnURL string        // of the one in which its history goes on; empty: in none
	Older     *OlderAccount // whose history goes on in it; nil: none
	Asked     string        // why staff have to say: "several", "holder" or "number"; empty: they need not
	MayBe     []OlderAccount
	JoinURL   string // POST; empty: not by this viewer
	PartURL   string // POST; empty: not by this viewer, or there is nothing to part
}

// OlderAccount is an account of the customer that was linked before.
type OlderAccount struct {
	ID, URL, Name, NUBAN string
	Through              string // what the provider is called
	LinkedAt             time.Time
}

// some says whether there is anything to decide or to be told.
func (s SameAccount) some() bool { return s.Older != nil || len(s.MayBe) > 0 && s.JoinURL != "" }

// askedSentence says why staff have to say whether accounts are one.
func askedSentence(ctx context.Context, asked string) string {
	switch asked {
	case "several":
		return say(ctx, "More than one older account of this customer can be this one. Say which of them it is.")
	case "holder":
		return say(ctx, "The bank names another holder than for the older account. Say whether they are one account.")
	case "number":
		return say(ctx, "The number of this account or of the older one is not known. Say whether they are one account.")
	}
	return say(ctx, "If this is an account that the customer had linked before, say so.")
}

// Question is an account of which staff have to say whether it is an older one.
type Question struct {
	URL, CustomerName, Asked string
	At                       time.Time
}
