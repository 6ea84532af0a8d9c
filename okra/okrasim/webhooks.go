package okrasim

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"time"

	"balancelink/okra/provider/simulate"
)

// A delivery is one webhook on its way.
type delivery struct {
	URL, Token string
	Body       object
	Delay      time.Duration
	Early      bool // to be delivered before the answer that it belongs to
	Times      int
}

// sendLinked sends the webhooks of a new link: AUTH, and BALANCE and ACCOUNTS
// for each account. s.mu must be held; the caller runs early without it.
func (s *Server) sendLinked(r *record, accounts []*account, to string) (early func()) {
	body := s.event(r.ID, accounts[0], "AUTH", s.now(), to)
	body["message"], body["bankType"], body["login_type"] = "Record callback started!", "ind", "bank"
	body["auth"] = object{"clientId": clientID(r.ID), "type": "validate", "status": true, "reauth": false,
		"record": r.ID.String(), "data": object{}}
	list := []delivery{s.delivery(accounts[0], body)}
	for _, method := range []string{"BALANCE", "ACCOUNTS"} {
		for _, a := range accounts {
			list = append(list, s.delivery(a, s.accountEvent(r.ID, a, method, a.visible(), a.SavedAt, to)))
		}
	}
	for i := range list {
		list[i].Body["options"], list[i].Body["meta"] = r.Options, r.Meta
		list[i].Delay += s.cfg.BankDelay / 4 // the real ones came well after onSuccess
	}
	return s.send(accounts[0].Scenario, list)
}

// sendRefreshed sends the webhook of a finished refresh. Under ShuffledWebhooks
// the older figures follow the new ones.
func (s *Server) sendRefreshed(j *job, older figures, olderAt time.Time) (early func()) {
	a := j.Account
	var list []delivery
	if a.Scenario == ShuffledWebhooks {
		list = append(list, s.delivery(a, s.accountEvent(j.ID, a, "BALANCE", older, olderAt, s.webhookURL)))
	}
	list = append(list, s.delivery(a, s.accountEvent(j.ID, a, "BALANCE", a.visible(), a.SavedAt, s.webhookURL)))
	return s.send(a.Scenario, list)
}

// SendBalanceWebhook fetches the account's balance from the bank, delivers it
// as one BALANCE webhook and waits for the answer, which must be 2xx. It is not
// retried. Its record is the latest link that shared the account, if one is
// known, so that a receiver can place it.
func (s *Server) SendBalanceWebhook(accountID string) error {
	s.mu.Lock()
	a := s.account(accountID)
	if a == nil || s.webhookURL == "" {
		s.mu.Unlock()
		return fmt.Errorf("okrasim: no account %q, or no address for webhooks", accountID)
	}
	a.fetch(s.now().Add(-a.Age))
	d := s.delivery(a, s.accountEvent(s.lastRecord(a), a, "BALANCE", a.visible(), a.SavedAt, s.webhookURL))
	s.mu.Unlock()
	_, err := s.post(d)
	return err
}

// lastRecord is the latest link that shared the account, else a new record.
func (s *Server) lastRecord(a *account) objectID {
	id := s.newID(kindRefresh, a.Login, a.Index, 0)
	if n := len(a.Records); n > 0 {
		id, _ = parseID(a.Records[n-1])
	}
	return id
}

// event is what all webhooks of 2023 have in common. callbackURL is the
// receiver's address, callback_url is Okra's.
func (s *Server) event(id objectID, a *account, method string, ended time.Time, to string) object {
	b, code := a.customer().Bank, method+"_SUCCESS"
	return object{
		"method": method, "callback_type": method, "callback_code": code, "code": code, "type": "CALLBACK",
		"callbackURL": to, "callback_url": s.callbackURL(a, id, method), "env": env, "status": "is_success",
		"started_at": a.date(id.At), "ended_at": a.date(ended), "options": object{}, "meta": object{},
		"bankName": b.Name, "bankType": b.ID, "bankId": b.ID, "bankSlug": b.Slug, // the id as type is Okra's bug
		"record": id.String(), "recordId": id.String(), "customerId": customerID(a.Login),
		"customerBvn": fmt.Sprintf("22200000%03d", a.Login), // [invented], so that redaction has work
		"country":     "NG", "extras": object{}, "owner": s.cfg.ClientToken, "current_project": projectID,
	}
}

// accountEvent is a BALANCE or ACCOUNTS webhook. Its ended_at is when the bank
// was asked, equal to the balance's last_updated.
func (s *Server) accountEvent(id objectID, a *account, method string, f figures, at time.Time, to string) object {
	product := object{
		"nuban": a.NUBAN, "name": a.holder(), "currency": a.Currency, "status": "Active", "accountId": a.ID,
	}
	f.putAmounts(product)
	o := s.event(id, a, method, at, to)
	o["nuban"] = a.NUBAN
	if method == "BALANCE" {
		o["message"], o["balance"] = "Successfully fetched balance", product
		return o
	}
	product["account"] = a.ref(a.ID, nil)
	o["message"], o["account"] = "Successfully fetched accounts", product
	return o
}

// delivery addresses a webhook as the scenario of its account wants.
func (s *Server) delivery(a *account, body object) delivery {
	d := delivery{URL: body["callbackURL"].(string), Body: body, Token: s.cfg.WebhookToken, Times: 1}
	switch a.Scenario {
	case WrongToken:
		d.Token = "wrong-" + d.Token
	case DuplicateWebhooks:
		d.Times = 2
	case LateWebhook:
		d.Delay = 3 * s.cfg.BankDelay
	case EarlyWebhook:
		d.Early = true
	}
	return d
}

// send delivers in parallel, so in any order, or one after the other in the
// reverse order when shuffled. It returns the delivery of those that come
// early, never nil.
func (s *Server) send(sc Scenario, list []delivery) (early func()) {
	if sc == ShuffledWebhooks {
		slices.Reverse(list)
		s.tasks.Later(list[0].Delay, func() { s.deliver(list...) })
		return func() {}
	}
	var first []delivery
	for _, d := range list {
		if d.Early {
			first = append(first, d)
			continue
		}
		for range d.Times {
			s.tasks.Later(d.Delay, func() { s.deliver(d) })
		}
	}
	return func() { s.deliver(first...) }
}

// waits are how long after a failure a webhook is tried again [invented: Okra
// documented no retries].
var waits = []time.Duration{time.Second, 2 * time.Second, 4 * time.Second}

// deliver posts webhooks one after the other. An early one is not tried again,
// since somebody waits for it.
func (s *Server) deliver(list ...delivery) {
	for _, d := range list {
		again := waits
		if d.Early {
			again = nil
		}
		s.courier.Deliver(s.hook(d), again...)
	}
}

// post makes one attempt; see [simulate.Courier.Post].
func (s *Server) post(d delivery) (status int, err error) { return s.courier.Post(s.hook(d)) }

func (s *Server) hook(d delivery) simulate.Hook {
	body, err := json.Marshal(d.Body)
	if err != nil {
		panic("okrasim: a webhook that is no JSON: " + err.Error())
	}
	h := simulate.Hook{URL: d.URL, Body: body, Title: d.title()}
	if to, err := url.Parse(d.URL); err == nil && d.Token != "" && s.trusted(to) {
		h.Header = map[string]string{"Authorization": "Bearer " + d.Token}
	}
	return h
}

// title is the delivery as the panel lists it. Only AUTH is about no account.
func (d delivery) title() string {
	title := fmt.Sprintf("%s webhook", d.Body["method"])
	if nuban, ok := d.Body["nuban"]; ok {
		title += fmt.Sprintf(", account %s", nuban)
	}
	return title
}

// trusted says whether the webhook token may go to an address. Whoever opens
// the widget can name any, and must not learn the token that way.
func (s *Server) trusted(to *url.URL) bool {
	own, err := url.Parse(s.cfg.WebhookURL)
	return err == nil && (s.cfg.WebhookURL == "" || own.Host == to.Host)
}
