package web

import (
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"balancelink/store"
	"balancelink/views"
)

// Permission is one thing that a member of staff may be allowed to do.
type Permission string

// The permissions there are.
const (
	SeeBalances    Permission = "see balances"
	AskBanks       Permission = "ask banks" // refresh and check
	CheckFunds     Permission = "check funds"
	EditCustomers  Permission = "edit customers"
	RevealNumbers  Permission = "reveal account numbers"
	UnlinkAccounts Permission = "unlink accounts"
	DecideLinks    Permission = "decide doubtful links"
	ReadInbox      Permission = "read webhooks"
	HandleInbox    Permission = "handle webhooks" // replay, match, test
	ReadAudit      Permission = "read the audit log"
	ExportData     Permission = "export data"
	EraseCustomers Permission = "erase customers"
	ManageStaff    Permission = "manage staff"
	ManageKeys     Permission = "manage keys of the API" // and webhook endpoints
)

// roles is who may do what: the one table of it. Every staff route names a
// permission in routes.go, and a role that is not here may do nothing.
var roles = map[store.Role][]Permission{
	store.RoleOwner: {
		SeeBalances, AskBanks, CheckFunds, EditCustomers, RevealNumbers, UnlinkAccounts, DecideLinks, ReadInbox,
		HandleInbox,
		ReadAudit, ExportData, EraseCustomers, ManageStaff, ManageKeys,
	},
	store.RoleAdmin: {
		SeeBalances, AskBanks, CheckFunds, EditCustomers, RevealNumbers, UnlinkAccounts, DecideLinks, ReadInbox,
		HandleInbox,
		ReadAudit, ExportData,
	},
	store.RoleOfficer: {SeeBalances, AskBanks, CheckFunds, EditCustomers, DecideLinks},
	store.RoleViewer:  {SeeBalances, AskBanks, CheckFunds},
	store.RoleAuditor: {SeeBalances, ReadInbox, ReadAudit},
}

// Can says whether a role allows something.
func Can(r store.Role, p Permission) bool { return slices.Contains(roles[r], p) }

// hears is what a role must allow for its e-mail: nobody is told what they may not read.
var hears = map[store.MailKind]Permission{
	store.MailLinked: SeeBalances, store.MailNeedsLogin: SeeBalances, store.MailFellBelow: SeeBalances,
	store.MailReview: DecideLinks, store.MailWithdrawn: SeeBalances, store.MailConsentEnding: SeeBalances,
	store.MailPaused: SeeBalances, store.MailBackupOld: ReadInbox, store.MailAuditBroken: ReadAudit,
}

// MayHear says whether a role may be told of something by e-mail.
func MayHear(r store.Role, kind store.MailKind) bool {
	p, known := hears[kind]
	return known && Can(r, p)
}

// IsRole says whether a role of that name exists.
func IsRole(name string) bool { return roles[store.Role(name)] != nil }

// abilities is what of all that a role makes a difference to what pages offer.
func abilities(r store.Role) views.Abilities {
	return views.Abilities{
		AskBanks: Can(r, AskBanks), EditCustomers: Can(r, EditCustomers), RevealNumbers: Can(r, RevealNumbers),
		UnlinkAccounts: Can(r, UnlinkAccounts), ReadInbox: Can(r, ReadInbox), HandleInbox: Can(r, HandleInbox),
		ReadAudit: Can(r, ReadAudit), ExportData: Can(r, ExportData), EraseCustomers: Can(r, EraseCustomers),
		ManageStaff: Can(r, ManageStaff),
		DecideLinks: Can(r, DecideLinks),
	}
}

// May lets through whose role allows it; everybody else reads who could help.
func (s *Site) May(p Permission) gin.HandlerFunc {
	return func(c *gin.Context) {
		if m, ok := StaffOf(c); ok && Can(m.Role, p) {
			return
		}
		s.ServeError(c, Forbidden(c))
	}
}

// Forbidden is the answer to whose role does not allow something.
func Forbidden(c *gin.Context) *Error {
	return &Error{
		Status: http.StatusForbidden, Heading: Say(c, "Your role does not allow this"),
		Sentence: Say(c, "Nothing was changed. Ask an owner of this installation if you need it."),
	}
}
