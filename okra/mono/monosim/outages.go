package monosim

import (
	"fmt"
	"net/http"
	"slices"

	"balancelink/okra/provider/simulate"
)

// An Outage is a named fault of the whole provider, whatever the account.
type Outage struct {
	Name, Title, What string
	fault             func() simulate.Fault // of the API; nil: it is well
	window            func() simulate.Fault // of the hosted page; nil: it is well
}

// NoOutage is the name of the state in which the provider is well.
const NoOutage = "none"

var outages = []Outage{
	{NoOutage, "All well", "The provider answers.", nil, nil},
	{"down", "Down", "Every call is answered with 503.",
		func() simulate.Fault { return Refuses(http.StatusServiceUnavailable) }, nil},
	{"busy", "Too many calls", "Every call is answered with 429, try again in 60 seconds.",
		func() simulate.Fault { return Refuses(http.StatusTooManyRequests, "Retry-After", "60") }, nil},
	{"refused", "Key refused", "Every call is answered with 401, as for a key that was taken back.",
		func() simulate.Fault { return Refuses(http.StatusUnauthorized) }, nil},
	{"unpaid", "Wallet empty", "Every call is answered with 402.",
		func() simulate.Fault { return Refuses(http.StatusPaymentRequired) }, nil},
	{"sold", "Address sold",
		"A web page answers in place of the provider and of its hosted page, as when somebody bought the names.",
		simulate.WebPage, simulate.WebPage},
	{"window", "Hosted page sold", "A web page answers in place of the hosted page alone.", nil, simulate.WebPage},
	{"half", "Half an answer", "The connection breaks off in the middle of every answer.", simulate.Breaks, nil},
	{"garbled", "Not JSON", "Every answer is half a JSON document.",
		func() simulate.Fault {
			return simulate.Answers("half a document", http.StatusOK, `{"status":"successful",`)
		}, nil},
}

// Refuses is a fault that answers an HTTP status with an empty body ("Errors",
// 2025-10-23).
func Refuses(status int, headers ...string) simulate.Fault {
	return simulate.Answers(fmt.Sprint("HTTP ", status), status, "", headers...)
}

// Outages lists what can go wrong with the whole provider, NoOutage first.
func Outages() []Outage { return slices.Clone(outages) }

// SetOutage makes the whole provider go wrong in the named way, from the next call on,
// until another name is set; NoOutage ends it.
func (s *Server) SetOutage(name string) error {
	i := slices.IndexFunc(outages, func(o Outage) bool { return o.Name == name })
	if i < 0 {
		return fmt.Errorf("monosim: no outage %q", name)
	}
	s.api.SetAll(orNone(outages[i].fault))
	s.window.SetAll(orNone(outages[i].window))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outage = i
	return nil
}

func orNone(fault func() simulate.Fault) simulate.Fault {
	if fault == nil {
		return simulate.Fault{}
	}
	return fault()
}

// Outage is what is wrong with the whole provider now.
func (s *Server) Outage() Outage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return outages[s.outage]
}
