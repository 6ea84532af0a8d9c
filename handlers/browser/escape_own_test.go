package browser_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

// What the bank and the provider say of a customer's accounts, on the pages that
// the customer sees. One customer has an account for every hostile text.
func TestWhateverIsToldStaysTextOnTheCustomersOwnPages(t *testing.T) {
	s := site.New(t)
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	cu, err := s.Store.AddCustomer(ctx, store.Program, store.Customer{Name: hostile[0], Reference: "LN-7", Email: "amina@example.com"})
	must(err)
	co, err := s.Store.AddConsent(ctx, store.Consent{CustomerID: cu.ID, Version: "2026-11", Scope: "auth,balance", Business: "Lender Ltd"})
	must(err)
	s.Offline(func() {
		for i, text := range hostile {
			bindOwn(s, cu.ID, co.ID, i, text)
		}
	})
	const password = "three little words"
	must(s.Store.SetCustomerPassword(ctx, store.OfCustomer(cu.ID), "", site.CheapCost.Hash(password)))

	customer := newChromium(t, s).tab(phone)
	customer.open("/me/login")
	customer.fill("#login", "LN-7")
	customer.fill("#password", password)
	customer.press("Sign in")
	customer.wait("the whole page", `location.pathname === "/me" && document.readyState === "complete"`)
	pages := []hostilePage{}
	for i, text := range hostile {
		customer.wantText("main", "bank "+text)
		pages = append(pages, hostilePage{"/me/accounts/" + s.Accounts(cu.ID)[fmt.Sprintf("%010d", i)].ID, "main", "holder " + text})
	}
	customer.wantTexts(pages)
	for _, path := range []string{"/me/consents", "/me/consents/" + co.ID, "/me/withdraw", "/me/password", "/me/nothing<script>alert(1)</script>"} {
		customer.open(path)
		customer.wantNothingAlive(path)
	}
}

// bindOwn binds an account of which the bank's and the holder's name are a text.
func bindOwn(s *site.Site, customerID, consentID string, i int, text string) {
	s.T.Helper()
	ctx, record := s.T.Context(), fmt.Sprintf("5f%022x", i)
	a, err := s.Store.StartAttempt(ctx, store.Attempt{CustomerID: customerID, ConsentID: consentID, Provider: "okra", Env: "simulated"}, time.Hour)
	if err == nil {
		_, err = s.Store.ReportAttempt(ctx, a.Nonce, store.Report{State: store.AttemptClaimed, ClaimedBy: "webhook", ProviderRecord: record})
	}
	if err == nil {
		err = s.Store.FinishLink(ctx, a.ID, store.Link{
			ProviderRecord: record, Bank: store.Bank{ID: record, Name: "bank " + text, Slug: text},
			Accounts: []store.LinkedAccount{{ProviderID: "account of " + record, Name: "holder " + text, NUBAN: fmt.Sprintf("%010d", i), Type: text, Currency: "NGN"}},
		})
	}
	if err != nil {
		s.T.Fatal(err)
	}
}

// Webhooks as they come over the wire, with a text wherever a payload has one.
func TestWhateverAWebhookSaysStaysTextInTheInspector(t *testing.T) {
	s := site.New(t)
	for i, text := range hostile {
		body, err := json.Marshal(map[string]any{
			"method": text, "code": text, "type": text, "status": "is_success", "env": "production-sandbox", "message": text, "bankName": text, "bankSlug": text,
			"record": fmt.Sprintf("5f%022x", i), "options": map[string]any{"attempt": text, text: text}, "meta": map[string]any{"reference": text},
			"balance": map[string]any{"name": text, "nuban": text, "status": text}, "callback_url": text,
		})
		if err != nil {
			t.Fatal(err)
		}
		p := s.Browser().Do("POST", "/webhooks/okra", strings.NewReader(string(body)), http.Header{
			"Content-Type": {"application/json"}, "Authorization": {"Bearer " + s.Settings.OkraWebhookToken.Reveal()}, "User-Agent": {text},
		})
		p.WantStatus(http.StatusOK)
	}
	staff := newChromium(t, s).staff()
	staff.open("/inbox")
	staff.wantNothingAlive("/inbox")
	events, err := s.Store.Events(t.Context(), "", "", len(hostile))
	if err != nil || len(events) != len(hostile) {
		t.Fatalf("%d events, %v; want %d", len(events), err, len(hostile))
	}
	pages := []hostilePage{}
	for _, e := range events {
		pages = append(pages, hostilePage{"/inbox/" + e.ID, "main", e.Method})
	}
	staff.wantTexts(pages)
}
