package handlers

import (
	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/handlers/worker"
	"balancelink/okra/provider"
)

// Upstream is a provider that is configured, with what stands before its calls.
type Upstream struct {
	provider.Provider
	Trust   *worker.Trust     // in its hosts; nil: nobody looks, and no link is begun
	Calls   *worker.Allowance // how it stands with its calls; nil: there may be any number
	API     string            // address of its API
	Page    string            // address of its window, or of the pages that it sends people to
	Setting string            // that has API
	Secret  string            // the setting of what proves its webhooks
}

// Providers are the providers of some upstreams, in their order.
func Providers(ups []Upstream) (all provider.Set) {
	for _, u := range ups {
		all = append(all, u.Provider)
	}
	return all
}

// forLinks is the provider through whom new links are made.
func (s *Server) forLinks() Upstream { return s.upstreams[0] }

// upstream is the provider that a row names. One that is not configured is called
// for nothing, and no link is begun with it.
func (s *Server) upstream(name string) Upstream {
	for _, u := range s.upstreams {
		if u.Name() == name {
			return u
		}
	}
	return Upstream{Provider: provider.Set(nil).Of(name)}
}

// configured says whether the provider is: the one of a row may not be any more.
func (u Upstream) configured() bool { return u.API != "" }

// standing is how trust in the provider's hosts stands, without a probe.
func (u Upstream) standing() worker.Standing {
	if u.Trust == nil {
		return worker.Standing{Off: true}
	}
	return u.Trust.Standing()
}

// pause is why no call to a provider is made now; the zero Pause: calls are made.
func (s *Server) pause(u Upstream) provider.Pause {
	if u.Calls == nil {
		return provider.Pause{}
	}
	if p := u.Calls.State().Pause; p.Kind == provider.KindUntrusted || s.Now().Before(p.Until) {
		return p
	}
	return provider.Pause{}
}

// alertOf tells staff that nothing can be asked of a provider, and why to those who can do
// something about it; empty: it can.
func (s *Server) alertOf(c *gin.Context, u Upstream) string {
	p := s.pause(u)
	if m, _ := web.StaffOf(c); !web.Can(m.Role, web.ReadInbox) {
		paused := p.Kind == provider.KindUntrusted || p.Kind == provider.KindRefused
		if paused || p.Kind == "" && u.standing().Lost() {
			return web.Say(c, "Linking and refreshing are paused. The balances here stay as they are, with their age. An owner or an admin sees on Status what to do.")
		}
	}
	until := " " + web.Say(c, "We try again at %s.", p.Until.In(s.Settings.Location).Format("15:04:05"))
	switch p.Kind {
	case provider.KindUnreachable:
		return web.Say(c, "The provider cannot be reached: no balance can be refreshed.") + until
	case provider.KindRateLimited:
		return web.Say(c, "The provider limits our calls.") + until
	case provider.KindUntrusted:
		return web.Say(c, "Linking and refreshing are paused: what answers at %s cannot be trusted (certificate, redirect or a web page instead of data). Check %s before anything else.", u.API, u.Setting) + until
	case provider.KindRefused:
		return web.Say(c, "Linking and refreshing are paused: the provider refuses our secret key, plan or wallet.") +
			until
	}
	if u.standing().Lost() {
		return web.Say(c, "Linking is paused: what answers at %s, or the bank window at %s, cannot be trusted (certificate, redirect, address or another page). Status says more.",
			u.API, u.Page)
	}
	return ""
}
