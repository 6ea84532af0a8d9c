package okrasim

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"
)

// A SendMode is a way in which a webhook is sent by hand.
type SendMode string

// The modes. SendModes describes each in a sentence.
const (
	Once          SendMode = "once"
	Twice         SendMode = "twice"
	Forged        SendMode = "wrong-token"
	OutOfOrder    SendMode = "shuffled"
	UnknownRecord SendMode = "unknown-record"
)

// A SendModeInfo names a mode and says what to expect in the application, and
// where: Look is a path there.
type SendModeInfo struct{ Name, Title, What, Expect, Look, LookAt string }

// SendModes lists the ways in which a webhook can be sent.
func SendModes() []SendModeInfo { return slices.Clone(sendModes) }

var sendModes = []SendModeInfo{
	{string(Once), "As it should be", "One webhook with the balance as the bank has it.",
		"Within a second Webhooks has a row that says Applied, and the customer's page, loaded again, has the balance.",
		"/inbox", "Webhooks"},
	{string(Twice), "Twice", "The very same webhook, two times.",
		"Webhooks has one row that came 2 times. The balance stands once in the account's history.", "/inbox",
		"Webhooks"},
	{string(Forged), "With a wrong token", "As from somebody who does not know the webhook token.",
		"The app answers 401, stores nothing and counts it under Rejected, within a few seconds. The balance stays.",
		"/inbox?result=rejected", "Webhooks, Rejected"},
	{string(OutOfOrder), "In the wrong order",
		"The balance as it is, and after it one that was 1,000.00 lower a minute ago.",
		"Both rows are Applied. The page keeps the newer figure; the older one is in the account's history.",
		"/inbox", "Webhooks"},
	{string(UnknownRecord), "About somebody unknown", "A webhook about a record and an account that nobody linked.",
		"Webhooks has a row that says Unmatched: it is kept until its link is known, or until staff match it.",
		"/inbox?result=unmatched", "Webhooks, Unmatched"},
}

// longestDelay is how far ahead a webhook can be ordered.
const longestDelay = time.Hour

var errNoApp = errors.New("okrasim: no address for webhooks is known")

// SendWebhook sends the balance of an account as a webhook, whatever its
// scenario, and returns the statuses that were answered, 0 for none. With a
// delay it goes out so much later, as it is now, and nothing is returned.
func (s *Server) SendWebhook(accountID string, m SendMode, in time.Duration) ([]int, error) {
	s.mu.Lock()
	a := s.account(accountID)
	known := slices.ContainsFunc(sendModes, func(i SendModeInfo) bool { return i.Name == string(m) })
	switch {
	case a == nil, !known, in < 0, in > longestDelay:
		s.mu.Unlock()
		return nil, fmt.Errorf("okrasim: no account %q, mode %q or delay %v", accountID, m, in)
	case s.webhookURL == "":
		s.mu.Unlock()
		return nil, errNoApp
	}
	list := s.compose(a, m)
	if in > 0 {
		s.tasks.Later(in, func() { s.attempt(list) })
		s.mu.Unlock()
		return nil, nil
	}
	s.mu.Unlock()
	return s.attempt(list), nil
}

// attempt posts webhooks one after the other, each once.
func (s *Server) attempt(list []delivery) (statuses []int) {
	for _, d := range list {
		status, err := s.post(d)
		if err != nil {
			s.cfg.Logger.Info("okrasim: webhook by hand", "err", err)
		}
		statuses = append(statuses, status)
	}
	return statuses
}

// compose writes the webhooks of a mode, in the order in which they go out.
func (s *Server) compose(a *account, m SendMode) []delivery {
	a.fetch(s.now().Add(-a.Age))
	about, record := *a, s.lastRecord(a)
	if m == UnknownRecord {
		record = s.newID(kindLink, a.Login, 0, 1)
		about.ID = objectID{
			At: record.At, Kind: kindAccount, Login: a.Login, Account: a.Index, Nonce: record.Nonce,
		}.String()
	}
	write := func(f figures, at time.Time) delivery {
		return delivery{
			URL: s.webhookURL, Token: s.cfg.WebhookToken,
			Body: s.accountEvent(record, &about, "BALANCE", f, at, s.webhookURL),
		}
	}
	news := write(a.visible(), a.SavedAt)
	switch m {
	case Twice:
		return []delivery{news, news}
	case Forged:
		news.Token = "wrong-" + news.Token
	case OutOfOrder:
		return []delivery{news, write(a.visible().plus(big.NewRat(-1000, 1)), a.SavedAt.Add(-time.Minute))}
	}
	return []delivery{news}
}
