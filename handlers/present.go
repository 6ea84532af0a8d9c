package handlers

import (
	"slices"
	"time"

	"balancelink/handlers/acts"
	"balancelink/handlers/settings"
	"balancelink/handlers/signin"
	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/store/days"
	"balancelink/store/phone"
	"balancelink/views"
)

// presenter turns rows into what a viewer may see at a moment. It has all that it
// needs for that, and reads nothing.
type presenter struct {
	now      time.Time
	set      settings.Settings
	upstream func(name string) Upstream // of a row
	broken   func(error)                // is told of rows that do not open

	forStaff bool
	role     store.Role        // of staff
	staff    map[string]string // e-mail by id, where it is wanted
	seen     string            // the state before anything was read, for polls; empty: polls are answered whole
}

// present is a presenter for a customer, or for whoever is shown the same as all
// are.
func (s *Server) present() presenter {
	return presenter{
		now: s.Now(), set: s.Settings,
		upstream: s.upstream,
		broken:   func(err error) { s.Logger.Error("showing an account", "err", err) },
	}
}

// can says whether the viewer may do something to an account that they see:
// customers may with their own, staff as their role allows.
func (p presenter) can(may web.Permission) bool { return !p.forStaff || web.Can(p.role, may) }

// base is where this viewer's own addresses begin.
func (p presenter) base() string {
	if p.forStaff {
		return ""
	}
	return "/me"
}

// recentFor is how far back the small drawing of a card goes.
const recentFor = 30 * 24 * time.Hour

func moneyOf(a store.Amount, currency string) views.Money {
	return views.Money{Minor: a.Minor, Currency: currency, Known: a.Known}
}

// mask keeps the last four digits of an account number.
func mask(nuban string) string {
	return "••••" + store.LastDigits(nuban)
}

// masked is an account number for [views.Number]: its last digits, or that it
// does not open.
func masked(nuban string, broken error) string {
	if broken != nil {
		return views.Unreadable
	}
	return mask(nuban)
}

// freshness says in a word how old an account's balance is.
func (p presenter) freshness(a store.Account) views.Freshness {
	return views.Freshness(acts.FreshnessOf(a, p.set, p.now))
}

// age says in a word how old a balance of that time is.
func (p presenter) age(asOf time.Time) views.Freshness {
	return views.Freshness(acts.Age(asOf, p.set, p.now))
}

// account is the card of an account.
func (p presenter) account(a store.Card) views.Account {
	url := p.base() + "/accounts/" + a.ID
	if a.Broken != nil {
		p.broken(a.Broken)
	}
	v := views.Account{
		ID: a.ID, BankName: a.Bank.Name, Name: a.Name, NUBAN: masked(a.NUBAN, a.Broken), Type: a.Type,
		Currency:   a.Currency,
		NeedsLogin: a.Status == store.AccountNeedsLogin,
		Unlinked:   a.Status == store.AccountUnlinked || a.Status == store.AccountUnshared,
		Unshared:   a.Status == store.AccountUnshared, Outdated: a.Outdated(),
		Figure: moneyOf(a.Figure, a.Currency), Available: moneyOf(a.Available, a.Currency),
		Basis:           string(a.Basis),
		AvailableAsOf:   a.AvailableAsOf,
		AvailableWorked: a.AvailableWorkedOut, AsOf: a.AsOf, AsOfKind: string(a.AsOfKind), CheckedAt: a.CheckedAt,
		Source: string(a.Source), Freshness: p.freshness(a.Account),
		Recent: p.chart(a.Recent, p.now.Add(-recentFor), a.Currency),
		URL:    url, ForStaff: p.forStaff, Threshold: p.threshold(a), Mark: balanceMark(a.Account),
	}
	if !a.Dated() { // its as-of time is from where its age counts: it says nothing of the figure
		if v.AvailableAsOf.Equal(a.AsOf) {
			v.AvailableAsOf = a.ReceivedAt
		}
		v.AsOf = a.ReceivedAt
	}
	if a.Health != nil {
		health := p.health(*a.Health)
		v.Health = &health
	}
	v.NoConsent, v.Record = !a.Consent.Holds(p.now), a.Consent.Withdrawn()
	if p.can(web.AskBanks) && !v.NoConsent && p.upstream(a.Provider).configured() {
		v.RefreshURL = url + "/refresh"
	}
	if p.can(web.RevealNumbers) {
		v.RevealURL = url + "/reveal"
	}
	if a.Figure.Known && a.Basis == store.BasisLedger && a.Available.Known && a.AvailableAsOf.Equal(a.AsOf) {
		v.Difference = difference(a.Figure, a.Available, a.Currency)
	}
	if p.forStaff {
		if p.can(web.AskBanks) && !v.NoConsent && p.upstream(a.Provider).Traits().Checks {
			v.CheckURL = url + "/check"
		}
		v.Provider = views.ProviderIDs{
			Provider: a.Provider, Account: a.ProviderID, Customer: a.ProviderCustomer, Record: a.ProviderRecord,
		}
		v.CustomerName = a.Customer
		if a.Also != nil {
			v.AlsoURL, v.AlsoName = "/customers/"+a.Also.ID, a.Also.Name
		}
		if p.can(web.EditCustomers) && v.NeedsLogin {
			v.AskURL = url + "/sign-in-again"
		}
	} else {
		v.ReconnectURL = "/me/attempts"
	}
	if p.awaitsFirst(a.Account) {
		v.PollURL = p.poll(url, v.Mark)
	}
	p.addRefreshes(&v, a)
	if v.GoesOn = a.ContinuedBy != ""; v.GoesOn {
		v.RefreshURL, v.CheckURL, v.ReconnectURL, v.AskURL, v.NeedsLogin, v.Threshold = "", "", "", "", false, nil
	}
	return v
}

// poll is where a card asks for itself that shows the balance of that mark.
func (p presenter) poll(url, mark string) string {
	if p.seen == "" {
		return url
	}
	return url + p.seen + "&of=" + mark
}

// health is how a bank answered lately.
func (p presenter) health(h store.BankHealth) views.BankHealth {
	return views.BankHealth{
		Bank: h.Bank, Through: p.upstream(h.Provider).Traits().Title,
		Asked: h.Asked, Answered: h.Answered, Most: h.Most, Longest: store.LongestAnswer(),
	}
}

// stillSays says whether how a request went is news of an account as it is now.
// An outcome that is older than the newest thing known is none: the account was
// linked again since, is linked or shared no more, or the bank has answered since
// with anything but the figures that the request ended with. Notices of the same
// figures follow most refreshes, and take no outcome off the page.
func stillSays(a store.Account, r store.Refresh) bool {
	switch {
	case r.Open():
		return true
	case a.Status == store.AccountUnlinked, a.Status == store.AccountUnshared:
		return false
	case r.State == store.RefreshNeedsLogin:
		return a.Status == store.AccountNeedsLogin
	case r.EndedAt.Before(a.BoundAt):
		return false
	case r.Kind == store.KindRefresh && (r.State == store.RefreshChanged || r.State == store.RefreshUnchanged):
		return a.Figure == r.FigureAfter && a.Available == r.AvailableAfter
	case r.EndedAt.Before(a.CheckedAt):
		return false
	case r.Kind == store.KindCheck && r.State == store.RefreshChanged:
		return a.Outdated()
	}
	return true
}

// firstFollowed is how long a page follows whether the first balance comes: longer than
// it may take until the bank is asked for it.
const firstFollowed = 20 * time.Minute

// awaitsFirst says that the first balance of an account is on its way.
func (p presenter) awaitsFirst(a store.Account) bool {
	return a.AsOf.IsZero() && a.Status == store.AccountLinked && p.now.Sub(a.LinkedAt) < firstFollowed
}

// addRefreshes shows the open request, else the latest, and the cool-downs.
func (p presenter) addRefreshes(v *views.Account, a store.Card) {
	for _, r := range a.Latest {
		shown := p.refresh(r, v.Currency)
		if shown.ChangeIn == "ledger" && a.Basis != store.BasisLedger {
			shown.ChangeIn, shown.Other = "", views.Money{} // of the balance
		}
		if (v.Refresh == nil || !v.Refresh.Running) && stillSays(a.Account, r) {
			v.Refresh = &shown
			if shown.Running {
				v.PollURL = p.poll(p.base()+"/refreshes/"+r.ID, v.Mark)
			}
		}
		again := r.CreatedAt.Add(max(p.set.RefreshCooldown, p.upstream(a.Provider).Traits().Interval))
		if r.Kind == store.KindCheck {
			v.CheckAgain = again
		} else {
			v.RefreshAgain = again
		}
	}
}

func (p presenter) refresh(r store.Refresh, currency string) views.Refresh {
	v := views.Refresh{
		ID: r.ID, Kind: string(r.Kind), State: string(r.State), Running: r.Open(),
		StartedAt: r.CreatedAt, EndedAt: r.EndedAt, Deadline: r.DeadlineAt,
		Changed: r.Changed, LastChecked: r.LastChecked, LastFetched: r.LastFetched, TryAgain: r.RetryAt, Fault: r.Fault,
		Trigger: r.Trigger, Polls: r.Polls, Reference: store.Reference(r.ID),
	}
	if r.Open() {
		v.Held, v.NextTry = r.Held, r.NextAt
	}
	if p.forStaff {
		v.Cause, v.By = r.Cause, p.staff[r.StaffID]
	}
	if r.State == store.RefreshChanged || r.State == store.RefreshUnchanged {
		v.Cause = "" // how it was answered is no cause of anything
	}
	if r.State == store.RefreshChanged && r.Kind == store.KindRefresh {
		v.Change, v.ChangeIn, v.Other = change(r, currency)
	}
	return v
}

// change is by how much the available balance changed, which is the large figure, or the
// ledger balance when only that did or the other is not known. other is by how much the
// other one of the two did, where that differs.
func change(r store.Refresh, currency string) (by views.Money, in string, other views.Money) {
	available := difference(r.AvailableAfter, r.AvailableBefore, currency)
	ledger := difference(r.FigureAfter, r.FigureBefore, currency)
	switch {
	case available.Known && available.Minor != 0:
		by, in, other = available, "available", ledger
	case ledger.Known:
		by, in, other = ledger, "ledger", available
	}
	if other == by {
		other = views.Money{}
	}
	return by, in, other
}

// chart is the line of balances from a moment on.
func (p presenter) chart(points []store.Point, from time.Time, currency string) views.Chart {
	ch := views.Chart{From: from, To: p.now, Currency: currency, Basis: basisOf(points)}
	for _, at := range points {
		ch.Points = append(ch.Points, views.ChartPoint{
			At: at.At, Figure: moneyOf(store.Minor(at.Figure), currency), Available: moneyOf(at.Available, currency),
			Seam: at.Seam,
		})
	}
	if n := len(points); n > 0 {
		age := p.age(points[n-1].At)
		ch.Stale = points[n-1].Copy || age == views.Stale || age == views.Undated
	}
	return ch
}

// basisOf is the basis of the figures of all points; empty: they differ.
func basisOf(points []store.Point) string {
	for _, at := range points {
		if at.Basis != points[0].Basis {
			return ""
		}
	}
	if len(points) == 0 {
		return ""
	}
	return string(points[0].Basis)
}

// banks groups cards by bank, in their order.
func (p presenter) banks(cards []store.Card) []views.Bank {
	var banks []views.Bank
	for _, a := range cards {
		if len(banks) == 0 || banks[len(banks)-1].Name != a.Bank.Name {
			banks = append(banks, views.Bank{Name: a.Bank.Name})
		}
		b := &banks[len(banks)-1]
		b.Accounts = append(b.Accounts, p.account(a))
	}
	return banks
}

// sum is what accounts hold in all, and how old that is; the zero one: there are no two.
func (p presenter) sum(accounts []store.Account) views.Sum {
	followed := 0
	for _, a := range accounts {
		if a.Followed() {
			followed++
		}
	}
	if followed < 2 { // it stands on the one card
		return views.Sum{}
	}
	at, age := p.oldest(accounts)
	return views.Sum{Totals: totals(accounts), OldestAsOf: at, Freshness: age}
}

func totals(accounts []store.Account) []views.Total {
	var all []views.Total
	for _, t := range store.Totals(accounts) {
		all = append(all, views.Total{
			Money: moneyOf(t.Available, t.Currency), Unknown: t.Unknown, Twice: t.Twice, Worked: t.WorkedOut,
			Unspecified: moneyOf(t.Unspecified, t.Currency),
		})
	}
	return all
}

// customerRow is a customer in the list.
func (p presenter) customerRow(
	c store.CustomerRow, accounts []store.Account, consent store.ConsentState,
) views.CustomerRow {
	row := views.CustomerRow{
		ID: c.ID, Name: c.Name, Reference: c.Reference, URL: "/customers/" + c.ID,
		Accounts: len(accounts), Status: acts.LinkStatus(c, accounts, consent, p.now), Totals: totals(accounts),
	}
	row.Phone, row.Email, row.SeenAt, row.Kind = phone.Written(c.Phone), c.Email, c.SeenAt, string(c.Kind)
	row.OldestAsOf, row.Freshness = p.oldest(accounts)
	row.Banks = bankNames(accounts)
	return row
}

// bankNames are the banks of accounts, each once.
func bankNames(accounts []store.Account) (names []string) {
	for _, a := range accounts {
		if !slices.Contains(names, a.Bank.Name) {
			names = append(names, a.Bank.Name)
		}
	}
	return names
}

// oldest is the oldest balance that still counts, and how old that is; zero: there
// is none of a known time. With a saved copy among them nobody knows how old.
func (p presenter) oldest(accounts []store.Account) (at time.Time, age views.Freshness) {
	undated := false
	for _, a := range accounts {
		switch {
		case !a.Followed() || a.AsOf.IsZero():
		case !a.Dated() || store.Ahead(a.AsOf, p.now):
			undated = true
		case at.IsZero() || a.AsOf.Before(at):
			at = a.AsOf
		}
	}
	if undated {
		return at, views.Undated
	}
	return at, p.age(at)
}

func balanceRows(balances []store.Balance) []views.Balance {
	all := make([]views.Balance, len(balances))
	for i, b := range balances {
		all[i] = views.Balance{
			AsOf: b.AsOf, AsOfKind: string(b.AsOfKind), ReceivedAt: b.ReceivedAt,
			Source: string(b.Source), Basis: string(b.Basis),
			Figure: moneyOf(store.Minor(b.Figure), b.Currency), Available: moneyOf(b.Available, b.Currency),
			AvailableWorked: b.AvailableWorkedOut,
		}
	}
	return all
}

func eventRow(e store.Event) views.EventRow {
	row := views.EventRow{
		ID: e.ID, URL: "/inbox/" + e.ID, ReceivedAt: e.ReceivedAt, Method: e.Method, Code: e.Code, Env: e.ProviderEnv,
		Record: e.ProviderRecord, CustomerName: e.CustomerName, Result: string(e.Result), Deliveries: e.Deliveries,
	}
	if e.CustomerID != "" {
		row.CustomerURL = "/customers/" + e.CustomerID
	}
	return row
}

// invitation is what can still be done with a personal link.
func (p presenter) invitation(i store.Invitation) views.Invitation {
	v := views.Invitation{
		ID: i.ID, CreatedAt: i.CreatedAt, ExpiresAt: i.ExpiresAt, State: acts.LinkState(i, p.now),
	}
	visit := v.State == "used" && i.RevokedAt.IsZero() && p.now.Before(i.UsedAt.Add(signin.VisitFor))
	if v.State == "open" || v.State == "locked" || visit {
		v.RevokeURL = "/customers/" + i.CustomerID + "/invitations/" + i.ID + "/revoke"
	}
	return v
}

// attemptState is an attempt's state as a person sees it: an open one may have expired.
func (p presenter) attemptState(a store.Attempt) string {
	if a.State == store.AttemptOpen && !p.now.Before(a.ExpiresAt) {
		return "expired"
	}
	return string(a.State)
}

// anyStale says that a balance of an account whose bank may be asked is out of date.
func (p presenter) anyStale(accounts []store.Account) bool {
	return slices.ContainsFunc(accounts, func(a store.Account) bool {
		return a.Status == store.AccountLinked && !a.AsOf.IsZero() && p.freshness(a) == views.Stale
	})
}

// staleBefore is the moment before which a balance is stale.
func (p presenter) staleBefore() time.Time { return p.now.Add(-p.set.StaleAfter) }

// today is when the day began where the pages are read.
func (s *Server) today() time.Time {
	return days.Start(s.Now().In(s.Settings.Location))
}
