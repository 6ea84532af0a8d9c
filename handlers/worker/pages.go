package worker

import (
	"context"
	"errors"
	"sync"

	"balancelink/okra/provider"
	"balancelink/store"
)

// openPages returns the step that has a page made for every attempt that is to lead
// people to one, each in a goroutine of its own.
func (w *Worker) openPages(wg *sync.WaitGroup) func(context.Context) error {
	opening := newPool(wg, parallelLinks)
	return func(ctx context.Context) error {
		return w.eachProvider(func(p provider.Provider) error {
			pages, ok := p.(provider.Pages)
			if !ok {
				return nil
			}
			round := opening.round()
			due, err := w.Store.AttemptsToOpen(ctx, p.Name(), 20)
			if err != nil {
				return err
			}
			for _, a := range due {
				round.start(a.ID, func() {
					if err := w.openPage(ctx, p, pages, a); err != nil && ctx.Err() == nil {
						w.Logger.Error("opening a page of the provider's", "attempt", a.ID, "err", err)
					}
				}, nil)
			}
			return nil
		})
	}
}

func (w *Worker) openPage(ctx context.Context, p provider.Provider, pages provider.Pages, a store.Attempt) error {
	if ok, next, pause := p.Ready(provider.ForConfirm); !ok {
		return w.Store.RetryPage(ctx, a.ID, earlier(next, a.ExpiresAt), string(pause.Kind), held(pause))
	}
	o, err := w.openingOf(ctx, a)
	if errors.Is(err, store.ErrNotFound) {
		return nil // erased meanwhile
	}
	if err != nil {
		return err
	}
	page, err := pages.Open(ctx, o)
	switch kind := provider.KindOf(err); {
	case ctx.Err() != nil:
		return nil // it is due again after the start
	case err == nil:
		return w.Store.KeepPage(ctx, a.ID, page)
	case kind == provider.KindBadRequest, kind == provider.KindNoRecord:
		return w.Store.FailPage(ctx, a.ID, "The provider made no page for this link: "+err.Error())
	}
	return w.Store.RetryPage(ctx, a.ID, earlier(w.Now().Add(backoff(a.Tries)), a.ExpiresAt), fault(err), err.Error())
}

// openingOf is what a page is opened for. An account at another provider cannot be
// signed in to again at this one: it is linked anew.
func (w *Worker) openingOf(ctx context.Context, a store.Attempt) (provider.Opening, error) {
	cu, err := w.Store.CustomerByID(ctx, a.CustomerID)
	if err != nil {
		return provider.Opening{}, err
	}
	o := provider.Opening{Attempt: a.Nonce, Name: cu.Name, Email: cu.Email, ReturnURL: w.ReturnURL(a.Nonce)}
	if a.AccountID == "" {
		return o, nil
	}
	account, err := w.Store.AccountByID(ctx, a.AccountID)
	if err == nil && account.Provider == a.Provider {
		o.Account = account.ProviderID
	}
	return o, err
}

// redeemed is a claimed attempt with its record: of one that came back with a code it
// is what the provider gives for it.
func (w *Worker) redeemed(ctx context.Context, a store.Attempt) (store.Attempt, error) {
	pages, ok := w.Providers.Of(a.Provider).(provider.Pages)
	if a.ProviderRecord != "" || a.Code == "" || !ok {
		return a, nil
	}
	record, err := pages.Redeem(ctx, a.Code, a.Nonce)
	if err != nil {
		return a, err
	}
	a.ProviderRecord, a.Code = record, ""
	return a, w.Store.NameRecord(ctx, a.ID, record)
}
