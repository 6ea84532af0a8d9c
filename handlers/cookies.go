package handlers

import (
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/securecookie"
)

// cookiePrefix begins the name of every cookie of ours.
const cookiePrefix = "balancelink_"

// hasOurCookie says whether a request speaks for somebody who is signed in.
func hasOurCookie(r *http.Request) bool {
	return slices.ContainsFunc(r.Cookies(), func(c *http.Cookie) bool {
		return strings.HasPrefix(strings.TrimPrefix(c.Name, "__Host-"), cookiePrefix)
	})
}

// sealedCookie is a cookie without a value, and what makes and reads its values:
// none that is older than maxAge is read; 0: of any age.
func (s *Site) sealedCookie(name string, maxAge time.Duration) (http.Cookie, []securecookie.Codec, error) {
	keys, err := s.derivedKey(name+" cookie", 64)
	if err != nil {
		return http.Cookie{}, nil, err
	}
	codecs := securecookie.CodecsFromPairs(keys[:32], keys[32:])
	for _, codec := range codecs {
		codec.(*securecookie.SecureCookie).MaxAge(int(maxAge.Seconds()))
	}
	cookie := http.Cookie{Name: cookiePrefix + name, Path: "/", HttpOnly: true, Secure: s.overTLS()}
	if cookie.Secure {
		cookie.Name = "__Host-" + cookie.Name
	}
	return cookie, codecs, nil
}

// derivedKey is so many bytes of key for one purpose, derived from SESSION_KEY.
func (s *Site) derivedKey(purpose string, bytes int) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, []byte(s.Settings.SessionKey.Reveal()), nil, "balancelink "+purpose, bytes)
	if err != nil {
		return nil, fmt.Errorf("deriving the key for %s: %w", purpose, err)
	}
	return key, nil
}

// overTLS says whether people come by https, so that cookies go no other way.
func (s *Site) overTLS() bool { return strings.HasPrefix(s.Settings.PublicURL, "https://") }
