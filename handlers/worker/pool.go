package worker

import (
	"strings"
	"sync"
)

// pool does pieces of work beside each other: so many at once, and of one key one
// at a time.
type pool struct {
	wg    *sync.WaitGroup // counts what is under way or waits
	slots chan struct{}

	mu   sync.Mutex
	busy map[string]bool // keys of what is under way or waits
}

func newPool(wg *sync.WaitGroup, atOnce int) *pool {
	return &pool{wg: wg, slots: make(chan struct{}, atOnce), busy: map[string]bool{}}
}

// under is how many pieces of work are under way or wait whose keys begin so.
func (p *pool) under(prefix string) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for key := range p.busy {
		if strings.HasPrefix(key, prefix) {
			n++
		}
	}
	return n
}

// round begins a look at what there is to do. It has to begin before rows are
// read: what was under way then may have ended since, and its row must not be taken
// up as it was.
func (p *pool) round() round {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := round{pool: p, before: make(map[string]bool, len(p.busy))}
	for key := range p.busy {
		r.before[key] = true
	}
	return r
}

type round struct {
	*pool
	before map[string]bool
}

// start does a piece of work when a slot is free, and does not wait for it. It does
// nothing, and says so, if work of that key was under way when the round began or is now.
// then is called when the key is free again; nil: nothing is.
func (r round) start(key string, work, then func()) (started bool) {
	if !r.take(key) {
		return false
	}
	r.wg.Go(func() {
		r.slots <- struct{}{}
		work()
		<-r.slots
		r.free(key)
		if then != nil {
			then()
		}
	})
	return true
}

// take takes a key, until it is freed, and says whether nobody had it.
func (r round) take(key string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.before[key] || r.busy[key] {
		return false
	}
	r.busy[key] = true
	return true
}

func (p *pool) free(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.busy, key)
}
