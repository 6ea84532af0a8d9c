package storetest

import "testing"

// Often is how many times to try what takes chance, or takes many cases, out of
// n: a tenth where [Few] are tried.
func Often(n int) int {
	if Few() {
		return max(1, n/10)
	}
	return n
}

// Few says that less is to be tried by chance: under the race detector, which
// makes everything ten times as slow, and in the quick run. `make proof` tries
// everything.
func Few() bool { return raced || testing.Short() }
