package signin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"

	"balancelink/store"
)

// VisitFor is how long somebody who came by a personal link, without a password, is
// let in: as long as a bank window may be open, and no longer.
const VisitFor = 30 * time.Minute

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
	// Its principal is the visit.
	linkSessions = sessionKind{"link", VisitFor, VisitFor, http.SameSiteLaxMode}
)

// seenEvery is how often a session's last use is written down.
const seenEvery = time.Minute

// rowKey is the one value of a session: its row.
const rowKey = "row"

// What a session's row has of our own, for people to tell their sessions apart.
type sessionData struct {
	Address string `json:"address"` // the network they came from when it began
	Browser string `json:"browser"` // in words, when it began
}

// Sessions keeps sessions in the database: the cookie holds a signed and
// encrypted random token, the table its hash. It implements [sessions.Store].
type Sessions struct {
	sessionKind
	rows    *store.Store
	now     func() time.Time
	sender  func(*gin.Context) netip.Addr
	log     *slog.Logger
	codecs  []securecookie.Codec
	options sessions.Options
	cookie  string
}

var _ sessions.Store = (*Sessions)(nil)

func newSessions(s *Service, kind sessionKind) (*Sessions, error) {
	cookie, codecs, err := s.SealedCookie(kind.name, kind.absolute)
	if err != nil {
		return nil, err
	}
	return &Sessions{
		sessionKind: kind, rows: s.store, now: s.Now, sender: s.Sender, log: s.Logger, codecs: codecs,
		cookie: cookie.Name,
		options: sessions.Options{
			Path: cookie.Path, HttpOnly: cookie.HttpOnly, Secure: cookie.Secure, SameSite: kind.sameSite,
		},
	}, nil
}

// Get returns the request's session, reading it once.
func (s *Sessions) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

// New reads the session that the request's cookie names. A cookie that cannot
// be decoded, or names no living session, means that nobody is signed in.
func (s *Sessions) New(r *http.Request, name string) (*sessions.Session, error) {
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
	session.ID, session.IsNew, session.Values[rowKey] = token, false, row
	// A page can be read although its session cannot be written to: the disk may be full.
	if err := s.touch(r, row); err != nil {
		s.log.Warn("noting that a session is in use", "err", err)
	}
	return session, nil
}

func (s *Sessions) token(r *http.Request, name string) (token string, ok bool) {
	cookie, err := r.Cookie(name)
	if err != nil {
		return "", false
	}
	return token, securecookie.DecodeMulti(name, cookie.Value, &token, s.codecs...) == nil
}

// touch writes down that the session is in use, once a minute at most. What an open page
// asks for by itself is no use: whoever left it is signed out in time.
func (s *Sessions) touch(r *http.Request, row store.Session) error {
	if r.Method == http.MethodGet && r.Header.Get("HX-Request") == "true" || s.now().Sub(row.LastSeenAt) < seenEvery {
		return nil
	}
	return s.rows.TouchSession(r.Context(), row.TokenHash, s.now())
}

// Save stores a session that begins and sets its cookie; with a negative MaxAge
// it ends it. It must be called before the first byte of the body.
func (s *Sessions) Save(r *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	if session.Options.MaxAge < 0 {
		http.SetCookie(w, sessions.NewCookie(session.Name(), "", session.Options))
		return s.rows.EndSession(r.Context(), store.HashSecret(session.ID))
	}
	if session.ID == "" {
		now, row := s.now(), rowOf(session)
		session.ID = store.NewSecret()
		row.TokenHash, row.Kind = store.HashSecret(session.ID), s.name
		row.CreatedAt, row.LastSeenAt, row.ExpiresAt = now, now, now.Add(s.absolute)
		if err := s.rows.SaveSession(r.Context(), row); err != nil {
			return err
		}
		session.Values[rowKey] = row
	}
	encoded, err := securecookie.EncodeMulti(session.Name(), session.ID, s.codecs...)
	if err != nil {
		return fmt.Errorf("encoding the cookie: %w", err)
	}
	http.SetCookie(w, sessions.NewCookie(session.Name(), encoded, session.Options))
	return nil
}

// rowOf is a session's row; the zero one: nobody is signed in.
func rowOf(session *sessions.Session) store.Session {
	row, _ := session.Values[rowKey].(store.Session)
	return row
}

// row is that of the request's session.
func (s *Sessions) row(r *http.Request) (store.Session, error) {
	session, err := s.Get(r, s.cookie)
	if err != nil {
		return store.Session{}, err
	}
	return rowOf(session), nil
}

// principal is the id of who is signed in; empty: nobody.
func (s *Sessions) principal(r *http.Request) (string, error) {
	row, err := s.row(r)
	return row.Principal, err
}

// hash is what the table keeps of the request's own token.
func (s *Sessions) hash(r *http.Request) string {
	session, err := s.Get(r, s.cookie)
	if err != nil {
		return ""
	}
	return store.HashSecret(session.ID)
}

// start signs somebody in who is never asked what they have proven.
func (s *Sessions) start(c *gin.Context, principal string) error {
	return s.StartAs(c, store.Session{Principal: principal})
}

// StartAs signs in whom row says, with the proof that it says, under a new
// token: one that was planted before is worth nothing afterwards.
func (s *Sessions) StartAs(c *gin.Context, row store.Session) error {
	session, err := s.Get(c.Request, s.cookie)
	if err != nil {
		return err
	}
	if session.ID != "" {
		if err := s.rows.EndSession(c.Request.Context(), store.HashSecret(session.ID)); err != nil {
			return err
		}
	}
	data, err := json.Marshal(sessionData{addressWords(s.sender(c)), browserWords(c.Request.UserAgent())})
	if err != nil {
		return fmt.Errorf("writing session values: %w", err)
	}
	row.Data = string(data)
	session.ID, session.Values = "", map[any]any{rowKey: row}
	return session.Save(c.Request, c.Writer)
}

// rotate puts the session under a new token, since what it may do has changed.
// How and when it began, and what was proven in it, stay as they are.
func (s *Sessions) rotate(c *gin.Context) error {
	session, err := s.Get(c.Request, s.cookie)
	if err != nil {
		return err
	}
	token := store.NewSecret()
	if err := s.rows.RotateSession(
		c.Request.Context(), store.HashSecret(session.ID), store.HashSecret(token),
	); err != nil {
		return err
	}
	session.ID = token
	return session.Save(c.Request, c.Writer)
}

// end signs out.
func (s *Sessions) end(c *gin.Context) error {
	session, err := s.Get(c.Request, s.cookie)
	if err != nil {
		return err
	}
	session.Options.MaxAge = -1
	return session.Save(c.Request, c.Writer)
}

// Came says who has signed in in this browser, and has not signed out: their sessions may be
// over.
func (s *Service) Came(c *gin.Context) (staff, customer bool) {
	has := func(of *Sessions) bool { _, err := c.Request.Cookie(of.cookie); return err == nil }
	return has(s.Staff), has(s.Customers) || has(s.Links)
}

// Expire forgets sessions, and ends personal links, that are over, whether anybody
// tries them or not: a clock that is set back later cannot revive them.
func (s *Service) Expire(ctx context.Context) {
	err := errors.Join(s.store.ExpireInvitations(ctx), s.store.ForgetStaffLinks(ctx))
	for _, kind := range []*Sessions{s.Staff, s.halfway, s.Customers, s.Links} {
		err = errors.Join(err, s.store.ForgetSessions(ctx, kind.name, s.Now().Add(-kind.idle)))
	}
	if err != nil && ctx.Err() == nil {
		s.Logger.Error("forgetting what is over", "err", err)
	}
}
