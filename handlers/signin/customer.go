package signin

import (
	"cmp"
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/weak"
	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/store/phone"
	"balancelink/views"
)

// CustomerLoginPage handles GET /me/login.
func (s *Service) CustomerLoginPage(c *gin.Context) error {
	return web.Render(c, http.StatusOK, views.MeLoginView(views.MeLogin{
		Frame: s.Frame(c, web.Say(c, "Sign in"), ""), Codes: s.Settings.MailsCodes(),
	}))
}

// CustomerLogin handles POST /me/login. Whatever is wrong, the answer is the same.
func (s *Service) CustomerLogin(c *gin.Context) error {
	ctx, login := c.Request.Context(), web.Tidy(c.PostForm("login"))
	cu, err := s.store.CustomerByLogin(ctx, login)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	var p store.Password // nobody has none
	if cu.ID != "" {
		if p, err = s.store.CustomerPassword(ctx, cu.ID); err != nil {
			return err
		}
	}
	right, status, sentence, err := s.tryPassword(
		c, s.customerThrottle(c, store.CustomerLogin(login), cu), p, c.PostForm("password"),
		web.Say(
			c, "Wrong phone number, e-mail, reference or password. After many wrong tries even the right one does not work for a while.",
		),
	)
	if err != nil {
		return err
	}
	if !right {
		return web.Render(c, status, views.MeLoginView(
			views.MeLogin{
				Frame: s.Frame(c, web.Say(c, "Sign in"), ""), Login: login, Error: sentence,
				Codes: s.Settings.MailsCodes(),
			},
		))
	}
	if err := s.store.Record(
		ctx, store.Act{Actor: store.ByCustomer(cu.ID), Action: store.ActSignedIn, Customer: cu.ID, Subject: cu.ID},
	); err != nil {
		return err
	}
	return s.signInCustomer(c, cu, p.Hash)
}

// tryPassword says whether that is the customer's password p, or with what status
// and sentence it is not taken; wrong is what is said of a wrong one. It takes the
// same time for who has none as for anybody. Customers' tries are delayed as those of staff are.
func (s *Service) tryPassword(
	c *gin.Context, by store.Throttle, p store.Password, password, wrong string,
) (right bool, status int, sentence string, err error) {
	if password == "" { // no try
		return false, http.StatusUnauthorized, wrong, nil
	}
	err = s.try(c, by, true, func() (bool, error) {
		right, err := s.Passwords.Check(
			c.Request.Context(), cmp.Or(p.Hash, s.Passwords.nobody), web.Clip(password, longestPassword+1),
		)
		return right && p.Hash != "", err
	})
	var no *notTaken
	if errors.As(err, &no) {
		status, sentence = no.answer(c, wrong)
		return false, status, sentence, nil
	}
	return err == nil, 0, "", err
}

// signInCustomer signs a customer in, whose password has that hash, and goes on to
// their balances.
func (s *Service) signInCustomer(c *gin.Context, cu store.Customer, hash string) error {
	if err := s.beginCustomer(c, cu, hash, store.Proof{Password: s.Now()}); err != nil {
		return err
	}
	return arrive(c, "/me")
}

// beginCustomer begins a session that sees everything of the customer's, whose password
// has that hash.
func (s *Service) beginCustomer(c *gin.Context, cu store.Customer, hash string, given store.Proof) error {
	if err := s.Links.end(c); err != nil {
		return err
	}
	if err := s.Customers.StartAs(
		c, store.Session{Principal: cu.ID, Password: hash, Proof: given},
	); err != nil {
		return err
	}
	return s.devices.remember(c, store.CustomerMeant(cu.ID, ""))
}

// CustomerPasswordPage handles GET /me/password.
func (s *Service) CustomerPasswordPage(c *gin.Context) error {
	p, err := s.store.CustomerPassword(c.Request.Context(), web.MustCustomer(c).ID)
	if err != nil {
		return err
	}
	return s.renderCustomerPassword(c, http.StatusOK, p, nil)
}

func (s *Service) renderCustomerPassword(c *gin.Context, code int, p store.Password, wrong map[string]string) error {
	cu := web.MustCustomer(c)
	to, err := s.store.LoginsToBe(c.Request.Context(), cu)
	if err != nil {
		return err
	}
	may, err := s.store.MaySetPassword(c.Request.Context(), web.ScopeOf(c))
	if err != nil {
		return err
	}
	page := views.MePassword{
		Frame: s.Frame(c, web.Say(c, "Come back later"), ""), SetAt: p.SetAt, Errors: wrong, ByLink: web.ByLink(c),
		EndURL: "/me/sessions/end", Address: s.address(),
	}
	_, isNumber := phone.Parse(cu.Phone)
	page.EmailTaken, page.PhoneTaken = cu.Email != "" && to.Email == "", isNumber && to.Phone == ""
	page.UserName, page.SignInBy = cmp.Or(to.Email, to.Phone, to.Reference), ways(c, to)
	if page.Hidden, err = s.store.HiddenAccounts(c.Request.Context(), web.ScopeOf(c)); err != nil {
		return err
	}
	if !to.None() && may {
		page.Action = "/me/password"
	}
	return web.Render(c, code, views.MePasswordView(page))
}

// address is where people come to, as they remember it.
func (s *Service) address() string { return strings.TrimPrefix(s.Settings.PublicURL, "https://") }

// ways are in words what a customer may type to sign in, who reads them.
func ways(c *gin.Context, l store.Logins) (all []string) {
	if l.Email != "" {
		all = append(all, web.Say(c, "your e-mail address %s", web.MustCustomer(c).Email))
	}
	if l.Phone != "" {
		all = append(all, web.Say(c, "your phone number %s", phone.Written(l.Phone)))
	}
	if l.Reference != "" {
		all = append(all, web.Say(c, "your reference %s", l.Reference))
	}
	return all
}

// SetCustomerPassword handles POST /me/password. Whether who came by a link may is the
// store's to say. To change a password takes the one there is.
func (s *Service) SetCustomerPassword(c *gin.Context) error {
	ctx, cu := c.Request.Context(), web.MustCustomer(c)
	p, err := s.store.CustomerPassword(ctx, cu.ID)
	if err != nil {
		return err
	}
	may, err := s.store.MaySetPassword(ctx, web.ScopeOf(c))
	if err != nil {
		return err
	}
	to, err := s.store.LoginsToBe(ctx, cu)
	if err != nil {
		return err
	}
	if !may || to.None() {
		return s.renderCustomerPassword(c, http.StatusConflict, p, nil)
	}
	wrong := checkNewCustomerPassword(c, c.PostForm("password"), c.PostForm("again"), s.Settings.BusinessName, cu)
	if p.Hash != "" {
		right, _, sentence, err := s.tryPassword(
			c, store.ThrottleByPerson(cu.ID), p, c.PostForm("current"), web.Say(c, "Wrong password."),
		)
		if err != nil {
			return err
		}
		if !right {
			wrong["current"] = sentence
		}
	}
	if len(wrong) > 0 {
		return s.renderCustomerPassword(c, http.StatusUnprocessableEntity, p, wrong)
	}
	hash, err := s.Passwords.Hash(c.Request.Context(), c.PostForm("password"))
	if err != nil {
		return err
	}
	err = s.store.SetCustomerPassword(ctx, web.ScopeOf(c), p.Hash, hash)
	if errors.Is(err, store.ErrConflict) {
		return &web.Error{
			Status: http.StatusConflict, Heading: web.Say(c, "The password has been changed"),
			Sentence: web.Say(c, "Sign in with the new one."), NextURL: "/me/login", NextLabel: web.Say(c, "Sign in"),
		}
	}
	if err != nil {
		return err
	}
	if err := s.beginCustomer(c, cu, hash, store.Proof{Password: s.Now()}); err != nil {
		return err
	}
	web.SetCustomer(c, cu, store.OfCustomer(cu.ID))
	return s.Done(c, "/me", views.PasswordSet(c.Request.Context(), s.address(), ways(c, to)))
}

// checkNewCustomerPassword says in a sentence per field what is wrong.
func checkNewCustomerPassword(c *gin.Context, password, again, business string, cu store.Customer) map[string]string {
	wrong := map[string]string{}
	if problem := wrongPassword(c.Request.Context(), password, cu.Email, business); problem != "" {
		wrong["password"] = problem
	} else if weak.Like(password, cu.Name) {
		wrong["password"] = web.Say(c, "This is too easy to guess: it is your name.")
	} else if password != again {
		wrong["again"] = web.Say(c, "The passwords don't match. Type the new one twice.")
	}
	return wrong
}

// CustomerLogoutEverywhere handles POST /me/sessions/end.
func (s *Service) CustomerLogoutEverywhere(c *gin.Context) error {
	id := web.MustCustomer(c).ID
	if err := s.store.EndCustomerSessions(c.Request.Context(), store.ByCustomer(id), id); err != nil {
		return err
	}
	return s.CustomerLogout(c)
}

// RemoveCustomerPassword handles POST /customers/:id/password/remove.
func (s *Service) RemoveCustomerPassword(c *gin.Context) error {
	id := c.Param("id")
	if err := s.store.RemoveCustomerPassword(c.Request.Context(), store.ByStaff(web.MustStaff(c).ID), id); err != nil {
		return err
	}
	return s.Done(c, "/customers/"+id, web.Say(
		c, "The password is removed, and the customer is signed out everywhere.",
	))
}

// CustomerLogout handles POST /me/logout.
func (s *Service) CustomerLogout(c *gin.Context) error {
	id := web.MustCustomer(c).ID
	forgetPages(c)
	if err := s.SignOutCustomer(c); err != nil {
		return err
	}
	if err := s.store.Record(
		c.Request.Context(), store.Act{Actor: web.ActorOf(c), Action: store.ActSignedOut, Customer: id, Subject: id},
	); err != nil {
		return err
	}
	return web.SeeOther(c, "/goodbye")
}

// Goodbye handles GET /goodbye, where a customer arrives who signed out.
func (s *Service) Goodbye(c *gin.Context) error {
	return web.Render(c, http.StatusOK, views.ErrorView(views.ErrorPage{
		Frame: s.Frame(c, web.Say(c, "Signed out"), ""), Status: http.StatusOK,
		Heading: web.Say(c, "You are signed out"), Sentence: web.Say(
			c, "To come back, sign in with your password if you have set one, or ask %s for a fresh personal link.",
			s.Settings.BusinessName,
		),
		NextURL: "/me/login", NextLabel: web.Say(c, "Sign in"),
	}))
}

// forgetPages makes the browser forget what it was shown.
func forgetPages(c *gin.Context) { c.Header("Clear-Site-Data", `"cache", "storage"`) }
