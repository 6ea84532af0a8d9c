package worker

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"balancelink/okra/provider"
	"balancelink/store"
)

// weigh says in a link what there is to doubt about whose it is. Three things
// tell, none of which a browser writes: the record's echo of the attempt's
// nonce, a webhook's, and the name of the holder. One that tells of another
// attempt or another person is for staff to judge. So is a link of which nothing
// but the name tells, unless that is the very name, and nobody else of that name
// was at a bank's window.
func (w *Worker) weigh(ctx context.Context, a store.Attempt, said provider.Link, l *store.Link) error {
	cu, err := w.Store.CustomerByID(ctx, a.CustomerID)
	if err != nil {
		return err
	}
	if again, err := w.signedInAgain(ctx, a, said); err != nil || again {
		compareHolders(l, cu, holders(said.Accounts))
		return err
	}
	var doubts []string
	for _, look := range []func() (string, error){
		func() (string, error) { return w.untimely(a, said), nil },
		func() (string, error) { return w.namedElsewhere(ctx, a, said) },
		func() (string, error) { return w.foreignClaim(ctx, a, said) },
		func() (string, error) { return compareHolders(l, cu, holders(said.Accounts)), nil },
		func() (string, error) { return w.unspoken(ctx, a, said, cu) },
	} {
		doubt, err := look()
		if err != nil {
			return err
		}
		if doubt != "" {
			doubts = append(doubts, doubt)
		}
	}
	l.Doubt = strings.Join(doubts, " ")
	return nil
}

// signedInAgain says that the sign-in is to the very account that it was to be to, by
// the provider's own id: then it cannot be anybody else's.
func (w *Worker) signedInAgain(ctx context.Context, a store.Attempt, said provider.Link) (bool, error) {
	if a.AccountID == "" {
		return false, nil
	}
	account, err := w.Store.AccountByID(ctx, a.AccountID)
	if errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	return account.CustomerID == a.CustomerID && account.Provider == a.Provider &&
		account.ProviderRecord == said.Record, err
}

// untimely says that a record was made before or after the bank window was open,
// unless it was staff who named it.
func (w *Worker) untimely(a store.Attempt, said provider.Link) string {
	from, to := a.CreatedAt.Add(-bankTimeWindow), a.ExpiresAt.Add(bankTimeWindow)
	if a.ClaimedBy != byStaff && !said.Made.IsZero() && (said.Made.Before(from) || said.Made.After(to)) {
		return "The record was not made while the bank window was open."
	}
	return ""
}

// byStaff is who claimed an attempt of which staff named the record. No window
// echoes its nonce: what tells of another is for them to see, not to expect.
const byStaff = "staff"

// namedElsewhere says that the record, or a webhook about it, tells of another
// attempt. What staff named is bound all the same, unless that is another
// customer's.
func (w *Worker) namedElsewhere(ctx context.Context, a store.Attempt, said provider.Link) (string, error) {
	const theRecord = "The record says that it was made for another link."
	if a.ClaimedBy == byStaff {
		owner, err := w.Store.CustomerOfNonce(ctx, said.Attempt)
		if err != nil || owner == "" || owner == a.CustomerID {
			return "", err
		}
		return theRecord, nil
	}
	if said.Attempt != "" && said.Attempt != a.Nonce {
		return theRecord, nil
	}
	if elsewhere, err := w.Store.EchoedElsewhere(ctx, a); err != nil || !elsewhere {
		return "", err
	}
	return "One of the webhooks says that the record was made for another link.", nil
}

// That nothing tells for which attempt a record was made, and what of the name
// makes that doubtful.
const (
	unspokenOnly = "The provider does not say for which link the record was made."
	unspokenName = "The provider does not say for which link the record was made, and the holder's name is not the very same."
	unspokenTwin = "The provider does not say for which link the record was made, and another customer of the same name was at a bank's window then."
)

// unspoken says that neither the record nor a webhook tells of the attempt, and
// that the name alone does not do.
func (w *Worker) unspoken(ctx context.Context, a store.Attempt, said provider.Link, cu store.Customer) (string, error) {
	if a.ClaimedBy == byStaff || said.Attempt == a.Nonce || a.EchoedRecord == said.Record {
		return "", nil
	}
	if w.Providers.Of(a.Provider).Traits().Echoes {
		return unspokenOnly, nil
	}
	if !allEqual(cu, holders(said.Accounts)) {
		return unspokenName, nil
	}
	from, to := said.Made.Add(-bankTimeWindow), said.Made.Add(bankTimeWindow)
	others, err := w.Store.NamesAtWindows(ctx, cu.ID, from, to)
	if slices.ContainsFunc(others, func(name string) bool { return compareNames(cu, name) == store.NamesSame }) {
		return unspokenTwin, err
	}
	return "", err
}

// foreignClaim says what a browser reported that is not its customer's; empty:
// nothing. Only what the provider says is bound, so it would do no harm. But
// nobody reports that by mistake, and staff should know who did.
func (w *Worker) foreignClaim(ctx context.Context, a store.Attempt, said provider.Link) (string, error) {
	report, err := w.Store.AttemptReport(ctx, a.ID)
	if err != nil {
		return "", err
	}
	claim, _, err := w.Providers.Of(a.Provider).ReceiveClaim([]byte(report))
	if err != nil {
		return "", nil // there is no report of a success
	}
	switch {
	case claim.Record != said.Record:
		return "The bank window reported another record first.", nil
	case claim.Customer != "" && said.Customer != "" && claim.Customer != said.Customer:
		return "The bank window reported another of the provider's customers than the provider does.", nil
	case claim.Foreign:
		return "The bank window reported another company as the owner.", nil
	case claim.Attempt != "" && claim.Attempt != a.Nonce:
		return "The bank window reported that it was opened for another link.", nil
	}
	for _, id := range claim.Accounts {
		known, err := w.Store.AccountByProviderID(ctx, a.Provider, a.Env, id)
		if err == nil && known.CustomerID != a.CustomerID {
			return "The bank window reported an account that another customer has.", nil
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return "", err
		}
	}
	return "", nil
}

// bankTimeWindow is how far a record's creation may lie outside its attempt:
// the provider's clock and ours are not the same.
const bankTimeWindow = 5 * time.Minute
