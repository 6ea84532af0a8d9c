package web

import (
	"github.com/gin-gonic/gin"

	"balancelink/store"
	"balancelink/views/locale"
)

const (
	staffKey    = "staff"
	proofKey    = "proof"
	customerKey = "customer"
	scopeKey    = "scope"
)

// SetStaff notes which member of staff asks, and what they have proven.
func SetStaff(c *gin.Context, m store.Staff, given store.Proof) {
	c.Set(staffKey, m)
	c.Set(scopeKey, store.Whole())
	c.Set(proofKey, given)
	c.Request = c.Request.WithContext(locale.Checked(c.Request.Context()))
}

// SetCustomer notes which customer asks, and what they may reach.
func SetCustomer(c *gin.Context, cu store.Customer, reach store.Scope) {
	c.Set(customerKey, cu)
	c.Set(scopeKey, reach)
}

// StaffOf is the member of staff who asks; false: somebody else does, or the page is drawn
// as a customer sees it.
func StaffOf(c *gin.Context) (store.Staff, bool) {
	m, ok := c.Get(staffKey)
	if !ok || seenOf(c) != nil {
		return store.Staff{}, false
	}
	return m.(store.Staff), true
}

// CustomerOf is the customer who asks; false: somebody else does.
func CustomerOf(c *gin.Context) (store.Customer, bool) {
	cu, ok := c.Get(customerKey)
	if !ok {
		return store.Customer{}, false
	}
	return cu.(store.Customer), true
}

// ProofOf is what the member of staff who asks has proven.
func ProofOf(c *gin.Context) store.Proof {
	p, _ := c.Get(proofKey)
	return p.(store.Proof)
}

// ScopeOf is what the person who asks may reach: of staff everything, of a
// customer who has signed in all that is theirs, and of one who came by a
// personal link what was begun in that visit. The store holds everybody to it.
func ScopeOf(c *gin.Context) store.Scope {
	scope, ok := c.Get(scopeKey)
	if !ok {
		panic("route is behind none of RequireStaff, RequireCustomer and RequireVisitor")
	}
	return scope.(store.Scope)
}

// OfPath is the scope of the customer whom a page is about: of the one in the
// path for staff, and the customer's own.
func OfPath(c *gin.Context) store.Scope {
	if _, ok := StaffOf(c); ok {
		return store.OfCustomer(c.Param("id"))
	}
	return ScopeOf(c)
}

// ByLink says whether somebody came by a personal link. What they reach is in
// their scope: this is for what pages say and offer.
func ByLink(c *gin.Context) bool { return ScopeOf(c).VisitID != "" }

// MustStaff is the member of staff who asks, on a route that lets nobody else in.
func MustStaff(c *gin.Context) store.Staff {
	m, ok := StaffOf(c)
	if !ok {
		panic("route is not behind RequireStaff")
	}
	return m
}

// MustCustomer is the customer who asks, on a route that lets nobody else in.
func MustCustomer(c *gin.Context) store.Customer {
	cu, ok := CustomerOf(c)
	if !ok {
		panic("route is behind neither RequireCustomer nor RequireVisitor")
	}
	return cu
}

// ActorOf is who asks, as the audit log names them.
func ActorOf(c *gin.Context) string {
	if m, ok := SeenBy(c); ok {
		return store.ByStaff(m.ID)
	}
	if m, ok := StaffOf(c); ok {
		return store.ByStaff(m.ID)
	}
	if _, ok := CustomerOf(c); ok {
		return ScopeOf(c).Actor()
	}
	return store.Nobody
}
