package handlers_test

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
	"balancelink/store/storetest"
)

func TestAnInstanceThatLacksADataKeyIsNotReadyAndSaysWhichOne(t *testing.T) {
	s := site.New(t)
	s.Browser().Get("/readyz").WantStatus(http.StatusOK)
	if err := os.Remove(s.Database + ".lock"); err != nil { // as an engine without one
		t.Fatal(err)
	}
	own, err := s.Settings.DataKeys()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := store.NewKeyring(append([][]byte{make([]byte, store.KeySize)}, own...)...)
	if err != nil {
		t.Fatal(err)
	}
	storetest.OpenWith(t, s.Database, store.Options{Now: s.Clock, Keys: keys})
	p := s.Browser().Get("/readyz")
	p.WantStatus(http.StatusServiceUnavailable)
	if want := "DATA_KEY lacks the key " + keys.IDs()[0]; strings.TrimSpace(p.TextOf("body")) != want {
		t.Errorf("it says %q, want %q", p.TextOf("body"), want)
	}
}
