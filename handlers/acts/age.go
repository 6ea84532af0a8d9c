package acts

import (
	"slices"
	"time"

	"balancelink/handlers/settings"
	"balancelink/store"
)

// Freshness says in a word how old a balance is.
type Freshness string

// The words for the age of a balance.
const (
	Fresh   Freshness = "fresh"
	Ageing  Freshness = "ageing"
	Stale   Freshness = "stale"
	Never   Freshness = "never"   // there is none
	Undated Freshness = "undated" // a saved copy, or of a time that has not come: it may be of any age
)

// FreshnessOf says in a word how old an account's balance is: of a saved copy nobody
// knows.
func FreshnessOf(a store.Account, set settings.Settings, now time.Time) Freshness {
	if !a.Dated() {
		return Undated
	}
	return Age(a.AsOf, set, now)
}

// Age says in a word how old a balance of that time is.
func Age(asOf time.Time, set settings.Settings, now time.Time) Freshness {
	age := now.Sub(asOf)
	switch {
	case asOf.IsZero():
		return Never
	case store.Ahead(asOf, now):
		return Undated
	case age <= set.FreshFor:
		return Fresh
	case age <= set.StaleAfter:
		return Ageing
	}
	return Stale
}

// LinkStatus is the one word that says most about a customer's links.
func LinkStatus(c store.CustomerRow, accounts []store.Account, consent store.ConsentState, now time.Time) string {
	has := func(st store.AccountStatus) bool {
		return slices.ContainsFunc(accounts, func(a store.Account) bool { return a.Status == st })
	}
	switch {
	case c.NeedsReview:
		return "needs_review"
	case !c.AskedLinkAt.IsZero():
		return "asked_link"
	case Refreshable(accounts) && !consent.Holds(now):
		return "consent_ended"
	case has(store.AccountNeedsLogin):
		return "needs_login"
	case has(store.AccountLinked) && consent.EndsSoon(now):
		return "consent_ending"
	case has(store.AccountLinked):
		return "linked"
	case c.Invited:
		return "invited"
	case consent.Withdrawn():
		return "withdrawn"
	}
	return "not_linked"
}

// Refreshable says whether any account may be asked at all.
func Refreshable(accounts []store.Account) bool {
	return slices.ContainsFunc(accounts, func(a store.Account) bool { return a.Followed() })
}

// LinkState is in a word what became of a personal link, or that it works.
func LinkState(i store.Invitation, now time.Time) string {
	switch {
	case !i.UsedAt.IsZero():
		return "used"
	case !i.RevokedAt.IsZero():
		return "revoked"
	case !now.Before(i.ExpiresAt):
		return "expired"
	case i.Locked():
		return "locked"
	}
	return "open"
}
