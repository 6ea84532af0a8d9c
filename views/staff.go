package views

import (
	"context"
	"strconv"
	"time"
)

// StaffPage is the list of staff, with the form that invites.
type StaffPage struct {
	Frame
	Members []Member
	Form    StaffForm
}

// Member is one member of staff in the list.
type Member struct {
	Email, Role  string
	Name         string // empty: not known
	State        string // "active", "invited" or "disabled"
	SecondFactor bool
	Added        time.Time
	Oneself      bool
	URL          string // what is done to them is below it
}

// StaffForm is the form that invites, with what was typed and what is wrong with it.
type StaffForm struct{ Email, Name, Role, Error string }

// StaffLink shows a link to choose a password, once.
type StaffLink struct {
	Frame
	Email     string
	Invited   bool // has no password yet
	Link      string
	ExpiresAt time.Time
}

// roleNames are the roles in the order in which they are offered.
var roleNames = []string{"officer", "viewer", "auditor", "admin", "owner"}

// staffRoles says what the roles may do.
func staffRoles(ctx context.Context) []Detail {
	return []Detail{
		{
			say(ctx, "Loan officer"),
			say(ctx, "Adds customers, makes and sends links, decides whose they are, asks the banks, and checks whether an amount is covered. Account numbers stay masked. No webhooks, no unlinking, no files."),
		},
		{
			say(ctx, "Viewer"),
			say(ctx, "Sees customers and balances, with masked account numbers, and asks the bank again."),
		},
		{say(ctx, "Auditor"), say(ctx, "Sees customers and balances, with masked account numbers, the webhooks and the audit log. Changes nothing.")},
		{say(ctx, "Admin"), say(ctx, "Everything a loan officer and an auditor can do, and: show account numbers, take data out as files, unlink accounts and handle webhooks.")},
		{say(ctx, "Owner"), say(ctx, "Everything an admin can do, and: manage staff and API keys, and erase customers.")},
	}
}

// roleWords is a role as people read it.
func roleWords(ctx context.Context, role string) string {
	switch role {
	case "officer":
		return say(ctx, "Loan officer")
	case "viewer":
		return say(ctx, "Viewer")
	case "auditor":
		return say(ctx, "Auditor")
	case "admin":
		return say(ctx, "Admin")
	case "owner":
		return say(ctx, "Owner")
	}
	return say(ctx, "no role")
}

func memberLabel(ctx context.Context, state string) label {
	switch state {
	case "active":
		return label{say(ctx, "Active"), good}
	case "invited":
		return label{say(ctx, "Invited"), info}
	}
	return label{say(ctx, "Disabled"), quiet}
}

func linkWords(ctx context.Context, state string) string {
	if state == "invited" {
		return say(ctx, "New invitation link")
	}
	return say(ctx, "Link for a new password")
}

func onOff(ctx context.Context, on bool) string {
	if on {
		return say(ctx, "on")
	}
	return say(ctx, "off")
}

func memberID(i int) string { return "role-" + strconv.Itoa(i) }
