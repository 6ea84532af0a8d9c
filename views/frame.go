package views

import (
	"context"
	"time"

	"balancelink/views/locale"
)

// Frame is what every page needs besides its own content.
type Frame struct {
	Title        string
	Preview      string // what messengers show beside the title where a link to the page stands; empty: nothing
	Business     string // who runs this installation, as customers know them
	Env          string // "simulated", "production-sandbox" or "production"
	SimulatorURL string // the simulated bank's help page; empty outside simulation
	// MonoSimulatorURL is that of the simulated Mono.
	MonoSimulatorURL string
	// which entry of the staff navigation is the current one: "overview", "customers", "refreshes",
	// "inbox", "audit", "staff", "profile", or empty
	Nav       string
	StaffName string    // empty: not known
	Staff     string    // e-mail of the signed-in member of staff; empty for customers and strangers
	May       Abilities // of the signed-in member of staff
	Customer  string    // name of the signed-in customer; empty for staff and strangers
	Flash     string    // one sentence about what was just done; empty: nothing
	Undo      Undo      // takes that back; zero: nothing does
	Seen      *SeenAs   // non-nil: staff look at it as the customer sees it
	Alert     string    // staff only: what keeps the whole installation from working; empty: nothing
	Path      string    // of the page, with its query, to come back to
	// in samples: which sentence of our script's stands there, "offline", "outdated", "unsent" or "cut"
	Shown string
	Clock Clock

	Languages []string // that whoever reads it may choose from; empty: those of all pages

	// a balance older than that is ageing, or stale; zero for strangers, who see none
	FreshFor, StaleAfter time.Duration
}

// SeenAs is what staff read over a customer's page which they see as the customer does.
type SeenAs struct {
	Sentence      string
	BackURL, Back string
	Language      string // of both
}

// languages are those that a page offers.
func (f Frame) languages() []string {
	if len(f.Languages) == 0 {
		return locale.Languages()
	}
	return f.Languages
}

// Undo is a form that takes back what was just done.
type Undo struct {
	URL     string // POST
	Fields  []HiddenField
	Amounts bool // its fields hold amounts: it is not offered while these are hidden
}

// offered says whether there is such a form for whoever looks.
func (u Undo) offered(ctx context.Context) bool {
	return u.URL != "" && !(u.Amounts && amountsHidden(ctx))
}

// HiddenField is a field of a form that nobody sees.
type HiddenField struct{ Name, Value string }

// Abilities is what a member of staff may do of all that differs by role: what
// they may not do is not offered. Nobody else needs any.
type Abilities struct {
	AskBanks, EditCustomers, RevealNumbers, UnlinkAccounts, DecideLinks bool
	ReadInbox, HandleInbox, ReadAudit                                   bool
	ExportData, EraseCustomers, ManageStaff                             bool
}

func envLabel(ctx context.Context, env string) label {
	switch env {
	case "simulated":
		return label{say(ctx, "Simulated"), warn}
	case "production-sandbox":
		return label{say(ctx, "Sandbox"), info}
	case "production":
		return label{say(ctx, "Production"), good}
	}
	return label{env, quiet}
}

func pageTitle(ctx context.Context, f Frame, problems []problem) string {
	title := f.Business
	if f.Title != "" {
		title = locale.Apart(f.Title) + " · " + f.Business
	}
	if len(problems) > 0 {
		return say(ctx, "Error: %s", title)
	}
	return title
}

func homeURL(f Frame) string {
	if f.Customer != "" {
		return "/me"
	}
	return "/"
}

func toneIcon(t tone) string {
	switch t {
	case good:
		return "check"
	case warn:
		return "clock"
	case bad:
		return "alert"
	case info:
		return "dots"
	}
	return "dash"
}
