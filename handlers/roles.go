package handlers

import (
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"balancelink/store"
	"balancelink/views"
)

// permission is one thing that a member of staff may be allowed to do.
type permission string

const (
	seeBalances    permission = "see balances"
	askBanks       permission = "ask banks" // refresh and check
	checkFunds     permission = "check funds"
	editCustomers  permission = "edit customers"
	revealNumbers  permission = "reveal account numbers"
	unlinkAccounts permission = "unlink accounts"
	decideLinks    permission = "decide doubtful links"
	readInbox      permission = "read webhooks"
	handleInbox    permission = "handle webhooks" // replay, match, test
	readAudit      permission = "read the audit log"
	exportData     permission = "export data"
	eraseCustomers permission = "erase customers"
	manageStaff    permission = "manage staff"
)

// roles is who may do what: the one table of it. Every staff route names a
// permission in routes.go, and a role that is not here may do nothing.
var roles = map[store.Role][]permission{
	store.RoleOwner: {
		seeBalances, askBanks, checkFunds, editCustomers, revealNumbers, unlinkAccounts, decideLinks, readInbox, handleInbox,
		readAudit, exportData, eraseCustomers, manageStaff,
	},
	store.RoleAdmin: {
		seeBalances, askBanks, checkFunds, editCustomers, revealNumbers, unlinkAccounts, decideLinks, readInbox, handleInbox,
		readAudit, exportData,
	},
	store.RoleViewer:  {seeBalances, askBanks, checkFunds},
	store.RoleAuditor: {seeBalances, readInbox, readAudit},
}

// can says whether a role allows something.
func can(r store.Role, p permission) bool { return slices.Contains(roles[r], p) }

// IsRole says whether a role of that name exists.
func IsRole(name string) bool { return roles[store.Role(name)] != nil }

// abilities is what of all that a role makes a difference to what pages offer.
func abilities(r store.Role) views.Abilities {
	return views.Abilities{
		AskBanks: can(r, askBanks), EditCustomers: can(r, editCustomers), RevealNumbers: can(r, revealNumbers),
		UnlinkAccounts: can(r, unlinkAccounts), ReadInbox: can(r, readInbox), HandleInbox: can(r, handleInbox),
		ReadAudit: can(r, readAudit), ExportData: can(r, exportData), EraseCustomers: can(r, eraseCustomers), ManageStaff: can(r, manageStaff),
		DecideLinks: can(r, decideLinks),
	}
}

// may lets through whose role allows it; everybody else reads who could help.
func (s *Site) may(p permission) gin.HandlerFunc {
	return func(c *gin.Context) {
		if m, ok := staffOf(c); ok && can(m.Role, p) {
			return
		}
		s.serveError(c, forbidden(c))
	}
}

func forbidden(c *gin.Context) *httpError {
	return &httpError{
		Status: http.StatusForbidden, Heading: say(c, "Your role does not allow this"),
		Sentence: say(c, "Nothing was changed. Ask an owner of this installation if you need it."),
	}
}
