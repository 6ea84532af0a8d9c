// Package signin is how people sign in and out: staff by password and second
// factor, customers by password or by a personal link, with the sessions that this
// begins and the delays that guessing meets. It lets people through to the pages,
// and knows none but its own.
package signin

import (
	"cmp"

	"balancelink/handlers/web"
	"balancelink/store"
)

// Config is what a [Service] needs, all of it but the cost.
type Config struct {
	Site  *web.Site
	Store *store.Store
	Once  *web.ShownOnce // shows recovery codes
	Cost  PasswordCost   // of the passwords that people set; zero: [FullCost]
}

// Service signs people in and out, and lets them through to what is theirs.
type Service struct {
	*web.Site
	Passwords *Passwords
	Staff     *Sessions
	Customers *Sessions // signed in with their password
	Links     *Sessions // come by a personal link

	store   *store.Store
	once    *web.ShownOnce
	devices *devices
	codes   *codesAsked
	failed  failures
	halfway *Sessions // staff whose code is still asked
}

// New returns a service. [Service.Expire] and [Service.RecordFailures] have to be
// called now and then.
func New(cfg Config) (*Service, error) {
	s := &Service{Site: cfg.Site, Passwords: NewPasswords(cmp.Or(cfg.Cost, FullCost)), store: cfg.Store, once: cfg.Once}
	for at, kind := range map[**Sessions]sessionKind{
		&s.Staff: staffSessions, &s.halfway: halfwaySessions, &s.Customers: customerSessions, &s.Links: linkSessions,
	} {
		var err error
		if *at, err = newSessions(s, kind); err != nil {
			return nil, err
		}
	}
	var err error
	if s.devices, err = newDevices(s.Site); err != nil {
		return nil, err
	}
	s.codes, err = newCodesAsked(s.Site)
	return s, err
}
