package handlers

import (
	"errors"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/store/money"
	"balancelink/views"
)

// setThreshold handles POST /accounts/:id/threshold: staff want to know when
// less than an amount is available.
func (s *Server) setThreshold(c *gin.Context) error {
	v := s.viewer(c)
	a, err := s.find(c, v, c.Param("id"))
	if err != nil {
		return err
	}
	form := views.ThresholdForm{Typed: web.Clip(c.PostForm("threshold"), 100)}
	minor, wrong := parseTyped(c.Request.Context(), form.Typed, a.Currency)
	if form.Error = wrong; wrong != "" {
		return s.renderAccount(c, v, a, accountForms{threshold: form})
	}
	undo := s.undoThreshold(c, a)
	err = s.Store.SetThreshold(c.Request.Context(), v.staffID, a.ID, minor)
	if errors.Is(err, store.ErrUnlinked) {
		return notLinked(c)
	}
	if err != nil {
		return err
	}
	return s.DoneUntil(c, "/accounts/"+a.ID, web.Say(c, "The threshold is set."), undo)
}

// undoThreshold is the form that brings back the threshold that an account has until now.
func (s *Server) undoThreshold(c *gin.Context, a store.Card) views.Undo {
	url := "/accounts/" + a.ID + "/threshold"
	if a.Threshold == nil {
		return views.Undo{URL: url + "/clear"}
	}
	return views.Undo{URL: url, Amounts: true, Fields: []views.HiddenField{
		{Name: "threshold", Value: money.Decimal(a.Threshold.Amount, a.Threshold.Currency)},
	}}
}

// clearThreshold handles POST /accounts/:id/threshold/clear.
func (s *Server) clearThreshold(c *gin.Context) error {
	a, err := s.find(c, s.viewer(c), c.Param("id"))
	if err != nil {
		return err
	}
	if err := s.Store.ClearThreshold(c.Request.Context(), web.MustStaff(c).ID, a.ID); err != nil {
		return err
	}
	var undo views.Undo
	if a.Threshold != nil {
		undo = s.undoThreshold(c, a)
	}
	return s.DoneUntil(c, "/accounts/"+a.ID, web.Say(c, "Nobody is warned of a low balance here any more."), undo)
}

// threshold is an account's threshold and on which side of it the account is.
func (p presenter) threshold(a store.Card) *views.Threshold {
	t := a.Threshold
	if t == nil || !p.forStaff {
		return nil
	}
	standing, basis := t.Of(a.Account, p.staleBefore(), p.now)
	v := views.Threshold{
		Amount: moneyOf(store.Minor(t.Amount), t.Currency), Standing: string(standing),
		Basis: string(basis),
		By:    p.staff[t.StaffID], SetAt: t.SetAt, CrossedAt: t.CrossedAt,
	}
	return &v
}

// addThreshold adds the form that sets the threshold to an account's page.
func (v viewer) addThreshold(page *views.AccountPage, a store.Card, form views.ThresholdForm) {
	if v.can(web.EditCustomers) {
		form.URL, form.ClearURL = "/accounts/"+a.ID+"/threshold", "/accounts/"+a.ID+"/threshold/clear"
	}
	page.Threshold = &form
}
