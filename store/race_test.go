//go:build race

package store_test

// underRace says that the race detector slows everything down tenfold: what is
// tried many times is tried less often.
const underRace = true
