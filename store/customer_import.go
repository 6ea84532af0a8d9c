package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"balancelink/store/limits"
	"balancelink/store/progress"
)

// Entry is a customer to be put where the business's reference says: as they are to be,
// and as they were when somebody looked at that.
type Entry struct {
	Customer Customer
	Was      Customer // without an id: there was none of that reference
}

// New says that the customer is made.
func (e Entry) New() bool { return e.Was.ID == "" }

// Changed are the fields in which a customer who was there becomes another.
func (e Entry) Changed() []string {
	if e.New() {
		return nil
	}
	is := e.Customer
	is.Note, is.Kind = e.Was.Note, cmp.Or(is.Kind, e.Was.Kind)
	return e.Was.corrected(is)
}

// Imported is how an import ended.
type Imported struct {
	Added, Changed, Unchanged int
	Customers                 []string // ids, in the order of the entries
}

// Entered are entries of customers as they are to be, with those who are there now.
func (s *Store) Entered(ctx context.Context, be []Customer) ([]Entry, error) {
	entries := make([]Entry, len(be))
	for i, c := range be {
		was, err := s.CustomerByReference(ctx, c.Reference)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return nil, err
		}
		entries[i] = Entry{Customer: c, Was: was}
	}
	return entries, nil
}

// ImportCustomers puts all customers of a file in one transaction, as [Store.PutCustomer]
// puts one. When one of them is not any more as they were, nothing is done and it is
// [ErrConflict]: somebody has to look again. How far it is is written on w.
func (s *Store) ImportCustomers(
	ctx context.Context, actor string, entries []Entry, again Comparing, w *progress.Work,
) (done Imported, err error) {
	w.Step("", progress.Customers, int64(len(entries)))
	within := s.engine.within()
	if within > 0 {
		within = limits.ImportTaking
	}
	err = s.inTxWithin(ctx, within, func(tx *tx) error {
		done = Imported{}
		for n, e := range entries {
			put, err := tx.enter(ctx, actor, e, again)
			if err != nil {
				return err
			}
			done.count(e, put)
			w.Reach(int64(n + 1))
		}
		return tx.audit(ctx, Act{
			Actor: actor, Action: ActCustomersImported,
			Detail: fmt.Sprintf("%d added, %d changed, %d unchanged", done.Added, done.Changed, done.Unchanged),
		})
	})
	if err != nil {
		return Imported{}, err
	}
	return done, nil
}

// enter puts a customer who still is as they were.
func (tx *tx) enter(ctx context.Context, actor string, e Entry, again Comparing) (Customer, error) {
	was, err := tx.customerBefore(ctx, e.Customer.Reference)
	if err != nil {
		return Customer{}, err
	}
	looked := e.Was
	looked.Note = was.Note
	if was.ID != looked.ID || len(looked.corrected(was)) > 0 {
		return Customer{}, ErrConflict
	}
	return tx.put(ctx, actor, was, e.Customer, again)
}

func (i *Imported) count(e Entry, put Customer) {
	switch {
	case e.New():
		i.Added++
	case len(e.Changed()) > 0:
		i.Changed++
	default:
		i.Unchanged++
	}
	i.Customers = append(i.Customers, put.ID)
}
