package handlers

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"balancelink/handlers/roster"
	"balancelink/handlers/worker"
	"balancelink/store"
	"balancelink/store/limits"
	"balancelink/store/progress"
)

// imports are the files of customers that staff have sent, until they are taken in or
// dropped: one for each member of staff. They are in memory alone, so that nothing of
// one stays.
type imports struct {
	mu   sync.Mutex
	held map[string]*importing // by member of staff, no more than limits.Imports
}

// importing is a file of customers. Once it is taken in nothing of it is left but whose
// it was about.
type importing struct {
	at      time.Time // when it was sent
	name    string
	ignored []string
	wrong   []roster.Row
	entries []store.Entry
	state   importState
	work    *progress.Work // while it is taken in
	done    store.Imported // once it was
	ended   chan struct{}  // closed when the last try to take it in has ended
}

type importState string

// The states of a file.
const (
	importRead    importState = "read"    // it waits for somebody to say that it is right
	importMoved   importState = "moved"   // so it does, for the customers are others by now; nothing was done
	importFailed  importState = "failed"  // so it does, for it could not be stored; nothing was done
	importRunning importState = "running" // it is being taken in
	importDone    importState = "done"
)

// customers are the ids of those whom the file is about and who are there.
func (i *importing) customers() []string {
	if i.state == importDone {
		return i.done.Customers
	}
	var ids []string
	for _, e := range i.entries {
		if !e.New() {
			ids = append(ids, e.Was.ID)
		}
	}
	return ids
}

// of is the file of a member of staff as it is now, and whether there is one.
func (h *imports) of(staffID string) (importing, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	i, ok := h.held[staffID]
	if !ok {
		return importing{}, false
	}
	return *i, true
}

// put holds a file in place of the one there was, unless that is being taken in.
func (h *imports) put(staffID string, i *importing) (ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if old := h.held[staffID]; old != nil && old.state == importRunning {
		return false
	}
	if h.held == nil {
		h.held = map[string]*importing{}
	}
	h.held[staffID] = i
	for len(h.held) > limits.Imports {
		h.dropOldest()
	}
	return true
}

func (h *imports) dropOldest() {
	oldest := ""
	for id, i := range h.held {
		if i.state != importRunning && (oldest == "" || i.at.Before(h.held[oldest].at)) {
			oldest = id
		}
	}
	delete(h.held, oldest)
}

// drop forgets the file of a member of staff, unless it is being taken in.
func (h *imports) drop(staffID string) {
	h.dropIf(func(id string, _ *importing) bool { return id == staffID })
}

// expire forgets what has waited for too long.
func (h *imports) expire(now time.Time) {
	h.dropIf(func(_ string, i *importing) bool { return now.Sub(i.at).Abs() > limits.ImportHeld })
}

// dropAll forgets all files: one may hold somebody who was erased.
func (h *imports) dropAll() { h.dropIf(func(string, *importing) bool { return true }) }

func (h *imports) dropIf(which func(staffID string, i *importing) bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for id, i := range h.held {
		if i.state != importRunning && which(id, i) {
			delete(h.held, id)
		}
	}
}

// takeIn begins to take in the file of a member of staff, when one waits for that.
// ended is closed when that is over; nil: none waits.
func (s *Server) takeIn(staffID string) (ended <-chan struct{}) {
	h := &s.imports
	h.mu.Lock()
	defer h.mu.Unlock()
	i := h.held[staffID]
	if i == nil || i.state == importDone {
		return nil
	}
	if i.state == importRunning {
		return i.ended
	}
	i.state, i.ended = importRunning, make(chan struct{})
	i.work = s.Store.Board().Begin(progress.Importing, 1)
	s.going.Go(func() { s.takeInNow(staffID, i) })
	return i.ended
}

// takeInNow takes in a file that nobody else changes meanwhile.
func (s *Server) takeInNow(staffID string, i *importing) {
	done, state := store.Imported{}, importDone
	entries := i.entries
	done, err := s.Store.ImportCustomers(s.running, store.ByStaff(staffID), entries, worker.CompareAgain, i.work)
	if err != nil {
		state = importFailed
	}
	if errors.Is(err, store.ErrConflict) {
		state = importMoved
		entries, err = s.Store.Entered(s.running, customersOf(entries))
	}
	if err != nil && s.running.Err() == nil {
		s.Logger.Error("taking in customers from a file", "err", err)
	}
	if state == importDone {
		entries = nil
	}
	s.imports.end(i, state, entries, done)
}

func (h *imports) end(i *importing, state importState, entries []store.Entry, done store.Imported) {
	h.mu.Lock()
	defer h.mu.Unlock()
	i.work.End()
	i.state, i.entries, i.done, i.work = state, entries, done, nil
	if state == importDone {
		i.wrong = nil
	}
	close(i.ended)
}

func customersOf(entries []store.Entry) (all []store.Customer) {
	for _, e := range entries {
		all = append(all, e.Customer)
	}
	return all
}

// plan is a file with whom it adds and changes.
func (s *Server) plan(ctx context.Context, name string, f roster.File) (*importing, error) {
	i := &importing{at: s.Now(), name: name, ignored: f.Ignored, state: importRead}
	var good []store.Customer
	for _, r := range f.Rows {
		if r.Wrong != nil {
			i.wrong = append(i.wrong, r)
		} else {
			good = append(good, r.Customer)
		}
	}
	entries, err := s.Store.Entered(ctx, good)
	if err != nil {
		return nil, err
	}
	for n := range entries {
		entries[n].Customer = keepingEmpty(entries[n])
	}
	i.entries = slices.Clip(entries)
	return i, nil
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
