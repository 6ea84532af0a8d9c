// Package proof holds no code, only tests: the proofs of what a 200 to a
// webhook promises. They run the built program as it is shipped, in
// simulation, and take away what it stands on: kill it, cut its power, fill
// its disk, lock its database, shuffle what it is told.
//
// Two instances of it on one PostgreSQL (twins_test.go) stand behind a balancer that
// sends each request to the other one, with a provider that is no part of them. They are
// killed, paused and replaced, and so is their server; see store/README.md.
//
// Each has a size that an environment variable changes (see sizes_test.go),
// and a mutant in .ci/mutants that it must catch: a proof that cannot fail
// proves nothing. With TESTS=all what a proof cannot run without is a failure
// instead of a reason to leave it out.
//
// What they test is another process, built as make build does, so the race
// detector would only slow them down: with it there are none (make test), and
// make proof runs them.
package proof
