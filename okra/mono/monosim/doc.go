// Package monosim is a simulated Mono: a small, stateful, deliberately awkward server
// that speaks Mono's API v2, serves the hosted page on which a person links an account,
// and delivers webhooks in the shapes of 2026. Mono's own sandbox cannot be made to
// fail; this one can (see Scenarios).
//
// It knows a fixed table of persons and keeps everything else in memory. Ids carry what
// they stand for, so that the accounts and jobs which an application remembers still
// mean something after a restart; an account that is taken up again like that has lost
// its ref and its customer.
//
// Comments name the page of Mono's documents that a behaviour is from, with its date.
// What no source has is marked INF, for inferred. The package imports only the standard
// library and what all simulators share: a mistake in the client cannot hide behind the
// same mistake here.
package monosim
