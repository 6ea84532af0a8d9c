package monosim

import (
	"slices"
	"time"

	"balancelink/okra/provider/simulate"
)

// waits are how long after a failure a webhook is tried again. The documents say that
// it is, and not when (INF).
var waits = []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute}

// A Webhook is one that was sent.
type Webhook struct {
	At      time.Time // of its first attempt
	Event   string
	Account string // Mono's id
	Body    []byte
}

// keptWebhooks is how many the simulator remembers.
const keptWebhooks = 500

// Webhooks lists the webhooks that were sent, oldest first, whatever was answered.
func (s *Server) Webhooks() []Webhook {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sent)
}

// send sends an account's webhooks one after the other, as its scenarios want it. What
// fails is tried again by itself. s.mu must be held.
func (s *Server) send(a *account, events ...object) {
	if a.is(Never) {
		return
	}
	var list []parcel
	for _, e := range events {
		p := parcel{s.hook(a, e), Webhook{Event: e["event"].(string), Account: a.ID}}
		list = append(list, p)
		if a.is(Duplicate) {
			list = append(list, p)
		}
	}
	if a.is(Shuffled) {
		slices.Reverse(list)
	}
	var delay time.Duration
	if a.is(Late) {
		delay = 3 * s.cfg.BankDelay
	}
	s.tasks.Later(delay, func() {
		for _, p := range list {
			s.note(p)
			if _, err := s.courier.Post(p.hook); err != nil {
				s.tasks.Later(waits[0], func() { s.courier.Deliver(p.hook, waits[1:]...) })
			}
		}
	})
}

type parcel struct {
	hook simulate.Hook
	told Webhook
}

func (s *Server) hook(a *account, e object) simulate.Hook {
	secret := s.cfg.WebhookSecret
	switch {
	case a.is(WrongSecret):
		secret = "wrong-" + secret
	case a.is(OldSecret):
		secret = s.cfg.OldWebhookSecret
	}
	return simulate.Hook{
		URL: s.cfg.WebhookURL, Header: map[string]string{"mono-webhook-secret": secret}, Body: encode(e),
		Title: e["event"].(string) + ", account " + a.NUBAN,
	}
}

func (s *Server) note(p parcel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.told.At, p.told.Body = s.now(), p.hook.Body
	if len(s.sent) == keptWebhooks {
		s.sent = s.sent[1:]
	}
	s.sent = append(s.sent, p.told)
}
