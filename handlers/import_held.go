package handlers

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"slices"
	"sync"

	"balancelink/handlers/roster"
	"balancelink/handlers/worker"
	"balancelink/store"
	"balancelink/store/progress"
	"balancelink/views"
)

// imports are those files of customers that this instance takes in just now, one for each
// member of staff. The files themselves are in the database, where every instance finds them.
type imports struct {
	mu     sync.Mutex
	taking map[string]*taking // by member of staff
}

// taking is how far it is with one.
type taking struct {
	work  *progress.Work
	ended chan struct{} // closed when it is over
}

// of is how far this instance is with the file of a member of staff; nil: it is at none.
func (h *imports) of(staffID string) *taking {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.taking[staffID]
}

func (h *imports) begin(staffID string, t *taking) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.taking == nil {
		h.taking = map[string]*taking{}
	}
	h.taking[staffID] = t
}

func (h *imports) end(staffID string, t *taking) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t.work.End()
	delete(h.taking, staffID)
	close(t.ended)
}

// importing is a file of customers as it is held. Once it is taken in nothing of it is left
// but whose it was about.
type importing struct {
	Name    string
	Ignored []string
	Wrong   []roster.Row
	Entries []store.Entry  // as the file has them: see filled
	Done    store.Imported // once it was taken in

	held  store.HeldFile
	state store.FileState
}

// content is the file as the database keeps it.
func (i *importing) content() ([]byte, error) {
	var b bytes.Buffer
	packed := gzip.NewWriter(&b)
	err := errors.Join(gob.NewEncoder(packed).Encode(i), packed.Close())
	return b.Bytes(), err
}

// asImporting reads what content wrote.
func asImporting(f store.HeldFile) (i importing, err error) {
	i = importing{held: f, state: f.State}
	packed, err := gzip.NewReader(bytes.NewReader(f.Content))
	if err == nil {
		err = gob.NewDecoder(packed).Decode(&i)
	}
	if err != nil {
		return i, fmt.Errorf("reading a file that is held: %w", err)
	}
	return i, nil
}

// customers are the ids of those whom the file is about and who are there.
func (i *importing) customers() []string {
	if i.state == store.FileDone {
		return i.Done.Customers
	}
	var ids []string
	for _, e := range i.Entries {
		if !e.New() {
			ids = append(ids, e.Was.ID)
		}
	}
	return ids
}

// filled are the entries as they are taken in. They are not held so: who was there may be
// another by then, and a field of which the file says nothing is as it is then.
func (i *importing) filled() []store.Entry {
	all := slices.Clone(i.Entries)
	for n := range all {
		all[n].Customer = keepingEmpty(all[n])
	}
	return all
}

// heldFile is the file of a member of staff as it is now, and whether there is one.
func (s *Server) heldFile(ctx context.Context, staffID string) (i importing, ok bool, err error) {
	f, err := s.Store.FileOf(ctx, staffID)
	if errors.Is(err, store.ErrNotFound) {
		return i, false, nil
	}
	var lost *store.SealError
	if err != nil && !errors.As(err, &lost) {
		return i, false, err
	}
	if err == nil {
		i, err = asImporting(f)
	}
	if err != nil { // it is sent again
		s.Logger.Error("reading a file of customers that is held", "err", err)
	}
	return i, err == nil, nil
}

// takeIn begins to take in the file of a member of staff, when one waits for that.
// ended is closed when that is over; nil: none waits, or another instance is at it.
func (s *Server) takeIn(ctx context.Context, staffID string) (ended <-chan struct{}, err error) {
	f, err := s.Store.TakeFile(ctx, staffID)
	if errors.Is(err, store.ErrNotFound) {
		if t := s.imports.of(staffID); t != nil {
			return t.ended, nil
		}
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	i, err := asImporting(f)
	if err != nil {
		return nil, err
	}
	t := &taking{work: s.Store.Board().Begin(progress.Importing, 1), ended: make(chan struct{})}
	t.work.IsFor(staffID)
	s.imports.begin(staffID, t)
	s.going.Go(func() {
		defer s.imports.end(staffID, t)
		s.takeInNow(staffID, i, t.work)
	})
	return t.ended, nil
}

// importWork is how far whichever instance takes in the file of a member of staff is; nil:
// it has not said so yet.
func (s *Server) importWork(ctx context.Context, staffID string) (*views.LongWork, error) {
	if t := s.imports.of(staffID); t != nil {
		return &views.LongWork{State: t.work.State()}, nil
	}
	elsewhere, err := s.Store.WorkElsewhere(ctx, s.instance())
	for _, w := range elsewhere {
		if w.Name == progress.Importing && w.For == staffID {
			return &views.LongWork{State: w.State}, nil
		}
	}
	return nil, err
}

// takeInNow takes in a file that nobody else changes meanwhile.
func (s *Server) takeInNow(staffID string, i importing, w *progress.Work) {
	i.state = store.FileDone
	done, err := s.Store.ImportCustomers(s.running, store.ByStaff(staffID), i.filled(), worker.CompareAgain, w)
	if err != nil {
		i.state = store.FileFailed
	}
	if errors.Is(err, store.ErrConflict) {
		i.state = store.FileMoved
		i.Entries, err = s.entered(s.running, customersOf(i.Entries))
	}
	if i.state == store.FileDone {
		i.Entries, i.Wrong, i.Done = nil, nil, done
	}
	i.held.State = i.state
	var endErr error
	if i.held.Content, endErr = i.content(); endErr == nil {
		endErr = s.Store.EndFile(context.WithoutCancel(s.running), staffID, i.held)
	}
	if err := errors.Join(err, endErr); err != nil && s.running.Err() == nil {
		s.Logger.Error("taking in customers from a file", "err", err)
	}
}

func customersOf(entries []store.Entry) (all []store.Customer) {
	for _, e := range entries {
		all = append(all, e.Customer)
	}
	return all
}

// plan is a file with whom it adds and changes.
func (s *Server) plan(ctx context.Context, name string, f roster.File) (*importing, error) {
	i := &importing{Name: name, Ignored: f.Ignored}
	var good []store.Customer
	for _, r := range f.Rows {
		if r.Wrong != nil {
			i.Wrong = append(i.Wrong, r)
		} else {
			good = append(good, r.Customer)
		}
	}
	entries, err := s.entered(ctx, good)
	if err != nil {
		return nil, err
	}
	i.Entries = entries
	return i, nil
}

// entered are customers to be with those who are there now, of whom no more is held than
// what a file can change.
func (s *Server) entered(ctx context.Context, be []store.Customer) ([]store.Entry, error) {
	entries, err := s.Store.Entered(ctx, be)
	for n, e := range entries {
		entries[n].Was = store.Customer{
			ID: e.Was.ID, Name: e.Was.Name, Kind: e.Was.Kind, Reference: e.Was.Reference, Email: e.Was.Email,
			Phone: e.Was.Phone, Language: e.Was.Language,
		}
	}
	return entries, err
}

// keepingEmpty is a customer to be of whom an empty field leaves what is known.
func keepingEmpty(e store.Entry) store.Customer {
	be := e.Customer
	for _, f := range []struct{ is, was *string }{
		{&be.Email, &e.Was.Email}, {&be.Phone, &e.Was.Phone}, {&be.Language, &e.Was.Language},
	} {
		if *f.is == "" {
			*f.is = *f.was
		}
	}
	return be
}
