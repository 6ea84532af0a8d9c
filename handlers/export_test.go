package handlers

import (
	"net/http"
	"reflect"

	"github.com/gin-gonic/gin"

	"balancelink/okra/provider"
)

// Replace puts another provider in the place of the one for new links.
func (s *Server) Replace(by func(provider.Provider) provider.Provider) {
	s.upstreams[0].Provider = by(s.upstreams[0].Provider)
}

// RememberPoll notes that whoever sent the request has the card that polls address.
func RememberPoll(s *Server, r *http.Request, address string) {
	s.polls.Remember(&gin.Context{Request: r}, address)
}

// Remembered is how many entries a map has and how many bytes their keys are.
func Remembered(s *Server, name string) (entries, bytes int) {
	count := func(holder any, fields ...string) {
		m := reflect.ValueOf(holder)
		for _, name := range fields {
			m = reflect.Indirect(m).FieldByName(name)
		}
		for _, k := range m.MapKeys() {
			entries, bytes = entries+1, bytes+size(k)
		}
	}
	switch name {
	case "handlers/web/Polls.until":
		count(s.polls, "until")
	case "handlers/web/Limiter.buckets":
		count(s.hooks[0], "guard", "strikes", "buckets")
		count(s.windows, "buckets")
		count(s.reports, "buckets")
	case "handlers/web/refusals.seen":
		count(s.Site, "refused", "seen")
	case "handlers/hook/guard.rejected":
		count(s.hooks[0], "guard", "rejected")
	case "handlers/web/downloads.running":
		count(s.Site, "downloads", "running")
	case "handlers/signin/failures.counts":
		count(s.signin, "failed", "counts")
	default:
		panic("no map " + name)
	}
	return entries, bytes
}

// size is how many bytes a key takes, with its texts.
func size(v reflect.Value) int {
	switch v.Kind() {
	case reflect.String:
		return v.Len()
	case reflect.Struct:
		n := 0
		for i := range v.NumField() {
			n += size(v.Field(i))
		}
		return n
	}
	return int(v.Type().Size())
}
