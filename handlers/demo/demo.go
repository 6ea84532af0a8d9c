// Package demo fills a new simulated installation, so that there is something to
// see.
package demo

import (
	"context"
	"slices"
	"strings"
	"time"

	"balancelink/handlers/settings"
	"balancelink/store"
)

// customers are who a new simulated installation shows: the provider through whom each
// linked a bank, with what (none: not linked yet), and what was before.
var customers = []struct {
	name, reference, provider, with string
	past                            past
}{
	{"Amina Bello", "LN-1001", settings.Okra, "Amina123", past{brought: salary}},
	{"Bola Adeyemi", "LN-1002", settings.Okra, "Bola123", past{brought: market}},
	{"Chidi Okafor", "LN-1003", settings.Okra, "Chidi123", past{brought: market, overdrawn: true}},
	{"Dayo Ogunleye", "LN-1004", settings.Okra, "Dayo123", past{brought: salary, every: 4}},
	{"Ibrahim Lawal", "LN-1005", settings.Okra, "Ibrahim123", past{}},
	{"Efe Oghenekaro", "LN-1006", settings.Okra, "", past{}},
	{"Lola Adebayo", "LN-1007", settings.Okra, "Lola123", past{brought: market, every: 2}},
	// the account is Gambo Musa's: for staff to look at
	{"Tunde Bakare", "LN-1008", settings.Okra, "Gambo123", past{}},
	{"Ngozi Umeh", "LN-1009", settings.Mono, "0712345604", past{brought: salary}},
	{"Zainab Sule", "LN-1010", settings.Mono, "0243118806", past{}},
	{"Kunle Ojo", "LN-1011", settings.Mono, "3060024415", past{}}, // whose bank does not answer
}

// Who moves: the account that they have at Okra they link at Mono too, where its history
// goes on.
const moves, movesWith = "LN-1001", "0123456796"

// Linker signs in at a bank of a provider's for an attempt, with a log-in or an account
// number, and returns what the browser reports of it.
type Linker func(with string, a store.Attempt) (store.Report, error)

// Seeder fills an empty installation with customers in different states. They go
// the way of real ones: an invitation, a consent, an attempt, the claim of the
// window, for which a Linker stands, and the confirmation by the worker.
type Seeder struct {
	Store    *store.Store
	Env      string            // of rows
	Scope    string            // of the consents
	Linkers  map[string]Linker // by provider; of one without, there are no customers
	Wake     func()            // tells the worker that there is something to do
	Deadline time.Duration     // of the refresh that is asked for
	Now      func() time.Time
}

// Run returns when the customers and their pasts are there and whoever has to sign in
// again is being asked about. It does nothing where there are customers already.
func (s *Seeder) Run(ctx context.Context) error {
	n, err := s.Store.CountCustomers(ctx, store.AllCustomers, s.Now())
	if err != nil || n > 0 {
		return err
	}
	for _, d := range customers {
		if s.Linkers[d.provider] == nil {
			continue
		}
		cu, err := s.Store.AddCustomer(ctx, store.Program, store.Customer{
			Name: d.name, Reference: d.reference, Email: strings.ToLower(strings.Fields(d.name)[0]) + "@example.com",
		})
		if err != nil {
			return err
		}
		if err := s.link(ctx, cu, d.provider, d.with); err != nil {
			return err
		}
	}
	if s.Linkers[settings.Mono] != nil {
		mover, err := s.untilLinked(ctx, moves)
		if err != nil {
			return err
		}
		if err := s.link(ctx, mover, settings.Mono, movesWith); err != nil {
			return err
		}
	}
	if err := s.askWhoMustSignIn(ctx); err != nil {
		return err
	}
	return s.writePasts(ctx)
}

func (s *Seeder) link(ctx context.Context, cu store.Customer, provider, with string) error {
	i, _, err := s.Store.AddInvitation(ctx, store.Program, cu.ID, "", 72*time.Hour)
	if err != nil || with == "" {
		return err
	}
	co, err := s.Store.AddConsent(ctx, store.Consent{
		CustomerID: cu.ID, InvitationID: i.ID, Version: "demo", Scope: s.Scope, Provider: provider,
	})
	if err != nil {
		return err
	}
	a, err := s.Store.StartAttempt(ctx, store.Attempt{
		CustomerID: cu.ID, InvitationID: i.ID, ConsentID: co.ID, Provider: provider, Env: s.Env,
	}, 30*time.Minute)
	if err != nil {
		return err
	}
	r, err := s.Linkers[provider](with, a)
	if err != nil {
		return err
	}
	_, err = s.Store.ReportAttempt(ctx, a.Nonce, r)
	s.Wake()
	return err
}

// askWhoMustSignIn refreshes the demo customer whose bank wants a new sign-in,
// once linked, so that this state is there to be seen. However late that is:
// the calls of the first minute may be used up.
func (s *Seeder) askWhoMustSignIn(ctx context.Context) error {
	cu, err := s.untilLinked(ctx, "LN-1004")
	if err != nil {
		return err
	}
	return s.ask(ctx, cu.ID)
}

// untilLinked waits until the customer of a reference has linked a bank.
func (s *Seeder) untilLinked(ctx context.Context, reference string) (cu store.Customer, err error) {
	err = s.until(ctx, func() (bool, error) {
		found, err := s.Store.Customers(ctx, store.CustomerQuery{Search: reference, Filter: store.Linked, Limit: 1})
		if len(found) == 1 {
			cu = found[0].Customer
		}
		return len(found) == 1, err
	})
	return cu, err
}

// until looks again and again whether something has come.
func (s *Seeder) until(ctx context.Context, come func() (bool, error)) error {
	tick := time.NewTicker(time.Second / 2)
	defer tick.Stop()
	for {
		if there, err := come(); there || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

func (s *Seeder) ask(ctx context.Context, customerID string) error {
	accounts, err := s.Store.AccountsByCustomer(ctx, customerID)
	if err != nil {
		return err
	}
	if err := s.heard(ctx, accounts[0]); err != nil {
		return err
	}
	_, _, err = s.Store.StartRefresh(ctx, store.RefreshRequest{
		Scope: store.Whole(), AccountID: accounts[0].ID, Kind: store.KindRefresh, Trigger: "link", Deadline: s.Deadline,
	})
	s.Wake()
	return err
}

// looks is how often it is looked at most for a webhook, which may find no way here.
const looks = 20

// heard waits until the bank has told the balance of a new account by webhook: later that
// would pass for the answer to what is asked.
func (s *Seeder) heard(ctx context.Context, a store.Account) error {
	looked := 0
	return s.until(ctx, func() (bool, error) {
		looked++
		events, err := s.Store.FindEvents(ctx, store.EventSearch{Customer: a.CustomerID}, "", 50)
		return looked > looks || slices.ContainsFunc(events, func(e store.Event) bool {
			return e.ProviderAccount == a.ProviderID && e.Method == "BALANCE"
		}), err
	})
}
