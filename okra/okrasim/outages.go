package okrasim

import (
	"fmt"
	"net/http"
	"slices"
)

// An Outage is a named fault of the whole provider, whatever the account.
type Outage struct {
	Name, Title, What string
	Expect            string       // in the application, and for how long
	fault             func() Fault // of the API
	window            func() Fault // of the bank window; nil: it is well
}

// NoOutage is the name of the state in which the provider is well.
const NoOutage = "none"

var outages = []Outage{
	{NoOutage, "All well", "The provider answers.", "Nothing special.", func() Fault { return Fault{} }, nil},
	{"down", "Down", "Every call is answered with 503.",
		"At once: a refresh ends as Failed and the last balance stays. After five failures within a minute the app stops asking for a minute and tells staff so at the top of every page.",
		func() Fault { return Refuses(http.StatusServiceUnavailable) }, nil},
	{"busy", "Too many calls", "Every call is answered with 429, try again in 60 seconds.",
		"At once: a refresh ends as Limited and says when to try again. Staff read at the top of every page that the provider limits our calls, for a minute.",
		func() Fault { return Refuses(http.StatusTooManyRequests, "Retry-After", "60") }, nil},
	{"refused", "Key refused", "Every call is answered with 401, as for a key that was taken back.",
		"At once: a refresh ends as Failed. Linking and refreshing pause, and staff are told to look at the key. The app tries again after five minutes.",
		func() Fault { return Refuses(http.StatusUnauthorized) }, nil},
	{"sold", "Address sold",
		"A web page answers in place of the provider and of its bank window, as when somebody bought the names.",
		"At once: a refresh ends as Failed. Linking and refreshing stop, bank windows that are open go within seconds, and staff are told that what answers cannot be trusted. The app probes every minute and goes on once the provider answers again.",
		WebPage, WebPage},
	{"window", "Bank window sold", "A web page answers in place of the bank window alone.",
		"Within an hour, and at once when any call has failed before: no bank window is opened, and staff are told why. Balances of what is linked go on being read.",
		func() Fault { return Fault{} }, WebPage},
	{"half", "Half an answer", "The connection breaks off in the middle of every answer.",
		"The question may have arrived, so it is not sent again: a refresh goes on asking for the answer and ends as Gave up after a minute. The last balance stays.", Breaks, nil},
	{"garbled", "Not JSON", "Every answer is half a JSON document.",
		"At once: a refresh ends as Failed. The last balance stays.",
		func() Fault { return Answers("half a document", http.StatusOK, `{"status":"success",`) }, nil},
}

// Outages lists what can go wrong with the whole provider, NoOutage first.
func Outages() []Outage { return slices.Clone(outages) }

// SetOutage makes the whole provider go wrong in the named way, from the next
// call on, until another name is set; NoOutage ends it.
func (s *Server) SetOutage(name string) error {
	i := slices.IndexFunc(outages, func(o Outage) bool { return o.Name == name })
	if i < 0 {
		return fmt.Errorf("okrasim: no outage %q", name)
	}
	s.api.SetAll(outages[i].fault())
	s.window.SetAll(outages[i].ofWindow())
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outage = i
	return nil
}

// Outage is what is wrong with the whole provider now.
func (s *Server) Outage() Outage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return outages[s.outage]
}

func (o Outage) ofWindow() Fault {
	if o.window == nil {
		return Fault{}
	}
	return o.window()
}
