package views

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"balancelink/store/fold"
)

// askAgain is a button that asks the bank, and when it may next be pressed.
type askAgain struct {
	ID, URL, Text, Icon string
	Busy                string // what it says while its own request runs
	IsBusy              bool
	From                time.Time
}

func (b askAgain) blocked(c Clock) bool { return b.IsBusy || b.From.After(c.Now) }

func (a Account) cardID() string { return "account-" + a.ID }

func (a Account) running() bool { return a.Refresh != nil && a.Refresh.Running }

func (a Account) runningKind(kind string) bool { return a.running() && a.Refresh.Kind == kind }

// availableNow reports whether the newest answer held an available balance. An
// older one is shown with its own date, never as if it were of today.
func (a Account) availableNow() bool {
	return a.Available.Known && (a.AvailableAsOf.IsZero() || !a.AvailableAsOf.Before(a.AsOf))
}

func (a Account) title(ctx context.Context) string {
	if !fold.Seen(a.Name) {
		return say(ctx, "%s account", a.bank(ctx))
	}
	return a.Name
}

// kind is the line under the account's name: "GTBank · Savings · NGN".
func (a Account) kind(ctx context.Context) string {
	var parts []string
	for _, part := range []string{a.BankName, typeWords(ctx, a.Type), a.Currency} {
		if part != "" {
			parts = append(parts, Apart(part))
		}
	}
	return strings.Join(parts, noBreak+"· ")
}

// typeWords is a type of account in the reader's language, where it is one that
// banks have; others stand as the bank writes them.
func typeWords(ctx context.Context, kind string) string {
	switch strings.ToLower(kind) {
	case "savings", "savings account":
		return say(ctx, "Savings")
	case "current", "current account":
		return say(ctx, "Current")
	case "domiciliary", "domiciliary account":
		return say(ctx, "Domiciliary")
	}
	return kind
}

// initial is the letter on a bank's tile.
func initial(name string) string {
	r, n := utf8.DecodeRuneInString(strings.TrimSpace(name))
	if n == 0 {
		return "?"
	}
	return strings.ToUpper(string(r))
}

func (p ProviderIDs) details(ctx context.Context) []Detail {
	return []Detail{
		{say(ctx, "Provider"), p.Provider}, {say(ctx, "Account id"), p.Account},
		{say(ctx, "Customer id"), p.Customer}, {say(ctx, "Record"), p.Record},
	}
}
