// Package progress says how far work has come that takes long where there is much:
// who does it writes it on a board, who wants to know looks there.
package progress

import (
	"slices"
	"sync"
	"time"
)

// Board has the work that is under way. Of a nil one nobody learns anything, and
// whoever works needs not know.
type Board struct {
	Now func() time.Time // nil: time.Now

	mu    sync.Mutex
	under []*Work // in the order in which they began
	begun int
}

// Work is one thing on a [Board]. A nil one is on none.
type Work struct {
	board *Board
	state State
	began time.Time // the step
	last  time.Time // when it came further
}

// State is how far some work has come. It goes through so many steps, each of which
// counts on its own.
type State struct {
	ID    int // tells it apart from all others on the board
	Name  Name
	For   string // id of whom it is done for alone; empty: nobody
	Began time.Time

	Step          Step // empty: it has begun none
	Number, Steps int  // it is in that one of so many
	Unit          Unit
	Done, Of      int64         // in the step; Of 0: nobody knows of how many
	Left          time.Duration // until the step is through, about; 0: nobody can tell
}

func (b *Board) now() time.Time {
	if b == nil || b.Now == nil {
		return time.Now()
	}
	return b.Now()
}

// Begin puts work of so many steps on the board, until [Work.End].
func (b *Board) Begin(name Name, steps int) *Work {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.begun++
	w := &Work{board: b, state: State{ID: b.begun, Name: name, Began: b.now(), Steps: steps}}
	b.under = append(b.under, w)
	return w
}

// UnderWay is all that is on the board, the oldest first.
func (b *Board) UnderWay() []State {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now, all := b.now(), make([]State, len(b.under))
	for i, w := range b.under {
		all[i] = w.state
		all[i].Left = w.left(now)
	}
	return all
}

// quick is what work takes of which nobody need be told.
const quick = 2 * time.Second

// Lasting is what of all that is not quick.
func (b *Board) Lasting() []State {
	now := b.now()
	return slices.DeleteFunc(b.UnderWay(), func(s State) bool { return now.Sub(s.Began) < quick })
}

// IsFor says whom the work is done for alone.
func (w *Work) IsFor(id string) {
	w.change(func(s *State) { s.For = id })
}

// Step begins the next step, in which there are so many to be done; 0: nobody knows.
func (w *Work) Step(name Step, unit Unit, of int64) {
	w.change(func(s *State) {
		w.began = w.board.now()
		s.Step, s.Unit, s.Done, s.Of = name, unit, 0, of
		s.Number++
	})
}

// Add says that n more are done.
func (w *Work) Add(n int64) {
	w.change(func(s *State) { s.Done += n })
}

// Reach says that n are done.
func (w *Work) Reach(n int64) {
	w.change(func(s *State) { s.Done = n })
}

func (w *Work) change(how func(*State)) {
	if w == nil {
		return
	}
	w.board.mu.Lock()
	defer w.board.mu.Unlock()
	how(&w.state)
	w.last = w.board.now()
	if s := &w.state; s.Of > 0 {
		s.Of = max(s.Of, s.Done) // there are more than were expected
	}
}

// State is how far the work has come. A nil one has come nowhere.
func (w *Work) State() State {
	if w == nil {
		return State{}
	}
	w.board.mu.Lock()
	defer w.board.mu.Unlock()
	s := w.state
	s.Left = w.left(w.board.now())
	return s
}

// End takes the work off the board, whatever has become of it.
func (w *Work) End() {
	if w == nil {
		return
	}
	w.board.mu.Lock()
	defer w.board.mu.Unlock()
	w.board.under = slices.DeleteFunc(w.board.under, func(other *Work) bool { return other == w })
}

// soon is how long a step must have gone for anybody to tell how long it will yet.
const soon = time.Second

// left is how long what is to be done will take if it goes on as it went so far.
func (w *Work) left(now time.Time) time.Duration {
	s, took := w.state, w.last.Sub(w.began)
	if s.Done == 0 || s.Done >= s.Of || took < soon {
		return 0
	}
	whole := float64(took) * float64(s.Of-s.Done) / float64(s.Done)
	return max(0, time.Duration(whole)-now.Sub(w.last))
}
