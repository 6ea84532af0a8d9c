package handlers

import (
	"github.com/gin-gonic/gin"

	"balancelink/store"
)

const (
	staffKey    = "staff"
	proofKey    = "proof"
	customerKey = "customer"
)

const scopeKey = "scope"

// staffOf is the member of staff that requireStaff let through.
func staffOf(c *gin.Context) (store.Staff, bool) {
	m, ok := c.Get(staffKey)
	if !ok {
		return store.Staff{}, false
	}
	return m.(store.Staff), true
}

// customerOf is the customer that requireCustomer let through.
func customerOf(c *gin.Context) (store.Customer, bool) {
	cu, ok := c.Get(customerKey)
	if !ok {
		return store.Customer{}, false
	}
	return cu.(store.Customer), true
}

// proofOf is what the member of staff that requireStaff let through has proven.
func proofOf(c *gin.Context) store.Proof {
	p, _ := c.Get(proofKey)
	return p.(store.Proof)
}

// scopeOf is what the person who asks may reach: of staff everything, of a
// customer who has signed in all that is theirs, and of one who came by a
// personal link what was begun in that visit. The store holds everybody to it.
func scopeOf(c *gin.Context) store.Scope {
	scope, ok := c.Get(scopeKey)
	if !ok {
		panic("route is behind none of requireStaff, requireCustomer and requireVisitor")
	}
	return scope.(store.Scope)
}

// ofPath is the scope of the customer whom a page is about: of the one in the
// path for staff, and the customer's own.
func ofPath(c *gin.Context) store.Scope {
	if _, ok := staffOf(c); ok {
		return store.OfCustomer(c.Param("id"))
	}
	return scopeOf(c)
}

// visits says whether somebody came by a personal link. What they reach is in
// their scope: this is for what pages say and offer.
func visits(c *gin.Context) bool { return scopeOf(c).VisitID != "" }

// mustStaff is the member of staff on a route behind requireStaff.
func mustStaff(c *gin.Context) store.Staff {
	m, ok := staffOf(c)
	if !ok {
		panic("route is not behind requireStaff")
	}
	return m
}

// mustCustomer is the customer on a route behind requireCustomer or requireVisitor.
func mustCustomer(c *gin.Context) store.Customer {
	cu, ok := customerOf(c)
	if !ok {
		panic("route is behind neither requireCustomer nor requireVisitor")
	}
	return cu
}

// actorOf is who asks, as the audit log names them.
func actorOf(c *gin.Context) string {
	if m, ok := staffOf(c); ok {
		return store.ByStaff(m.ID)
	}
	if _, ok := customerOf(c); ok {
		return scopeOf(c).Actor()
	}
	return store.Nobody
}
