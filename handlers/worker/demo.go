package worker

import (
	"context"
	"time"

	"balancelink/store"
)

// demoCustomers are who a new simulated installation shows: the sandbox
// log-in with which each linked a bank (none: not linked yet).
var demoCustomers = []struct{ name, reference, login string }{
	{"Amina Bello", "LN-1001", "Amina123"},
	{"Bola Adeyemi", "LN-1002", "Bola123"},
	{"Chidi Okafor", "LN-1003", "Chidi123"},
	{"Dayo Ogunleye", "LN-1004", "Dayo123"},
	{"Ibrahim Lawal", "LN-1005", "Ibrahim123"},
	{"Efe Oghenekaro", "LN-1006", ""},
	{"Lola Adebayo", "LN-1007", "Lola123"},
	{"Tunde Bakare", "LN-1008", "Gambo123"}, // the account is Gambo Musa's: for staff to look at
}

// SeedDemo fills an empty simulated installation with customers in different
// states. They go the way of real ones: an invitation, a consent, an attempt,
// the claim of the widget, which connect stands for, and the confirmation.
func (w *Worker) SeedDemo(ctx context.Context, connect func(login, attempt string, shared []string) ([]byte, error)) {
	if err := w.seedDemo(ctx, connect); err != nil && ctx.Err() == nil {
		w.Logger.Error("seeding demo customers", "err", err)
	}
}

func (w *Worker) seedDemo(ctx context.Context, connect func(string, string, []string) ([]byte, error)) error {
	n, err := w.Store.CountCustomers(ctx, store.AllCustomers, w.Now())
	if err != nil || n > 0 {
		return err
	}
	for _, d := range demoCustomers {
		cu, err := w.Store.AddCustomer(ctx, store.Program, store.Customer{Name: d.name, Reference: d.reference})
		if err != nil {
			return err
		}
		if err := w.seedLink(ctx, cu, d.login, connect); err != nil {
			return err
		}
	}
	return w.askWhoMustSignIn(ctx)
}

func (w *Worker) seedLink(ctx context.Context, cu store.Customer, login string, connect func(string, string, []string) ([]byte, error)) error {
	i, _, err := w.Store.AddInvitation(ctx, store.Program, cu.ID, "", 72*time.Hour)
	if err != nil || login == "" {
		return err
	}
	scope := "auth,balance"
	if w.Transactions {
		scope += ",transactions"
	}
	co, err := w.Store.AddConsent(ctx, store.Consent{CustomerID: cu.ID, InvitationID: i.ID, Version: "demo", Scope: scope})
	if err != nil {
		return err
	}
	a, err := w.Store.StartAttempt(ctx, store.Attempt{
		CustomerID: cu.ID, InvitationID: i.ID, ConsentID: co.ID, Provider: w.Provider.Name(), Env: w.Env,
	}, 30*time.Minute)
	if err != nil {
		return err
	}
	success, err := connect(login, a.Nonce, nil)
	if err != nil {
		return err
	}
	claim, _, err := w.Provider.ReceiveClaim(success)
	if err != nil {
		return err
	}
	_, err = w.Store.ReportAttempt(ctx, a.Nonce, store.Report{
		State: store.AttemptClaimed, ClaimedBy: "widget",
		ProviderRecord: claim.Record, ProviderCustomer: claim.Customer, BankName: claim.BankName,
	})
	w.Wake()
	return err
}

// askWhoMustSignIn refreshes the demo customer whose bank wants a new sign-in,
// once linked, so that this state is there to be seen. However late that is:
// the calls of the first minute may be used up.
func (w *Worker) askWhoMustSignIn(ctx context.Context) error {
	tick := time.NewTicker(time.Second / 2)
	defer tick.Stop()
	for {
		found, err := w.Store.Customers(ctx, store.CustomerQuery{Search: "LN-1004", Filter: store.Linked, Limit: 1})
		if err != nil {
			return err
		}
		if len(found) == 1 {
			return w.askDemo(ctx, found[0].ID)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

func (w *Worker) askDemo(ctx context.Context, customerID string) error {
	accounts, err := w.Store.AccountsByCustomer(ctx, customerID)
	if err != nil {
		return err
	}
	_, _, err = w.Store.StartRefresh(ctx, store.RefreshRequest{
		Scope: store.Whole(), AccountID: accounts[0].ID, Kind: store.KindRefresh, Trigger: "link", Deadline: w.Deadline,
	})
	w.Wake()
	return err
}
