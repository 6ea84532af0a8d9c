package handlers

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/acts"
	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/store/limits"
	"balancelink/views"
	"balancelink/views/locale"
)

// reviewsURL is where staff find the links that need review: those who may
// decide in the list of them, others at the customers.
func (s *Server) reviewsURL(c *gin.Context) string {
	if web.Can(web.MustStaff(c).Role, web.DecideLinks) {
		return "/reviews"
	}
	return "/customers?filter=" + string(store.NeedsReview)
}

// reviewList handles GET /reviews: customers with the oldest of their links, or
// all links of the customer in the address.
func (s *Server) reviewList(c *gin.Context) error {
	page := views.Reviews{Frame: s.Frame(c, web.Say(c, "Links to review"), "")}
	after, fill := pageAfter(c), s.addDoubted
	if c.Query("customer") != "" {
		fill = s.addReviewsOf
	}
	if after != "" {
		page.FirstURL = reviewsAfter(c, "")
	}
	err := s.together(c, func() error {
		return fill(c, &page, after)
	}, func() (err error) {
		if after == "" {
			page.Questions, err = s.questions(c, c.Query("customer"))
		}
		return err
	}, noting(func() { s.noteList(c, "reviews") }))
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, views.ReviewsView(page))
}

// pageAfter is the row after which a page begins; empty: the first one.
func pageAfter(c *gin.Context) string {
	if after := c.Query("after"); store.IsID(after) {
		return after
	}
	return ""
}

// reviewsAfter is the list from a link on.
func reviewsAfter(c *gin.Context, after string) string {
	return "/reviews?" + given(map[string]string{"customer": c.Query("customer"), "after": after}).Encode()
}

func (s *Server) addDoubted(c *gin.Context, page *views.Reviews, after string) error {
	all, err := s.Store.Doubted(c.Request.Context(), after, onePage, limits.ReviewsOfCustomer)
	all, last := cut(all)
	if last != nil {
		page.NextURL = reviewsAfter(c, last.Oldest)
	}
	for _, d := range all {
		for _, r := range d.Reviews {
			page.Rows = append(page.Rows, s.review(c, r))
		}
		if n := len(d.Reviews); d.Number > n {
			last := &page.Rows[len(page.Rows)-1]
			last.Further, last.FurtherURL = d.Number-n, "/reviews?"+url.Values{"customer": {d.CustomerID}}.Encode()
		}
	}
	return err
}

func (s *Server) addReviewsOf(c *gin.Context, page *views.Reviews, after string) error {
	all, err := s.Store.Reviews(c.Request.Context(), c.Query("customer"), after, onePage)
	all, last := cut(all)
	if last != nil {
		page.NextURL = reviewsAfter(c, last.ID)
	}
	for _, r := range all {
		page.Rows = append(page.Rows, s.review(c, r))
	}
	return err
}

func (s *Server) review(c *gin.Context, r store.Review) views.Review {
	v := views.Review{
		URL: "/reviews/" + r.ID, StartedAt: r.CreatedAt, CustomerName: r.CustomerName, CustomerReference: r.Reference,
		CustomerURL: "/customers/" + r.CustomerID, Holder: r.Holder, NameMatch: string(r.NameMatch), Bank: r.BankName,
		Why: r.Reason, Reference: store.Reference(r.ID), Record: r.ProviderRecord, ClaimedBy: r.ClaimedBy,
	}
	if r.Broken != nil {
		s.Logger.Error("showing a doubtful link", "err", r.Broken)
		v.Why = locale.Stored(c.Request.Context(), v.Why) + " " + web.Say(
			c, "What it would link was changed outside of the program and cannot be read: it can only be rejected.",
		)
	}
	for _, a := range r.Accounts {
		v.Accounts = append(
			v.Accounts, views.ReviewAccount{Holder: a.Name, NUBAN: mask(a.NUBAN), Type: a.Type, Currency: a.Currency},
		)
	}
	for _, h := range r.Holders {
		v.Held = v.Held || h.Linked
		v.Holders = append(
			v.Holders, views.ReviewHolder{Name: h.CustomerName, URL: "/customers/" + h.CustomerID, Linked: h.Linked},
		)
	}
	return v
}

// reviewPage handles GET /reviews/:id.
func (s *Server) reviewPage(c *gin.Context) error {
	return s.renderReview(c, http.StatusOK, views.Decision{})
}

func (s *Server) renderReview(c *gin.Context, code int, d views.Decision) error {
	r, err := s.Store.ReviewByID(c.Request.Context(), c.Param("id"))
	if err != nil {
		return decided(c, err)
	}
	s.noteView(c, store.ActReviewSeen, r.CustomerID, r.ID)
	return web.Render(c, code, views.ReviewView(views.ReviewPage{
		Frame: s.Frame(c, web.Say(c, "Link to review"), ""), Review: s.review(c, r), Decision: d,
		ApproveURL: "/reviews/" + r.ID + "/approve", RefuseURL: "/reviews/" + r.ID + "/refuse",
	}))
}

// decided turns the store's error about a link that waits no more into words.
func decided(c *gin.Context, err error) error {
	if !errors.Is(err, store.ErrDecided) {
		return err
	}
	return &web.Error{
		Status: http.StatusConflict, Heading: web.Say(c, "This is decided already"), Sentence: web.Say(
			c, "This link is not waiting any more. The customer's page shows what became of it.",
		),
		NextURL: "/reviews", NextLabel: web.Say(c, "Back to the links to review"),
	}
}

// approveLink handles POST /reviews/:id/approve.
func (s *Server) approveLink(c *gin.Context) error {
	return s.decide(c, "approve", s.Store.ApproveLink)
}

// refuseLink handles POST /reviews/:id/refuse.
func (s *Server) refuseLink(c *gin.Context) error {
	return s.decide(c, "refuse", s.Store.RefuseLink)
}

// decision is how the store carries one out.
type decision func(ctx context.Context, actor, id, reason string) error

// decide carries a decision out. It needs a reason, for whoever asks later.
func (s *Server) decide(c *gin.Context, what string, carryOut decision) error {
	d := views.Decision{What: what, Reason: web.Tidy(c.PostForm("reason"))}
	if d.Error = checkReason(c, d.Reason); d.Error != "" {
		return s.renderReview(c, http.StatusUnprocessableEntity, d)
	}
	ctx, actor := c.Request.Context(), store.ByStaff(web.MustStaff(c).ID)
	err := carryOut(ctx, actor, c.Param("id"), d.Reason)
	switch {
	case errors.Is(err, store.ErrHeld):
		d.Error = web.Say(
			c, "Another customer holds this account or connection now. Unlink it there first, then approve.",
		)
	case errors.Is(err, store.ErrNoConsent):
		d.Error = web.Say(c, "The customer's consent is not in force. They have to agree again first.")
	case errors.Is(err, store.ErrNothingToBind):
		d.Error = web.Say(c, "There is no account to link: this link can only be rejected.")
	case err != nil:
		return decided(c, err)
	default:
		s.Worker.Wake()
		return s.decidedNow(c, what)
	}
	return s.renderReview(c, http.StatusConflict, d)
}

// decidedNow says what was decided.
func (s *Server) decidedNow(c *gin.Context, what string) error {
	if what == "approve" {
		return s.Done(c, "/reviews", web.Say(c, "The link is approved. Its accounts are linked now."))
	}
	return s.DoneUntil(
		c, "/reviews", web.Say(c, "The link is rejected, and what came with it is deleted. Tell the customer."),
		views.Undo{URL: "/reviews/" + c.Param("id") + "/reopen"},
	)
}

// longestReason is how many characters the reason of a decision may have.
const longestReason = 500

// checkReason says in a sentence what is wrong with a reason; empty: nothing.
func checkReason(c *gin.Context, reason string) string {
	if reason == "" {
		return web.Say(c, "Enter a reason.")
	}
	return faultWords(c, acts.CheckText(reason, longestReason), longestReason)
}
