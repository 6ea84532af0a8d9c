package worker

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

func TestAPoolDoesSoManyAtOnceAndOfOneKeyOneAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var wg sync.WaitGroup
		p := newPool(&wg, 2)
		goOn := make(chan struct{})
		var running, done, freed atomic.Int32
		start := func(r round, key string) {
			r.start(key, func() { running.Add(1); <-goOn; running.Add(-1); done.Add(1) }, func() { freed.Add(1) })
		}
		first := p.round()
		for _, key := range []string{"a", "a", "b", "c"} {
			start(first, key)
		}
		synctest.Wait()
		if n := running.Load(); n != 2 {
			t.Errorf("%d run at once, want 2", n)
		}
		second := p.round() // and then rows are read, of which some end meanwhile
		close(goOn)
		wg.Wait()
		if done.Load() != 3 || freed.Load() != 3 {
			t.Errorf("%d were done and %d keys freed, want 3: of a key that is under way nothing is started", done.Load(), freed.Load())
		}
		start(second, "a")
		start(second, "d")
		wg.Wait()
		if done.Load() != 4 {
			t.Errorf("%d were done, want 4: what was under way before rows were read is not taken up as it was", done.Load())
		}
		start(p.round(), "a")
		if wg.Wait(); done.Load() != 5 {
			t.Errorf("%d were done, want 5: a key whose work has ended is free", done.Load())
		}
	})
}
