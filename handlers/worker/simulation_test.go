package worker

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"balancelink/store/storetest"
)

const (
	simulationSeeds = 80
	mixedSeeds      = 30
	mixedOften      = 1
	simulationSteps = 200
	often           = 4 // so many runs come across everything at least so often
	fewSeeds        = 5
)

// TestRandomOperationsFaultsRestartsAndClockStepsBreakNoInvariant lets chance
// do to the product what people, banks, networks, operators and clocks do, and
// checks after every step what must always hold. SEEDS says how many runs there
// are, from the one numbered SEED on; SEED alone repeats that one.
func TestRandomOperationsFaultsRestartsAndClockStepsBreakNoInvariant(t *testing.T) {
	t.Parallel()
	simulateAll(t, simulationSeeds, often, newCoverage(), newWorld)
}

// TestRandomOperationsAtTwoProvidersBreakNoInvariant is the same world with Mono in it:
// each customer links banks through either provider, or through both.
func TestRandomOperationsAtTwoProvidersBreakNoInvariant(t *testing.T) {
	t.Parallel()
	simulateAll(t, mixedSeeds, mixedOften, newMixedCoverage(), newMixedWorld)
}

// simulateAll runs worlds, of which there are most in an ordinary run. Each thing to come
// across is met so often in as many.
func simulateAll(t *testing.T, most, often int, all *coverage, begin func(*testing.T, uint64, *coverage) *world) {
	t.Helper()
	first, seeds := simulationRange(most)
	start := time.Now()
	t.Run("seeds", func(t *testing.T) {
		for seed := first; seed < first+seeds; seed++ {
			t.Run(strconv.Itoa(seed), func(t *testing.T) {
				t.Parallel()
				t.Cleanup(func() {
					if t.Failed() {
						t.Logf("again: SEED=%d go test -tags=nomsgpack -timeout 120s -count=1 -run %s ./handlers/worker", seed, strings.Split(t.Name(), "/")[0])
					}
				})
				simulate(t, begin(t, uint64(seed), all))
			})
		}
	})
	took := time.Since(start)
	t.Logf("%d runs of %d steps in %v on %d processors: %.1f a second", seeds, simulationSteps, took.Round(time.Millisecond), runtime.GOMAXPROCS(0), float64(seeds)/took.Seconds())
	t.Log(all)
	for _, what := range all.seldom(often * min(seeds, most) / most) {
		t.Errorf("reached too seldom: %s", what)
	}
}

// simulationRange is which runs are wanted.
func simulationRange(most int) (first, seeds int) {
	first, seeds = 1, most
	if storetest.Few() {
		seeds = min(most, fewSeeds)
	}
	if testing.Short() {
		seeds = 1
	}
	if n, err := strconv.Atoi(os.Getenv("SEED")); err == nil {
		first, seeds = n, 1
	}
	if n, err := strconv.Atoi(os.Getenv("SEEDS")); err == nil {
		seeds = n
	}
	return first, seeds
}

func simulate(t *testing.T, s *world) {
	for n := range simulationSteps {
		s.n = n
		op := s.pick()
		s.history = append(s.history, fmt.Sprintf("%d %s", n, op.name))
		s.all.reach("operation " + op.name)
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
