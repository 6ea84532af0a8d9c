package handlers_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"balancelink/handlers"
	"balancelink/handlers/sitetest/site"
	"balancelink/store"
	"balancelink/store/storetest"
)

func TestAnInstanceThatWasToldToStopSaysThatItIsNotReady(t *testing.T) {
	s := site.New(t)
	for told, want := range map[bool]string{false: "200 ready\n", true: "503 this instance was told to stop: send to another one\n"} {
		server, err := handlers.New(handlers.Config{
			Settings: s.Settings, Store: s.Store, Upstreams: site.Okra(t, s.Settings, nil), Logger: site.Quiet,
			Now: s.Clock, PasswordCost: site.CheapCost, Stopping: func() bool { return told },
		})
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		server.ServeHTTP(w, httptest.NewRequest("GET", "/readyz", nil))
		if got := fmt.Sprint(w.Code, " ", w.Body); got != want {
			t.Errorf("told to stop: %v, it says %q, want %q", told, got, want)
		}
	}
}

func TestAnInstanceThatLacksADataKeyIsNotReadyAndSaysWhichOne(t *testing.T) {
	s := site.New(t)
	s.Browser().Get("/readyz").WantStatus(http.StatusOK)
	if !storetest.OnPostgres() { // an engine without one
		if err := os.Remove(s.Database + ".lock"); err != nil {
			t.Fatal(err)
		}
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
