package handlers

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/signin"
	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/views"
)

// staffList handles GET /staff.
func (s *Server) staffList(c *gin.Context) error {
	return s.renderStaff(c, http.StatusOK, views.StaffForm{Role: string(store.RoleOfficer)})
}

func (s *Server) renderStaff(c *gin.Context, status int, form views.StaffForm) error {
	all, err := s.Store.AllStaff(c.Request.Context())
	if err != nil {
		return err
	}
	page := views.StaffPage{Frame: s.Frame(c, web.Say(c, "Staff"), "staff"), Form: form}
	for _, m := range all {
		page.Members = append(page.Members, member(m, web.MustStaff(c)))
	}
	return web.Render(c, status, views.StaffView(page))
}

// member is a member of staff as their colleague sees them.
func member(m, colleague store.Staff) views.Member {
	v := views.Member{
		Email: m.Email, Name: m.Name, Role: string(m.Role), SecondFactor: m.SecondFactor, Added: m.CreatedAt,
		State: "active", Oneself: m.ID == colleague.ID, URL: "/staff/" + m.ID,
	}
	switch {
	case !m.DisabledAt.IsZero():
		v.State = "disabled"
	case m.PasswordHash == "":
		v.State = "invited"
	}
	return v
}

// inviteStaff handles POST /staff.
func (s *Server) inviteStaff(c *gin.Context) error {
	form := views.StaffForm{
		Email: strings.ToLower(web.Tidy(c.PostForm("email"))), Name: staffName(c), Role: c.PostForm("role"),
	}
	form.Error = web.WrongEmail(c, form.Email)
	if !web.IsRole(form.Role) && form.Error == "" {
		form.Error = web.Say(c, "Choose a role.")
	}
	if form.Error != "" {
		return s.renderStaff(c, http.StatusUnprocessableEntity, form)
	}
	actor := store.ByStaff(web.MustStaff(c).ID)
	m, key, err := s.Store.InviteStaff(c.Request.Context(), actor, store.Staff{
		Email: form.Email, Name: form.Name, Role: store.Role(form.Role),
	}, signin.LinkValid)
	if errors.Is(err, store.ErrConflict) {
		form.Error = web.Say(c, "This person is a member of staff already.")
		return s.renderStaff(c, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	return s.showStaffLink(c, m.ID, key)
}

// staffLink handles POST /staff/:id/link: a new link to choose a password.
func (s *Server) staffLink(c *gin.Context) error {
	m, err := s.Store.StaffByID(c.Request.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	key, err := s.Store.NewStaffLink(c.Request.Context(), store.ByStaff(web.MustStaff(c).ID), m.ID, signin.LinkValid)
	if err != nil {
		return err
	}
	return s.showStaffLink(c, m.ID, key)
}

func (s *Server) showStaffLink(c *gin.Context, id, key string) error {
	return s.once.Show(c, web.Secret{
		Page: "/staff/" + id + "/link", Link: s.Settings.PublicURL + "/welcome/" + key,
		ExpiresAt: s.Now().Add(signin.LinkValid),
	})
}

// staffLinkPage handles GET /staff/:id/link, which shows a link to whoever has
// just made it.
func (s *Server) staffLinkPage(c *gin.Context) error {
	m, err := s.Store.StaffByID(c.Request.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	made, err := s.once.Shown(c)
	if err != nil {
		return web.NotShownAgain(c, "/staff", web.Say(c, "Back to the staff"))
	}
	return web.Render(c, http.StatusOK, views.StaffLinkView(views.StaffLink{
		Frame: s.Frame(c, web.Say(c, "Link for %s", m.Email), "staff"), Email: m.Email, Invited: m.PasswordHash == "",
		Link: made.Link, ExpiresAt: made.ExpiresAt,
	}))
}

// staffName is what a member of staff is called, as it was typed.
func staffName(c *gin.Context) string { return web.Clip(web.Tidy(c.PostForm("name")), 100) }

// setStaffName handles POST /staff/:id/name. An owner says what somebody is called, their
// own name too: nobody takes another's.
func (s *Server) setStaffName(c *gin.Context) error {
	err := s.Store.NameStaff(c.Request.Context(), store.ByStaff(web.MustStaff(c).ID), c.Param("id"), staffName(c))
	if err != nil {
		return err
	}
	return s.Done(c, "/staff", web.Say(c, "The name is changed."))
}

// setRole handles POST /staff/:id/role.
func (s *Server) setRole(c *gin.Context) error {
	role := store.Role(c.PostForm("role"))
	if !web.IsRole(string(role)) {
		return web.BadForm(c, nil)
	}
	return s.changeStaff(
		c, func(actor, id string) error { return s.Store.SetStaffRole(c.Request.Context(), actor, id, role) },
		web.Say(c, "The role is changed."),
	)
}

// disableStaff handles POST /staff/:id/disable.
func (s *Server) disableStaff(c *gin.Context) error {
	return s.changeStaff(
		c, func(actor, id string) error { return s.Store.DisableStaff(c.Request.Context(), actor, id) },
		web.Say(c, "This colleague can't sign in any more."),
	)
}

// enableStaff handles POST /staff/:id/enable.
func (s *Server) enableStaff(c *gin.Context) error {
	return s.changeStaff(
		c, func(actor, id string) error { return s.Store.EnableStaff(c.Request.Context(), actor, id) },
		web.Say(c, "This colleague can sign in again."),
	)
}

// endStaffSessions handles POST /staff/:id/sessions/end.
func (s *Server) endStaffSessions(c *gin.Context) error {
	return s.changeStaff(
		c, func(actor, id string) error { return s.Store.EndStaffSessions(c.Request.Context(), actor, id) },
		web.Say(c, "This colleague is signed out everywhere."),
	)
}

// removeSecondFactor handles POST /staff/:id/second-factor/remove.
func (s *Server) removeSecondFactor(c *gin.Context) error {
	return s.changeStaff(c, func(actor, id string) error {
		return s.Store.RemoveSecondFactor(c.Request.Context(), actor, id, "")
	}, web.Say(c, "The second factor of this colleague is removed."))
}

// changeStaff does something to a colleague and goes back to the list, which says so.
func (s *Server) changeStaff(c *gin.Context, do func(actor, id string) error, done string) error {
	err := do(store.ByStaff(web.MustStaff(c).ID), c.Param("id"))
	if errors.Is(err, store.ErrLastOwner) {
		return staffConflict(
			c, web.Say(c, "This is the last owner"),
			web.Say(c, "Somebody must be left who can manage staff. Make another person an owner first."),
		)
	}
	if err != nil {
		return err
	}
	return s.Done(c, "/staff", done)
}

// notOneself lets nobody do to themselves what is for colleagues: what one may
// do to one's own account is below /profile, under rules of its own.
func (s *Server) notOneself(c *gin.Context) {
	if c.Param("id") == web.MustStaff(c).ID {
		s.ServeError(c, staffConflict(
			c, web.Say(c, "You can't do this to your own account"),
			web.Say(c, "Ask another owner to do this to your account. Nothing was changed."),
		))
	}
}

func staffConflict(c *gin.Context, heading, sentence string) error {
	return &web.Error{
		Status: http.StatusConflict, Heading: heading, Sentence: sentence, NextURL: "/staff",
		NextLabel: web.Say(c, "Back to the staff"),
	}
}
