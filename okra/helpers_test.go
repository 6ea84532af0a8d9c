package okra

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"balancelink/okra/provider"
)

// The ids of testdata.
const (
	recordID   = "64fec9000000000000000e01"
	accountID  = "64fec80000000000000000a1"
	account2ID = "64fec80000000000000000a2"
	customerID = "64fec80000000000000000c1"
	ownerID    = "63f10000000000000000a001"
	secretKey  = "canary.secret.key"
)

func testdata(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

func known(minor int64) provider.Amount { return provider.Amount{Minor: minor, Known: true} }

// clientOf returns a client of the given base address.
func clientOf(t testing.TB, address string) *Client {
	t.Helper()
	base, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return &Client{BaseURL: base, SecretKey: secretKey}
}

// served starts an API whose every path is answered by h, and returns a client of it.
func served(t testing.TB, h http.HandlerFunc) *Client {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return clientOf(t, srv.URL+"/v2/")
}

// answering answers everything with one status and JSON body.
func answering(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(status)
		w.Write([]byte(body))
	}
}
