package signin

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/gorilla/securecookie"

	"balancelink/handlers/acts"
	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/views"
)

// codesAsked keeps in a browser the login for which it has asked for a code, so that no
// address of a page has it.
type codesAsked struct {
	codecs []securecookie.Codec
	cookie http.Cookie
}

const codeCookie = "code"

func newCodesAsked(s *web.Site) (*codesAsked, error) {
	cookie, codecs, err := s.SealedCookie(codeCookie, store.CodeFor)
	cookie.MaxAge, cookie.SameSite = int(store.CodeFor/time.Second), http.SameSiteStrictMode
	return &codesAsked{codecs, cookie}, err
}

// at is the login; empty: none, or too long ago.
func (a *codesAsked) at(r *http.Request) (login string) {
	cookie, err := r.Cookie(a.cookie.Name)
	if err != nil || securecookie.DecodeMulti(a.cookie.Name, cookie.Value, &login, a.codecs...) != nil {
		return ""
	}
	return login
}

// keep keeps a login; an empty one is forgotten.
func (a *codesAsked) keep(c *gin.Context, login string) (err error) {
	cookie := a.cookie
	if login == "" {
		cookie.MaxAge = -1
	} else if cookie.Value, err = securecookie.EncodeMulti(cookie.Name, login, a.codecs...); err != nil {
		return err
	}
	http.SetCookie(c.Writer, &cookie)
	return nil
}

// MailsCodes lets through where customers are sent codes to sign in with.
func (s *Service) MailsCodes(c *gin.Context) {
	if !s.Settings.MailsCodes() {
		s.ServeError(c, &web.Error{
			Status: http.StatusNotFound, Heading: web.Say(c, "No codes are sent here"),
			Sentence: web.Say(
				c, "Sign in with your password, or ask %s for a fresh personal link.", s.Settings.BusinessName,
			),
			NextURL: "/me/login", NextLabel: web.Say(c, "Sign in"),
		})
	}
}

// AskCodePage handles GET /me/code, where a customer asks for a code.
func (s *Service) AskCodePage(c *gin.Context) error { return s.renderAskCode(c, http.StatusOK, "", "") }

func (s *Service) renderAskCode(c *gin.Context, status int, typed, wrong string) error {
	return web.Render(c, status, views.MeCodeView(views.MeCode{
		Frame: s.Frame(c, web.Say(c, "Sign in with a code"), ""), Login: typed, Error: wrong,
	}))
}

// AskCode handles POST /me/code. The answer is the same whether anybody has the login.
func (s *Service) AskCode(c *gin.Context) error {
	ctx, login := c.Request.Context(), web.Tidy(c.PostForm("login"))
	if wrong := noCodeFor(c, login); wrong != "" {
		return s.renderAskCode(c, http.StatusUnprocessableEntity, login, wrong)
	}
	until, err := s.store.BeginTry(ctx, store.ThrottleByNetwork(store.CodeLogin(login), s.network(c)))
	if err != nil {
		return err
	}
	if !until.IsZero() { // each that is asked for counts: none is taken back
		wait := until.Sub(s.Now())
		web.RetryAfter(c, wait)
		return s.renderAskCode(c, http.StatusTooManyRequests, login, web.Say(
			c, "You have asked for several codes. Ask again in %s.", web.WaitWords(c, wait),
		))
	}
	if err := s.store.AskCode(ctx, login); err != nil {
		return err
	}
	if err := s.codes.keep(c, login); err != nil {
		return err
	}
	return s.Done(c, "/me/code/enter", web.Say(c, "If a code can be sent to you, it is on its way."))
}

// noCodeFor says what is wrong with what somebody wants a code for; empty: nothing. Who
// means an address hears of a slip in it.
func noCodeFor(c *gin.Context, login string) string {
	switch {
	case strings.Contains(login, "@"):
		return web.WrongEmail(c, login)
	case login == "" || acts.CheckText(login, acts.LongestText) != "":
		return web.Say(c, "Enter your phone number, e-mail address or reference.")
	}
	return ""
}

// EnterCodePage handles GET /me/code/enter, where the code is typed.
func (s *Service) EnterCodePage(c *gin.Context) error { return s.renderEnterCode(c, http.StatusOK, "") }

func (s *Service) renderEnterCode(c *gin.Context, status int, wrong string) error {
	login := s.codes.at(c.Request)
	if login == "" {
		return web.SeeOther(c, "/me/code")
	}
	return web.Render(c, status, views.MeEnterCodeView(views.MeEnterCode{
		Frame: s.Frame(c, web.Say(c, "Enter your code"), ""), Login: login, Error: wrong,
	}))
}

// EnterCode handles POST /me/code/enter. Whatever is wrong, the answer is the same.
func (s *Service) EnterCode(c *gin.Context) error {
	login := s.codes.at(c.Request)
	if login == "" {
		return web.SeeOther(c, "/me/code")
	}
	wrongCode := web.Say(c, "This is not the code, or it works no more. Type it once more, or ask for another.")
	code := web.TypedCode(web.Clip(c.PostForm("code"), 20))
	if code == "" { // no try
		return s.renderEnterCode(c, http.StatusUnauthorized, wrongCode)
	}
	cu, err := s.store.CustomerByMail(c.Request.Context(), login)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	by := s.customerThrottle(c, store.CustomerLogin(login), cu).Told()
	err = s.try(c, by, true, func() (bool, error) { return s.tryCode(c, cu, code) })
	var no *notTaken
	if errors.As(err, &no) {
		status, sentence := no.answer(c, wrongCode)
		return s.renderEnterCode(c, status, sentence)
	}
	if err != nil {
		return err
	}
	p, err := s.store.CustomerPassword(c.Request.Context(), cu.ID)
	if err != nil {
		return err
	}
	if err := s.codes.keep(c, ""); err != nil {
		return err
	}
	if err := s.beginCustomer(c, cu, p.Hash, store.Proof{}); err != nil { // no password was given
		return err
	}
	return arrive(c, "/me")
}

// tryCode says whether that is the code of a customer. It does the same for nobody.
func (s *Service) tryCode(c *gin.Context, cu store.Customer, code string) (right bool, err error) {
	hash, err := acts.SignInCodeHash(s.Settings, cu.ID, code)
	if err != nil {
		return false, err
	}
	return s.store.TakeCode(c.Request.Context(), cu.ID, hash)
}
