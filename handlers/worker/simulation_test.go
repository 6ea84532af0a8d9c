package worker

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"time"
)

const (
	simulationSeeds = 200
	simulationSteps = 200
	simulationTime  = 45 * time.Second // no new run begins after that, unless SEEDS says how many
	coveringSeeds   = 40               // so many runs reach everything
)

// TestRandomOperationsFaultsRestartsAndClockStepsBreakNoInvariant lets chance
// do to the product what people, banks, networks, operators and clocks do, and
// checks after every step what must always hold. SEEDS says how many runs there
// are; SEED repeats the one of that number.
func TestRandomOperationsFaultsRestartsAndClockStepsBreakNoInvariant(t *testing.T) {
	first, seeds, enough := 1, simulationSeeds, simulationTime
	if n, err := strconv.Atoi(os.Getenv("SEEDS")); err == nil {
		seeds, enough = n, time.Hour
	}
	if n, err := strconv.Atoi(os.Getenv("SEED")); err == nil {
		first, seeds = n, 1
	}
	all := newCoverage()
	start := time.Now()
	var runs atomic.Int64
	t.Run("seeds", func(t *testing.T) {
		for seed := first; seed < first+seeds; seed++ {
			t.Run(strconv.Itoa(seed), func(t *testing.T) {
				t.Parallel()
				if time.Since(start) > enough {
					return
				}
				runs.Add(1)
				t.Cleanup(func() {
					if t.Failed() {
						t.Logf("again: SEED=%d go test -tags=nomsgpack -timeout 120s -count=1 -run 'TestRandomOperations' ./handlers/worker", seed)
					}
				})
				simulate(t, uint64(seed), all)
			})
		}
	})
	took := time.Since(start)
	t.Logf("%d runs of %d steps in %v on %d processors: %.1f a second", runs.Load(), simulationSteps, took.Round(time.Millisecond), runtime.GOMAXPROCS(0), float64(runs.Load())/took.Seconds())
	t.Log(all)
	if runs.Load() >= coveringSeeds && !t.Failed() {
		for _, what := range all.missing() {
			t.Errorf("never reached: %s", what)
		}
	}
}

func simulate(t *testing.T, seed uint64, all *coverage) {
	s := newWorld(t, seed, all)
	for n := range simulationSteps {
		s.n = n
		op := s.pick()
		s.history = append(s.history, fmt.Sprintf("%d %s", n, op.name))
		all.reach("operation " + op.name)
		op.do(s)
		if s.chance(70) {
			s.workAll()
		}
		s.check()
		if t.Failed() {
			t.Logf("steps: %v", s.history)
			return
		}
	}
	s.heal()
}
