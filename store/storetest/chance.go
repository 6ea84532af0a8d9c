package storetest

import (
	"os"
	"testing"
)

// Long leaves a test out of a short run, which people make at each commit: what walks through
// all there is as everybody, or fills what is large.
func Long(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("a short run leaves out what takes long")
	}
}

// Often is how many times to try what takes chance, or takes many cases, out of
// n: a tenth where [Few] are tried.
func Often(n int) int {
	if Few() {
		return max(1, n/10)
	}
	return n
}

// Few says that less is to be tried by chance, as everywhere but under `make proof`,
// which tries everything.
func Few() bool { return os.Getenv("PROVE") == "" }
