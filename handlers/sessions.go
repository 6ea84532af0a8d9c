package handlers

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"

	"balancelink/store"
)

// sessionKind is what differs between the sessions of staff and of customers.
type sessionKind struct {
	name     string // of the kind, and part of the cookie's name
	idle     time.Duration
	absolute time.Duration
	sameSite http.SameSite
}

var (
	staffSessions = sessionKind{"staff", 15 * time.Minute, 8 * time.Hour, http.SameSiteStrictMode}
	// Nothing but the code page looks at these.
	halfwaySessions = sessionKind{"halfway", 10 * time.Minute, 10 * time.Minute, http.SameSiteStrictMode}
	// A customer arrives by a link from elsewhere, which Lax lets keep the cookie.
	customerSessions = sessionKind{"customer", 15 * time.Minute, 8 * time.Hour, http.SameSiteLaxMode}
	// By a personal link, without a password: as long as a bank window may be
	// open, and no longer. Its principal is the consent.
	linkSessions = sessionKind{"link", 30 * time.Minute, 30 * time.Minute, http.SameSiteLaxMode}
)

// cookiePrefix begins the name of every cookie of ours.
const cookiePrefix = "balancelink_"

// seenEvery is how often a session's last use is written down.
const seenEvery = time.Minute

// The values of a session, all texts.
const (
	principalKey = "principal" // who is signed in
	confirmedKey = "confirmed" // when they last gave a password or code, Unix ms
	addressKey   = "address"   // the network they came from when it began
	browserKey   = "browser"   // in words, when it began
)

// sessionStore keeps sessions in the database: the cookie holds a signed and
// encrypted random token, the table its hash. It implements [sessions.Store].
type sessionStore struct {
	sessionKind
	rows    *store.Store
	now     func() time.Time
	log     *slog.Logger
	codecs  []securecookie.Codec
	options sessions.Options
	cookie  string
}

var _ sessions.Store = (*sessionStore)(nil)

func newSessionStore(s *Server, kind sessionKind) (*sessionStore, error) {
	keys, err := hkdf.Key(sha256.New, []byte(s.Settings.SessionKey.Reveal()), nil, "balancelink "+kind.name+" cookie", 64)
	if err != nil {
		return nil, fmt.Errorf("deriving the cookie keys: %w", err)
	}
	codecs := securecookie.CodecsFromPairs(keys[:32], keys[32:])
	for _, codec := range codecs {
		codec.(*securecookie.SecureCookie).MaxAge(int(kind.absolute.Seconds()))
	}
	secure := strings.HasPrefix(s.Settings.PublicURL, "https://")
	cookie := cookiePrefix + kind.name
	if secure {
		cookie = "__Host-" + cookie
	}
	return &sessionStore{
		sessionKind: kind, rows: s.Store, now: s.Now, log: s.Logger, codecs: codecs, cookie: cookie,
		options: sessions.Options{Path: "/", HttpOnly: true, Secure: secure, SameSite: kind.sameSite},
	}, nil
}

// Get returns the request's session, reading it once.
func (s *sessionStore) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

// New reads the session that the request's cookie names. A cookie that cannot
// be decoded, or names no living session, means that nobody is signed in.
func (s *sessionStore) New(r *http.Request, name string) (*sessions.Session, error) {
	session := sessions.NewSession(s, name)
	options := s.options
	session.Options, session.IsNew = &options, true
	token, ok := s.token(r, name)
	if !ok {
		return session, nil
	}
	row, err := s.rows.SessionByTokenHash(r.Context(), s.name, store.HashSecret(token), s.now().Add(-s.idle))
	if errors.Is(err, store.ErrNotFound) {
		return session, nil
	}
	if err != nil {
		return session, err
	}
	session.ID, session.IsNew = token, false
	if err := load(session, row); err != nil {
		return session, err
	}
	// A page can be read although its session cannot be written to: the disk may be full.
	if err := s.touch(r, row); err != nil {
		s.log.Warn("noting that a session is in use", "err", err)
	}
	return session, nil
}

func (s *sessionStore) token(r *http.Request, name string) (token string, ok bool) {
	cookie, err := r.Cookie(name)
	if err != nil {
		return "", false
	}
	return token, securecookie.DecodeMulti(name, cookie.Value, &token, s.codecs...) == nil
}

func load(session *sessions.Session, row store.Session) error {
	values := map[string]string{}
	if err := json.Unmarshal([]byte(row.Data), &values); err != nil {
		return fmt.Errorf("reading session values: %w", err)
	}
	for k, v := range values {
		session.Values[k] = v
	}
	session.Values[principalKey] = row.Principal
	return nil
}

// touch writes down that the session is in use, once a minute at most.
func (s *sessionStore) touch(r *http.Request, row store.Session) error {
	if s.now().Sub(row.LastSeenAt) < seenEvery {
		return nil
	}
	return s.rows.TouchSession(r.Context(), row.TokenHash, s.now())
}

// Save stores the session and sets its cookie; with a negative MaxAge it ends
// it. It must be called before the first byte of the body.
func (s *sessionStore) Save(r *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	if session.Options.MaxAge < 0 {
		http.SetCookie(w, sessions.NewCookie(session.Name(), "", session.Options))
		return s.rows.EndSession(r.Context(), store.HashSecret(session.ID))
	}
	if session.ID == "" {
		session.ID = store.NewSecret()
	}
	values := map[string]string{}
	for k, v := range session.Values {
		if k != principalKey {
			values[k.(string)] = v.(string)
		}
	}
	data, err := json.Marshal(values)
	if err != nil {
		return fmt.Errorf("writing session values: %w", err)
	}
	principal, _ := session.Values[principalKey].(string)
	now := s.now()
	err = s.rows.SaveSession(r.Context(), store.Session{
		TokenHash: store.HashSecret(session.ID), Kind: s.name, Principal: principal, Data: string(data),
		CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(s.absolute),
	})
	if err != nil {
		return err
	}
	encoded, err := securecookie.EncodeMulti(session.Name(), session.ID, s.codecs...)
	if err != nil {
		return fmt.Errorf("encoding the cookie: %w", err)
	}
	http.SetCookie(w, sessions.NewCookie(session.Name(), encoded, session.Options))
	return nil
}

// principal is the id of who is signed in; empty: nobody.
func (s *sessionStore) principal(r *http.Request) (string, error) {
	session, err := s.Get(r, s.cookie)
	if err != nil {
		return "", err
	}
	id, _ := session.Values[principalKey].(string)
	return id, nil
}

// confirmedAt is when who is signed in last gave a password or code.
func (s *sessionStore) confirmedAt(r *http.Request) time.Time {
	session, err := s.Get(r, s.cookie)
	if err != nil {
		return time.Time{}
	}
	text, _ := session.Values[confirmedKey].(string)
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// hash is what the table keeps of the request's own token.
func (s *sessionStore) hash(r *http.Request) string {
	session, err := s.Get(r, s.cookie)
	if err != nil {
		return ""
	}
	return store.HashSecret(session.ID)
}

// start signs somebody in, under a new token: one that was planted before is
// worth nothing afterwards.
func (s *sessionStore) start(c *gin.Context, principal string) error {
	session, err := s.Get(c.Request, s.cookie)
	if err != nil {
		return err
	}
	if session.ID != "" {
		if err := s.rows.EndSession(c.Request.Context(), store.HashSecret(session.ID)); err != nil {
			return err
		}
	}
	session.ID = ""
	session.Values = map[any]any{
		principalKey: principal,
		confirmedKey: strconv.FormatInt(s.now().UnixMilli(), 10),
		addressKey:   addressWords(c.ClientIP()),
		browserKey:   browserWords(c.Request.UserAgent()),
	}
	return session.Save(c.Request, c.Writer)
}

// end signs out.
func (s *sessionStore) end(c *gin.Context) error {
	session, err := s.Get(c.Request, s.cookie)
	if err != nil {
		return err
	}
	session.Options.MaxAge = -1
	return session.Save(c.Request, c.Writer)
}
