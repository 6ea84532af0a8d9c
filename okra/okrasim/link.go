package okrasim

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A record is one completed link: a log-in at a bank that shared accounts.
type record struct {
	ID            objectID
	Options, Meta object // echo of the widget options, empty after a restart
	Transactions  bool   // the widget was asked for them
}

// Connect does what the widget does, without a browser: it signs the sandbox
// customer in, shares the accounts with those NUBANs (nil: all), and sends the
// webhooks, with options.attempt = attempt, to the configured address. It
// returns the onSuccess message, or nil when the scenario of a shared account
// is LostSuccess.
func (s *Server) Connect(login, attempt string, shared []string) (onSuccess []byte, err error) {
	l := loginByUser(login)
	if l < 0 {
		return nil, fmt.Errorf("okrasim: no sandbox customer %q", login)
	}
	s.mu.Lock()
	message, early, err := s.link(l, shared, widgetOptions{Options: object{"attempt": attempt}, Products: s.products()})
	s.mu.Unlock()
	early()
	if err != nil || message == nil {
		return nil, err
	}
	return json.Marshal(message)
}

// link makes the record of a finished widget and returns its onSuccess message,
// nil if that is to be lost. s.mu must be held; the caller runs early, which is
// never nil, without it.
func (s *Server) link(login int, nubans []string, opt widgetOptions) (message object, early func(), err error) {
	mask, err := sharedMask(login, nubans)
	if err != nil {
		return nil, func() {}, err
	}
	id := s.newID(kindLink, login, 0, mask)
	r := &record{
		ID: id, Options: opt.Options, Meta: opt.Meta, Transactions: slices.Contains(opt.Products, "transactions"),
	}
	accounts := s.adopt(r)
	for _, a := range accounts {
		a.signedIn(s.now())
	}
	early = s.sendLinked(r, accounts, s.webhookFor(opt))
	if slices.ContainsFunc(accounts, func(a *account) bool { return a.Scenario == LostSuccess }) {
		return nil, early, nil
	}
	return s.onSuccess(r), early, nil
}

// products are what links that no window has made share.
func (s *Server) products() []string {
	if s.cfg.Transactions {
		return []string{"auth", "balance", "transactions"}
	}
	return []string{"auth", "balance"}
}

func sharedMask(login int, nubans []string) (mask byte, err error) {
	found := 0
	for i, o := range customers[login].Accounts {
		if nubans == nil || slices.Contains(nubans, o.NUBAN) {
			mask |= 1 << i
			found++
		}
	}
	if mask == 0 || nubans != nil && found != len(nubans) {
		return 0, fmt.Errorf("okrasim: %s has no such accounts: %v", customers[login].User, nubans)
	}
	return mask, nil
}

// adopt keeps a record and connects its accounts, which it returns.
func (s *Server) adopt(r *record) []*account {
	if r.Options == nil {
		r.Options = object{}
	}
	if r.Meta == nil {
		r.Meta = object{}
	}
	s.records[r.ID.String()] = r
	accounts := s.accountsWhere(r.ID.covers)
	for _, a := range accounts {
		a.Connected = true
		a.Records = append(a.Records, r.ID.String())
	}
	return accounts
}

// adoptLink returns a link by its id; one that was made before a restart is
// taken up again. It returns nil for anything else.
func (s *Server) adoptLink(id string) *record {
	if r := s.records[id]; r != nil {
		return r
	}
	parsed, ok := parseID(id)
	if !ok || parsed.Kind != kindLink || s.removed[id] {
		return nil
	}
	r := &record{ID: parsed, Transactions: s.cfg.Transactions}
	s.adopt(r)
	return r
}

// signedIn is what a fresh sign-in does to an account: the bank's latest figures
// are taken, and one that was known to need it needs it no more.
func (a *account) signedIn(now time.Time) {
	a.fetch(now.Add(-a.Age))
	if a.Scenario == NeedsLogin && a.Expired {
		a.Scenario, a.Expired = Normal, false
	}
}

// webhookFor decides where the webhooks of a link go, and those of refreshes
// from now on. The docs say callback_url, the seed says webhook_url.
func (s *Server) webhookFor(opt widgetOptions) string {
	named := cmp.Or(opt.WebhookURL, opt.CallbackURL)
	if named != "" {
		s.webhookURL = named
	}
	return cmp.Or(named, s.cfg.WebhookURL)
}

// onSuccess is the message of August 2023: it lists all accounts with their
// balances, also those that the customer did not share.
func (s *Server) onSuccess(r *record) object {
	b, customer := customers[r.ID.Login].Bank, customerID(r.ID.Login)
	all := s.accountsWhere(func(a *account) bool { return a.Login == r.ID.Login })
	return object{
		"auth": object{
			"bank_details": object{"_id": b.ID, "name": b.Name, "slug": b.Slug, "type": "ind"},
			"bank_id":      b.ID, "customer_id": customer, "clientId": clientID(r.ID),
			"login_type": "web", "status": true, "type": "validate",
		},
		"accounts": each(all, func(a *account) object {
			o := object{
				"id": a.ID, "accountId": a.ID, "customer": customer, "name": a.holder(), "nuban": a.NUBAN,
				"currency": a.Currency, "type": a.Type, "ref": accountRef(a.Type), "status": "active", "env": env,
				"connected": r.ID.covers(a),
			}
			a.visible().putAmounts(o)
			return o
		}),
		"record": r.ID.String(), "record_id": r.ID.String(), "bank_id": b.ID, "customer_id": customer,
		"callback_url": "", "options": r.Options, "meta": r.Meta, "payment_authorization": nil,
		"authorization_id": nil, "authorizationId": nil, "done": true, "success": true,
	}
}

func clientID(id objectID) string {
	return fmt.Sprintf("okr-%d-%s", id.At.UnixMilli(), id.String()[3:])
}

// accountRef is misspelt as Okra's was.
func accountRef(kind string) string {
	if kind == "Domiciliary" {
		return "domicialiary-account"
	}
	return strings.ToLower(kind) + "-account"
}
