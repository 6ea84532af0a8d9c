package acts

import (
	"context"
	"errors"
	"time"

	"balancelink/handlers/settings"
	"balancelink/store"
)

// Bank asks banks for what somebody wants to know. Only the worker talks to them: this
// writes down that they are to be asked.
type Bank struct {
	Store     *store.Store
	Settings  settings.Settings
	Intervals map[string]time.Duration // least times between two questions, by configured provider
	Wake      func()                   // wakes the worker
}

// By is who asks a bank.
type By struct {
	Scope   store.Scope
	Trigger string
	StaffID string // empty: it is no member of staff
	KeyID   string // of the API; empty: it is no program
}

// Request is the wish to ask the bank about an account.
func (b Bank) Request(by By, accountID string, kind store.RefreshKind) store.RefreshRequest {
	return store.RefreshRequest{
		AccountID: accountID, Scope: by.Scope, Kind: kind, Trigger: by.Trigger, StaffID: by.StaffID, KeyID: by.KeyID,
		CoolDown: b.Settings.RefreshCooldown, Intervals: b.Intervals, Deadline: b.Settings.RefreshDeadline,
	}
}

// Next is from when on the bank may be asked again that was asked at a time.
func (b Bank) Next(a store.Account, asked time.Time) time.Time {
	return asked.Add(max(b.Settings.RefreshCooldown, b.Intervals[a.Provider]))
}

// Ask starts a request to the bank, or joins the one under way.
func (b Bank) Ask(ctx context.Context, by By, accountID string, kind store.RefreshKind) error {
	_, _, err := b.ask(ctx, by, accountID, kind)
	return err
}

func (b Bank) ask(
	ctx context.Context, by By, accountID string, kind store.RefreshKind,
) (r store.Refresh, joined bool, err error) {
	if r, joined, err = b.Store.StartRefresh(ctx, b.Request(by, accountID, kind)); err == nil {
		b.Wake()
	}
	return r, joined, err
}

// Asked is how many requests there are about what was asked for, and when the first of those
// that were not under way began, by the clock of the database; zero: all were.
type Asked struct {
	Number int
	Since  time.Time
}

// First is [store.Store.FreshestRefresh].
func (b Bank) First(ctx context.Context, by By, accountID string) (id string, err error) {
	if id, err = b.Store.FreshestRefresh(ctx, b.Request(by, accountID, store.KindRefresh)); err == nil {
		b.Wake()
	}
	return id, err
}

// AskAll asks about every account of a customer within a scope that may be asked: those
// under way go on, and those asked a moment ago or of whom the consent has ended are left
// alone. [store.ErrNoConsent]: none is asked, and for some the consent has ended.
func (b Bank) AskAll(ctx context.Context, by By, of store.Scope) (asked Asked, err error) {
	accounts, err := b.Store.AccountsWithin(ctx, of)
	if err != nil {
		return asked, err
	}
	var ended error
	for _, a := range accounts {
		r, joined, err := b.ask(ctx, by, a.ID, store.KindRefresh)
		var tooSoon *store.CoolDownError
		switch {
		case err == nil:
			asked.add(r, joined)
		case errors.Is(err, store.ErrNoConsent):
			ended = err
		case errors.As(err, &tooSoon), errors.Is(err, store.ErrUnlinked), errors.Is(err, store.ErrNoProvider),
			errors.Is(err, store.ErrNotFound): // erased meanwhile
		default:
			return asked, err
		}
	}
	if asked.Number > 0 {
		ended = nil
	}
	return asked, ended
}

func (a *Asked) add(r store.Refresh, joined bool) {
	a.Number++
	if !joined && (a.Since.IsZero() || r.CreatedAt.Before(a.Since)) {
		a.Since = r.CreatedAt
	}
}
