package handlers

import (
	"github.com/gin-gonic/gin"

	"balancelink/static"
	"balancelink/store/limits"
)

// bodies are the routes that take no form. The webhooks' asks for its token
// before it says that a body is too large.
var bodies = map[string]body{
	"/webhooks/okra":                   {Most: webhookLimit, Asked: true},
	"/connect/attempts/:nonce/success": {Most: limits.Report},
	"/connect/attempts/:nonce/close":   {Most: limits.Report},
	"/connect/attempts/:nonce/error":   {Most: limits.Report},
	"/connect/attempts/:nonce/step":    {Most: limits.Report},
}

// routes is every route there is, by who may use it.
func (s *Server) routes(e *gin.Engine) {
	// How often one address may come: see package limits.
	opening, trying, asking, taking := s.limit(limits.Links), s.limit(limits.Attempts), s.limit(limits.Asks), s.taking(limits.Exports)

	// Anyone.
	e.GET("/healthz", s.handle(s.alive))
	e.GET("/readyz", s.handle(s.ready))
	e.GET("/static/*file", gin.WrapH(static.Handler()))
	e.GET("/login", s.handle(s.loginPage))
	e.POST("/login", s.handle(s.login))
	e.GET("/login/code", s.handle(s.codePage))
	e.POST("/login/code", s.handle(s.code))
	e.GET("/welcome/:secret", opening, s.handle(s.welcomePage))
	e.POST("/welcome/:secret", opening, s.handle(s.welcome))
	e.GET("/goodbye", s.handle(s.goodbye))
	e.GET("/withdrawn", s.handle(s.withdrawn))
	e.POST("/amounts", s.handle(s.showAmounts))
	e.POST("/language", s.handle(s.chooseLanguage))
	e.GET("/me/login", s.handle(s.meLoginPage))
	e.POST("/me/login", s.handle(s.meLogin))
	e.GET("/signed-in", s.handle(s.arrived))
	e.GET("/connect/:secret", opening, s.keepsCookies, s.handle(s.connectPage))
	e.POST("/connect/:secret/attempts", trying, s.keepsCookies, s.handle(s.consent))
	e.GET("/gallery", s.simulatedOnly, s.handle(s.gallery))
	e.GET("/gallery/:screen/:state", s.simulatedOnly, s.handle(s.gallerySample))

	// The provider.
	e.POST("/webhooks/okra", s.receiveWebhook)

	// A member of staff, about their own account: no role is needed, nor the
	// second factor that is set up here.
	self := e.Group("/", s.requireStaff, s.drawnFor)
	self.POST("/logout", s.handle(s.logout))
	self.GET("/confirm", s.handle(s.confirmPage))
	self.POST("/confirm", s.handle(s.confirm))
	self.GET(secondFactorPath, s.recently, s.handle(s.secondFactorPage))
	self.POST(secondFactorPath, s.recently, s.handle(s.setSecondFactor))
	self.GET(recoveryCodesPath, s.handle(s.recoveryCodes))

	// Staff, and what their role has to allow: see roles.go. What shows, takes
	// out or ends much asks for the password or code again: s.recently.
	staff := e.Group("/", s.requireStaff, s.requireSecondFactor, s.drawnFor)
	staff.GET("/profile", s.handle(s.profile))
	staff.POST("/profile/password", s.handle(s.changePassword))
	staff.POST("/profile/second-factor/remove", s.recently, s.handle(s.removeOwnSecondFactor))
	staff.POST("/profile/sessions/end", s.handle(s.endSessions))
	staff.GET("/staff", s.may(manageStaff), s.handle(s.staffList))
	staff.POST("/staff", s.may(manageStaff), s.recently, s.handle(s.inviteStaff))
	colleague := staff.Group("/staff/:id", s.may(manageStaff), s.notOneself, s.recently)
	colleague.POST("/role", s.handle(s.setRole))
	colleague.POST("/disable", s.handle(s.disableStaff))
	colleague.POST("/enable", s.handle(s.enableStaff))
	colleague.POST("/link", s.handle(s.staffLink))
	colleague.GET("/link", s.handle(s.staffLinkPage))
	colleague.POST("/sessions/end", s.handle(s.endStaffSessions))
	colleague.POST("/second-factor/remove", s.handle(s.removeSecondFactor))
	staff.GET("/", s.may(seeBalances), s.handle(s.overview))
	staff.GET("/customers", s.may(seeBalances), s.handle(s.customerList))
	staff.GET("/customers.csv", s.may(exportData), s.recently, taking, s.handle(s.customersCSV))
	staff.POST("/customers", s.may(editCustomers), s.handle(s.addCustomer))
	staff.GET("/customers/:id", s.may(seeBalances), s.handle(s.customerPage))
	staff.GET("/customers/:id/edit", s.may(editCustomers), s.handle(s.editPage))
	staff.POST("/customers/:id/edit", s.may(editCustomers), s.handle(s.correctCustomer))
	staff.GET("/customers/:id/funds-checks", s.may(seeBalances), s.handle(s.customerFunds))
	staff.POST("/customers/:id/refresh", s.may(askBanks), asking, s.handle(s.refreshAll))
	staff.POST("/customers/:id/invitations", s.may(editCustomers), s.handle(s.invite))
	staff.GET("/customers/:id/invitations/:invitation", s.may(editCustomers), s.handle(s.invitationPage))
	staff.POST("/customers/:id/invitations/:invitation/revoke", s.may(editCustomers), s.handle(s.revokeInvitation))
	staff.GET("/customers/:id/consents/:consent", s.may(seeBalances), s.handle(s.consentText))
	staff.GET("/customers/:id/consents/:consent/file", s.may(seeBalances), taking, s.handle(s.consentFile))
	staff.GET("/customers/:id/withdraw", s.may(unlinkAccounts), s.recently, s.handle(s.withdrawPage))
	staff.POST("/customers/:id/withdraw", s.may(unlinkAccounts), s.recently, s.handle(s.withdraw))
	staff.POST("/customers/:id/export", s.may(exportData), s.recently, taking, s.handle(s.export))
	staff.GET("/customers/:id/erase", s.may(eraseCustomers), s.recently, s.handle(s.erasePage))
	staff.POST("/customers/:id/erase", s.may(eraseCustomers), s.recently, s.handle(s.erase))
	staff.POST("/customers/:id/password/remove", s.may(editCustomers), s.handle(s.removePassword))
	staff.GET("/accounts/:id", s.may(seeBalances), s.handle(s.accountPage))
	staff.GET("/accounts/:id/funds-checks", s.may(seeBalances), s.handle(s.accountFunds))
	staff.POST("/accounts/:id/funds-checks", s.may(checkFunds), asking, s.handle(s.askFunds))
	staff.POST("/accounts/:id/threshold", s.may(editCustomers), s.handle(s.setThreshold))
	staff.POST("/accounts/:id/threshold/clear", s.may(editCustomers), s.handle(s.clearThreshold))
	staff.GET("/funds-checks/:id", s.may(seeBalances), s.handle(s.fundsCheck))
	staff.GET("/accounts/:id/history.csv", s.may(exportData), s.recently, taking, s.handle(s.historyCSV))
	staff.POST("/accounts/:id/refresh", s.may(askBanks), asking, s.handle(s.refresh))
	staff.POST("/accounts/:id/check", s.may(askBanks), asking, s.handle(s.check))
	staff.POST("/accounts/:id/reveal", s.may(revealNumbers), s.recently, s.handle(s.reveal))
	staff.GET("/accounts/:id/unlink", s.may(unlinkAccounts), s.handle(s.unlinkPage))
	staff.POST("/accounts/:id/unlink", s.may(unlinkAccounts), s.handle(s.unlink))
	staff.GET("/refreshes", s.may(seeBalances), s.handle(s.refreshList))
	staff.GET("/refreshes/:id", s.may(seeBalances), s.handle(s.refreshStatus))
	staff.GET("/inbox", s.may(readInbox), s.handle(s.inboxList))
	staff.POST("/inbox/test", s.may(handleInbox), s.handle(s.testDelivery))
	staff.GET("/inbox/:id", s.may(readInbox), s.handle(s.inboxEvent))
	staff.POST("/inbox/:id/match", s.may(handleInbox), s.handle(s.match))
	staff.POST("/inbox/:id/replay", s.may(handleInbox), s.handle(s.replay))
	staff.GET("/status", s.may(readInbox), s.handle(s.status))
	staff.POST("/status/backup", s.may(exportData), s.recently, s.handle(s.backUp))
	staff.GET("/audit", s.may(readAudit), s.handle(s.auditLog))
	staff.POST("/audit/check", s.may(readAudit), s.handle(s.auditCheckNow))
	staff.POST("/audit/export", s.may(readAudit), s.recently, taking, s.handle(s.auditExport))
	staff.GET("/reviews", s.may(decideLinks), s.handle(s.reviewList))
	staff.GET("/reviews/:id", s.may(decideLinks), s.handle(s.reviewPage))
	staff.POST("/reviews/:id/approve", s.may(decideLinks), s.handle(s.approveLink))
	staff.POST("/reviews/:id/refuse", s.may(decideLinks), s.handle(s.refuseLink))

	// The customer who has signed in themselves: where every route of customers
	// belongs that is not meant for a visit too. The same handlers serve staff and
	// customers: what they reach is in their scope, see visits.go.
	customer := e.Group("/", s.requireCustomer, s.drawnFor)
	customer.POST("/me/export", taking, s.handle(s.export))
	customer.POST("/me/sessions/end", s.handle(s.leaveEverywhere))

	// A visit by a personal link may use these as well: what it reaches is what was
	// begun in it.
	visit := e.Group("/", s.requireVisitor, s.drawnFor)
	visit.GET("/connect/attempts/:nonce", s.handle(s.attemptPage))
	visit.GET("/connect/attempts/:nonce/status", s.handle(s.attemptStatus))
	visit.GET("/me", s.handle(s.me))
	visit.POST("/me/refresh", asking, s.handle(s.refreshAll))
	visit.POST("/me/attempts", trying, s.handle(s.connectAnother))
	visit.GET("/me/accounts/:id", s.handle(s.withinReach(s.accountPage)))
	visit.GET("/me/accounts/:id/history.csv", taking, s.handle(s.withinReach(s.historyCSV)))
	visit.POST("/me/accounts/:id/refresh", asking, s.handle(s.withinReach(s.refresh)))
	visit.POST("/me/accounts/:id/reveal", s.handle(s.withinReach(s.reveal)))
	visit.GET("/me/accounts/:id/unlink", s.handle(s.withinReach(s.unlinkPage)))
	visit.POST("/me/accounts/:id/unlink", s.handle(s.withinReach(s.unlink)))
	visit.GET("/me/unlinked", s.handle(s.unlinked))
	visit.GET("/me/consent", s.handle(s.renewPage))
	visit.POST("/me/consent", s.handle(s.renew))
	visit.GET("/me/consents", s.handle(s.consentsPage))
	visit.GET("/me/consents/:consent", s.handle(s.consentText))
	visit.GET("/me/consents/:consent/file", taking, s.handle(s.consentFile))
	visit.GET("/me/withdraw", s.handle(s.withdrawPage))
	visit.POST("/me/withdraw", s.handle(s.withdraw))
	visit.GET("/me/refreshes/:id", s.handle(s.refreshStatus))
	visit.GET("/me/password", s.handle(s.mePasswordPage))
	visit.POST("/me/password", s.handle(s.setMePassword))
	visit.POST("/me/logout", s.handle(s.leave))

	// What the script of the bank window reports is no form: the nonce in its
	// address says for whom the window was opened.
	window := e.Group("/", s.requireVisitor)
	window.POST("/connect/attempts/:nonce/success", s.handle(s.widgetSuccess))
	window.POST("/connect/attempts/:nonce/close", s.handle(s.widgetClose))
	window.POST("/connect/attempts/:nonce/error", s.handle(s.widgetError))
	window.POST("/connect/attempts/:nonce/step", s.handle(s.widgetStep))
}
