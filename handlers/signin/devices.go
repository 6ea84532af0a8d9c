package signin

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/gorilla/securecookie"

	"balancelink/handlers/web"
	"balancelink/store"
)

const (
	devicesCookie = "devices"
	deviceFor     = 180 * 24 * time.Hour
	loginsKept    = 8 // of those who share a browser
)

// devices tells a browser in which somebody has signed in before from a
// stranger's: what strangers guess does not delay them there. It signs nobody in.
type devices struct {
	now    func() time.Time
	codecs []securecookie.Codec
	cookie http.Cookie
}

// device is what a browser keeps for a login.
type device struct {
	Login store.Login
	ID    string
	At    time.Time // of the last sign-in
}

func newDevices(s *web.Site) (*devices, error) {
	cookie, codecs, err := s.SealedCookie(devicesCookie, 0) // each entry has its own time
	if err != nil {
		return nil, err
	}
	cookie.MaxAge, cookie.SameSite = int(deviceFor.Seconds()), http.SameSiteStrictMode
	return &devices{now: s.Now, codecs: codecs, cookie: cookie}, nil
}

// in is what a browser keeps. A cookie that cannot be read is none.
func (d *devices) in(r *http.Request) (known []device) {
	cookie, err := r.Cookie(d.cookie.Name)
	if err != nil || securecookie.DecodeMulti(d.cookie.Name, cookie.Value, &known, d.codecs...) != nil {
		return nil
	}
	return slices.DeleteFunc(known, func(k device) bool { return d.now().Sub(k.At) > deviceFor })
}

// id is the device's, if somebody has signed in there with that login; empty: nobody has.
func (d *devices) id(r *http.Request, l store.Login) string {
	for _, k := range d.in(r) {
		if k.Login == l {
			return k.ID
		}
	}
	return ""
}

// remember notes in the browser that somebody has signed in there of that login. The
// newest come first, and too many push the oldest out.
func (d *devices) remember(c *gin.Context, l store.Login) error {
	known, entry := d.in(c.Request), device{l, d.id(c.Request, l), d.now()}
	if entry.ID == "" {
		entry.ID = rand.Text()
	}
	known = slices.DeleteFunc(known, func(k device) bool { return k.Login == l })
	known = slices.Insert(known, 0, entry)
	value, err := securecookie.EncodeMulti(d.cookie.Name, known[:min(len(known), loginsKept)], d.codecs...)
	if err != nil {
		return fmt.Errorf("encoding the devices: %w", err)
	}
	cookie := d.cookie
	cookie.Value = value
	http.SetCookie(c.Writer, &cookie)
	return nil
}
