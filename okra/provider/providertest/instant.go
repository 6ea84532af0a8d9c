package providertest

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"time"

	"balancelink/okra/provider"
	"balancelink/okra/provider/wire"
)

// Instant is a provider with Plaid's habits, which are neither Okra's nor Mono's: it
// answers at once, states two figures either of which may be missing, gives ids of its
// own form, brings several accounts with a sign-in and forgets them together, takes a
// question that is sent again for the same one, and neither checks for changes nor
// charges. Where it has to be looked at later, that is its exception. It is the adapter;
// what it calls is its [Host]. It is for one goroutine at a time.
type Instant struct {
	*Host
	Key     provider.Secret
	Secrets []provider.Secret // that webhooks may have
	Budget  *provider.Budget  // nil: no limit
}

// Host is what people, banks and the provider itself do behind an [Instant]. It stays
// when the adapter is made anew.
type Host struct {
	Now           func() time.Time
	Key           string // that calls need
	WebhookSecret string

	Balances map[string]provider.Balance // by account; one of no kind is stated to be of now
	Trouble  provider.Kind               // what goes wrong, with the bank or with every call; empty: nothing does
	Lose     int                         // so many answers get lost on the way
	Looks    []provider.Answer           // it answers with a ticket, and then with these; the last stays
	Sent     []Delivery                  // webhooks, oldest first

	Asked, AskedPending int              // how often it was asked for a balance, and what is pending
	Looked              provider.Looking // the last one

	links map[string]provider.Link // by record
	told  int                      // webhooks
}

// NewHost returns a provider with whom nobody has signed in.
func NewHost(now func() time.Time) *Host {
	return &Host{
		Now: now, Key: "key of the host", WebhookSecret: "secret of webhooks",
		Balances: map[string]provider.Balance{}, links: map[string]provider.Link{},
	}
}

// Adapter is an adapter with what its host wants.
func (h *Host) Adapter() *Instant {
	return &Instant{
		Host: h, Key: provider.Secret(h.Key), Secrets: []provider.Secret{provider.Secret(h.WebhookSecret), ""},
	}
}

// SignIn has a person sign in for an attempt and share accounts.
func (h *Host) SignIn(attempt string, shared ...provider.Account) provider.Link {
	record := fmt.Sprintf("item-%d", len(h.links)+1)
	h.links[record] = provider.Link{
		Record: record, Customer: record, Attempt: attempt, Made: h.Now(), Accounts: shared,
		Bank: provider.Bank{Name: "First Sample Bank"},
	}
	h.deliver(h.event("item.linked", map[string]any{"item": record, "attempt": attempt}))
	return h.links[record]
}

// Tell is the webhook that a balance of an account has come, which is not sent.
func (h *Host) Tell(b provider.Balance) []byte {
	return h.event("balance.updated", map[string]any{
		"account": b.Account, "figure": minor(b.Figure), "available": minor(b.Available), "basis": b.Basis,
		"currency": b.Currency, "kind": b.AsOfKind,
	})
}

// TellFailure is the webhook that no answer of the bank came to a question, by its ticket.
func (h *Host) TellFailure(account, ticket string) []byte {
	return h.event("question.failed", map[string]any{"account": account, "ticket": ticket})
}

// minor is an amount in JSON: an unknown one is null.
func minor(a provider.Amount) any {
	if !a.Known {
		return nil
	}
	return a.Minor
}

func (h *Host) event(name string, says map[string]any) []byte {
	h.told++
	event := map[string]any{
		"id": fmt.Sprintf("evt-%d", h.told), "event": name, "at": h.Now().UTC().Format(time.RFC3339Nano),
	}
	maps.Copy(event, says)
	body, err := json.Marshal(event)
	if err != nil {
		panic(err)
	}
	return body
}

func (h *Host) deliver(body []byte) {
	h.Sent = append(h.Sent, Delivery{Header: http.Header{"Instant-Secret": {h.WebhookSecret}}, Body: body})
}

// Name implements [provider.Receiver].
func (p *Instant) Name() string { return "instant" }

// Traits implements [provider.Provider].
func (p *Instant) Traits() provider.Traits {
	return provider.Traits{Title: "Instant", Joins: true, Echoes: true}
}

// Ready implements [provider.Provider].
func (p *Instant) Ready(of provider.Priority) (ok bool, next time.Time, pause provider.Pause) {
	return p.Budget.Ready(of)
}

// call makes a call within the budget, if the key is right and the provider is well.
func (p *Instant) call(ctx context.Context, do func() error) error {
	if p.Budget != nil {
		if err := p.Budget.Wait(ctx); err != nil {
			return wire.NoTurn(ctx, err)
		}
	}
	err := p.refusal()
	if err == nil {
		err = do()
	}
	if p.Budget != nil {
		p.Budget.Note(ctx, err)
	}
	return err
}

func (p *Instant) refusal() error {
	switch {
	case p.Key.Reveal() != p.Host.Key:
		return failed(provider.KindRefused)
	case p.Trouble != "" && !p.ofTheBank():
		return failed(p.Trouble)
	}
	return nil
}

// ofTheBank says that what goes wrong is the bank's: only questions to it fail.
func (p *Instant) ofTheBank() bool {
	return p.Trouble == provider.KindFetchFailed || p.Trouble == provider.KindNeedsLogin
}

func failed(kind provider.Kind) error { return &provider.Error{Op: "instant", Kind: kind} }

// Confirm implements [provider.Provider].
func (p *Instant) Confirm(ctx context.Context, c provider.Claim) (link provider.Link, err error) {
	err = p.call(ctx, func() error {
		var known bool
		if link, known = p.links[c.Record]; !known {
			return failed(provider.KindNoRecord)
		}
		return nil
	})
	return link, err
}

// Ask implements [provider.Provider]. The answer is told by a webhook, too.
func (p *Instant) Ask(
	ctx context.Context, ref provider.Ref, q provider.Question,
) (asked provider.Asked, err error) {
	p.Asked++
	err = p.call(ctx, func() error {
		switch {
		case p.Lose > 0:
			p.Lose--
			return failed(provider.KindUnreachable)
		case q != provider.QuestionBalance:
			return failed(provider.KindBadRequest)
		case p.ofTheBank():
			return failed(p.Trouble)
		case len(p.Looks) > 0:
			asked.Ticket = fmt.Sprintf("question-%d", p.Asked)
			return nil
		}
		answer := p.answer(ref)
		asked.Answer = &answer
		if answer.Balance != nil {
			p.deliver(p.Tell(*answer.Balance))
		}
		return nil
	})
	return asked, err
}

// answer is what the bank says of an account.
func (h *Host) answer(ref provider.Ref) provider.Answer {
	b, ok := h.Balances[ref.Account]
	if !ok {
		return provider.Answer{Fault: provider.Because("instant", provider.KindMismatch, "No such account.")}
	}
	if b.AsOfKind == "" {
		b.AsOf = h.Now()
	}
	return provider.Answer{Balance: &b}
}

// Look implements [provider.Provider]. It panics where there is nothing to look for.
func (p *Instant) Look(
	ctx context.Context, _ provider.Ref, l provider.Looking,
) (answer provider.Answer, err error) {
	p.Looked = l
	err = p.call(ctx, func() error {
		if answer = p.Looks[0]; len(p.Looks) > 1 {
			p.Looks = p.Looks[1:]
		}
		return nil
	})
	return answer, err
}

// Saved implements [provider.Provider].
func (p *Instant) Saved(ctx context.Context, refs []provider.Ref) (all []provider.Answer, err error) {
	err = p.call(ctx, func() error {
		for _, ref := range refs {
			saved := p.answer(ref)
			saved.Proof = provider.ProofNone
			if saved.Balance != nil && saved.Balance.AsOf.IsZero() {
				saved.Balance.AsOfKind = provider.AsOfUnknown
			}
			all = append(all, saved)
		}
		return nil
	})
	return all, err
}

// Pending implements [provider.Provider]: one unit of every account is.
func (p *Instant) Pending(ctx context.Context, _ provider.Ref) (provider.Amount, error) {
	p.AskedPending++
	return provider.Amount{Minor: 1, Known: true}, p.call(ctx, func() error { return nil })
}

// Forget implements [provider.Provider]. A sign-in is a customer.
func (p *Instant) Forget(ctx context.Context, customer string) error {
	return p.call(ctx, func() error {
		if _, known := p.links[customer]; !known {
			return failed(provider.KindNoRecord)
		}
		delete(p.links, customer)
		return nil
	})
}

// Authentic implements [provider.Receiver].
func (p *Instant) Authentic(h http.Header) bool {
	return wire.OneOf(h.Get("Instant-Secret"), p.Secrets)
}

// Receive implements [provider.Receiver].
func (p *Instant) Receive(body []byte) (e provider.Event, redacted []byte, err error) {
	o, doubt, err := wire.DecodeDoubtful(body)
	if err != nil {
		return e, nil, err
	}
	r := wire.Reader{Object: o}
	e = provider.Event{
		Name: o.Word("event"), Key: keyOf(o.ID("id"), body), Record: o.ID("item"), Attempt: o.ID("attempt"),
		Account: o.ID("account"), EndedAt: r.Time("at"),
	}
	switch {
	case doubt != nil:
		e.Unread = doubt.Error()
	case e.Name == "":
		e.Unread = "It names no event."
	case e.Name == "item.linked":
		e.SignedIn = true
	case e.Name == "question.failed":
		e.Failed, e.Status, e.Ticket = true, "failed", o.ID("ticket")
	case e.Name == "balance.updated":
		e.Balance = &provider.Balance{
			Account: e.Account, Figure: r.MinorAmount("figure"), Available: r.MinorAmount("available"),
			Basis: provider.Basis(o.Word("basis")), Currency: o.Word("currency"),
			AsOf: e.EndedAt, AsOfKind: provider.AsOfKind(o.Word("kind")),
			Unreadable: r.Unreadable.Field("figure"),
		}
	}
	return e, o.Redacted(), nil
}

// keyOf is what two deliveries have in common: the event's id, or else the body.
func keyOf(id string, body []byte) string {
	sum := sha256.Sum256([]byte(cmp.Or(id, string(body))))
	return hex.EncodeToString(sum[:16])
}

// ReceiveClaim implements [provider.Receiver]: no window reports anything.
func (p *Instant) ReceiveClaim([]byte) (provider.Claim, []byte, error) {
	return provider.Claim{}, nil, provider.ErrBadShape
}

var itemPattern = regexp.MustCompile(`^item-[0-9]{1,9}$`)

// ValidRecord implements [provider.Receiver].
func (p *Instant) ValidRecord(id string) bool { return itemPattern.MatchString(id) }
