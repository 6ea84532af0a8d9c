package views

import (
	"context"
	"strconv"
	"strings"
)

func passwordHint(ctx context.Context) string {
	return say(ctx, "At least 12 characters, of any kind. A few words in a row are easy to remember.")
}

// roleNames are the roles in the order in which they are offered.
var roleNames = []string{"viewer", "auditor", "admin", "owner"}

// staffRoles says what the roles may do.
func staffRoles(ctx context.Context) []Detail {
	return []Detail{
		{say(ctx, "Viewer"), say(ctx, "Sees customers and balances, with masked account numbers, and asks the bank again.")},
		{say(ctx, "Auditor"), say(ctx, "Sees customers and balances, with masked account numbers, the webhooks and the audit log. Changes nothing.")},
		{say(ctx, "Admin"), say(ctx, "Everything a viewer and an auditor can do, and: add customers, make personal links, show account numbers, unlink accounts and handle webhooks.")},
		{say(ctx, "Owner"), say(ctx, "Everything an admin can do, and: manage staff and erase customers.")},
	}
}

// roleWords is a role as people read it.
func roleWords(ctx context.Context, role string) string {
	switch role {
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
		return label{say(ctx, "active"), good}
	case "invited":
		return label{say(ctx, "invited"), info}
	}
	return label{say(ctx, "disabled"), quiet}
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

func recoveryLeft(ctx context.Context, n int) string {
	if n == 0 {
		return say(ctx, "No recovery code is left: make new ones.")
	}
	return say(ctx, "%d recovery codes left.", n)
}

// problemOf is what is wrong with a field of the password's form.
func (p Profile) problemOf(field string) string {
	if p.WrongField == field {
		return p.Problem
	}
	return ""
}

// fours sets a key in groups of four, as people type it.
func fours(key string) string {
	var b strings.Builder
	for i, r := range key {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func qrBox(size int) string { n := strconv.Itoa(size); return "0 0 " + n + " " + n }

func lines(texts []string) string { return strings.Join(texts, "\n") }
