package sitetest

import "net/http"

// Whoever closes an [httptest.Server] closes the idle connections of the default
// transport, and so breaks a request that a test beside it is about to send on one.
// Behind this it finds no way to.
func init() { http.DefaultTransport = unclosable{http.DefaultTransport} }

type unclosable struct{ http.RoundTripper }
