// Package demo fills a new simulated installation, so that there is something to
// see.
package demo

import (
	"context"
	"strings"
	"time"

	"balancelink/handlers/settings"
	"balancelink/store"
)

// customers are who a new simulated installation shows: the provider through whom each
// linked a bank, and with what (none: not linked yet).
var customers = []struct{ name, reference, provider, with string }{
	{"Amina Bello", "LN-1001", settings.Okra, "Amina123"},
	{"Bola Adeyemi", "LN-1002", settings.Okra, "Bola123"},
	{"Chidi Okafor", "LN-1003", settings.Okra, "Chidi123"},
	{"Dayo Ogunleye", "LN-1004", settings.Okra, "Dayo123"},
	{"Ibrahim Lawal", "LN-1005", settings.Okra, "Ibrahim123"},
	{"Efe Oghenekaro", "LN-1006", settings.Okra, ""},
	{"Lola Adebayo", "LN-1007", settings.Okra, "Lola123"},
	{"Tunde Bakare", "LN-1008", settings.Okra, "Gambo123"}, // the account is Gambo Musa's: for staff to look at
	{"Ngozi Umeh", "LN-1009", settings.Mono, "0712345604"},
	{"Zainab Sule", "LN-1010", settings.Mono, "0243118806"},
	{"Kunle Ojo", "LN-1011", settings.Mono, "3060024415"}, // whose bank does not answer
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
	Linkers  map[string]Linker // by provider
	Wake     func()            // tells the worker that there is something to do
	Deadline time.Duration     // of the refresh that is asked for
	Now      func() time.Time
}

// Run returns when the customers are there and whoever has to sign in again is
// being asked about. It does nothing where there are customers already.
func (s *Seeder) Run(ctx context.Context) error {
	n, err := s.Store.CountCustomers(ctx, store.AllCustomers, s.Now())
	if err != nil || n > 0 {
		return err
	}
	for _, d := range customers {
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
	mover, err := s.untilLinked(ctx, moves)
	if err != nil {
		return err
	}
	if err := s.link(ctx, mover, settings.Mono, movesWith); err != nil {
		return err
	}
	return s.askWhoMustSignIn(ctx)
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
func (s *Seeder) untilLinked(ctx context.Context, reference string) (store.Customer, error) {
	tick := time.NewTicker(time.Second / 2)
	defer tick.Stop()
	for {
		found, err := s.Store.Customers(ctx, store.CustomerQuery{Search: reference, Filter: store.Linked, Limit: 1})
		if err != nil {
			return store.Customer{}, err
		}
		if len(found) == 1 {
			return found[0].Customer, nil
		}
		select {
		case <-ctx.Done():
			return store.Customer{}, ctx.Err()
		case <-tick.C:
		}
	}
}

func (s *Seeder) ask(ctx context.Context, customerID string) error {
	accounts, err := s.Store.AccountsByCustomer(ctx, customerID)
	if err != nil {
		return err
	}
	_, _, err = s.Store.StartRefresh(ctx, store.RefreshRequest{
		Scope: store.Whole(), AccountID: accounts[0].ID, Kind: store.KindRefresh, Trigger: "link", Deadline: s.Deadline,
	})
	s.Wake()
	return err
}
