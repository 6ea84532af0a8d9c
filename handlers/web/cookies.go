package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/securecookie"
)

// CookiePrefix begins the name of every cookie of ours.
const CookiePrefix = "balancelink_"

// HasCookie says whether a request speaks for somebody who is signed in.
func HasCookie(r *http.Request) bool {
	return slices.ContainsFunc(r.Cookies(), func(c *http.Cookie) bool {
		return strings.HasPrefix(strings.TrimPrefix(c.Name, "__Host-"), CookiePrefix)
	})
}

// SealedCookie is a cookie without a value, and what makes and reads its values:
// none that is older than maxAge is read; 0: of any age.
func (s *Site) SealedCookie(name string, maxAge time.Duration) (http.Cookie, []securecookie.Codec, error) {
	keys, err := s.Settings.DerivedKey(name+" cookie", 64)
	if err != nil {
		return http.Cookie{}, nil, err
	}
	codecs := securecookie.CodecsFromPairs(keys[:32], keys[32:])
	for _, codec := range codecs {
		codec.(*securecookie.SecureCookie).MaxAge(int(maxAge.Seconds()))
	}
	cookie := http.Cookie{Name: CookiePrefix + name, Path: "/", HttpOnly: true, Secure: s.OverTLS()}
	if cookie.Secure {
		cookie.Name = "__Host-" + cookie.Name
	}
	return cookie, codecs, nil
}

// OverTLS says whether people come by https, so that cookies go no other way.
func (s *Site) OverTLS() bool { return strings.HasPrefix(s.Settings.PublicURL, "https://") }
