package handlers

import (
	"github.com/gin-gonic/gin"

	"balancelink/handlers/hook"
	"balancelink/handlers/settings"
	"balancelink/handlers/signin"
	"balancelink/handlers/web"
	"balancelink/static"
	"balancelink/store/limits"
)

// bodies are the routes that take no form. The webhooks' asks for its token
// before it says that a body is too large.
var bodies = map[string]web.Body{
	"/webhooks/okra":                   {Most: hook.Limit, SelfChecked: true},
	"/webhooks/mono":                   {Most: hook.Limit, SelfChecked: true},
	importURL:                          {Most: limits.Import},
	"/connect/attempts/:nonce/success": {Most: limits.Report},
	"/connect/attempts/:nonce/close":   {Most: limits.Report},
	"/connect/attempts/:nonce/error":   {Most: limits.Report},
	"/connect/attempts/:nonce/step":    {Most: limits.Report},
}

// machines is what the addresses begin with that programs ask, and not people: those of
// webhooks and of health, and those that are none, of an API of another version or of
// metrics, which have an address of their own.
var machines = []string{settings.WebhookPath(""), "/healthz", "/readyz", referencePath + "/", "/metrics"}

// routes is every route there is, by who may use it.
func (s *Server) routes(e *gin.Engine) {
	in := s.signin

	// How often one address may come: see package limits.
	limitLinks, limitAttempts := s.Limit(limits.Links), s.Limit(limits.Attempts)
	limitAsks, limitExports := s.Limit(limits.Asks), s.LimitDownloads(limits.Exports)

	// Anyone.
	e.GET("/healthz", s.Handle(s.alive))
	e.GET("/readyz", s.Handle(s.ready))
	e.GET("/static/*file", gin.WrapH(static.Handler()))
	e.GET(
		"/", s.door, in.RequireStaff, in.RequireSecondFactor, s.DrawnFor, s.May(web.SeeBalances), s.Handle(s.overview),
	)
	e.GET("/login", s.Handle(in.LoginPage))
	e.POST("/login", s.Handle(in.Login))
	e.GET("/login/code", s.Handle(in.CodePage))
	e.POST("/login/code", s.Handle(in.Code))
	e.GET("/welcome/:secret", limitLinks, s.Handle(in.WelcomePage))
	e.POST("/welcome/:secret", limitLinks, s.Handle(in.Welcome))
	e.GET("/goodbye", s.Handle(in.Goodbye))
	e.GET("/withdrawn", s.Handle(s.withdrawn))
	e.POST("/amounts", s.Handle(s.ShowAmounts))
	e.POST("/language", s.Handle(s.ChooseLanguage))
	e.GET("/me/login", s.Handle(in.CustomerLoginPage))
	e.POST("/me/login", s.Handle(in.CustomerLogin))
	e.GET("/me/code", in.MailsCodes, in.KeepsCookies, s.Handle(in.AskCodePage))
	e.POST("/me/code", in.MailsCodes, in.KeepsCookies, s.Handle(in.AskCode))
	e.GET("/me/code/enter", in.MailsCodes, s.Handle(in.EnterCodePage))
	e.POST("/me/code/enter", in.MailsCodes, s.Handle(in.EnterCode))
	e.GET("/signed-in", s.Handle(in.Arrived))
	e.GET("/connect/:secret", limitLinks, in.KeepsCookies, s.Handle(s.connectPage))
	e.POST("/connect/:secret/opened", limitLinks, in.KeepsCookies, s.Handle(s.opened))
	e.POST("/connect/:secret/ask", limitLinks, in.KeepsCookies, s.Handle(s.askForLink))
	e.POST("/connect/:secret/attempts", limitAttempts, in.KeepsCookies, s.Handle(s.consent))
	e.GET("/connect/attempts/:nonce/return", limitLinks, s.Handle(s.strandedOr(s.cameBack)))
	e.GET(referencePath, s.Handle(s.reference))
	e.GET("/gallery", s.simulatedOnly, s.Handle(s.gallery))
	e.GET("/gallery/:screen/:state", s.simulatedOnly, s.Handle(s.gallerySample))

	// The providers.
	for i, u := range s.upstreams {
		e.POST(settings.WebhookPath(u.Name()), s.hooks[i].Receive)
	}

	// A member of staff, about their own account: no role is needed, nor the
	// second factor that is set up here.
	self := e.Group("/", in.RequireStaff, s.DrawnFor)
	self.POST("/logout", s.Handle(in.Logout))
	self.GET("/confirm", s.Handle(in.ConfirmPage))
	self.POST("/confirm", s.Handle(in.Confirm))
	self.GET(signin.SecondFactorPath, in.Reconfirm, s.Handle(in.SecondFactorPage))
	self.POST(signin.SecondFactorPath, in.Reconfirm, s.Handle(in.SetSecondFactor))
	self.GET(signin.RecoveryCodesPath, s.Handle(in.RecoveryCodes))

	// Staff, and what their role has to allow: see web/roles.go. What shows, takes
	// out or ends much asks for the password or code again: in.Reconfirm.
	staff := e.Group("/", in.RequireStaff, in.RequireSecondFactor, s.DrawnFor)
	staff.GET("/profile", s.Handle(in.Profile))
	staff.POST("/profile/password", s.Handle(in.ChangePassword))
	staff.POST("/profile/second-factor/remove", in.Reconfirm, s.Handle(in.RemoveSecondFactor))
	staff.POST("/profile/sessions/end", s.Handle(in.EndSessions))
	staff.POST("/profile/mail", s.Handle(in.ChooseMails))
	staff.GET("/staff", s.May(web.ManageStaff), s.Handle(s.staffList))
	staff.POST("/staff", s.May(web.ManageStaff), in.Reconfirm, s.Handle(s.inviteStaff))
	staff.POST("/staff/:id/name", s.May(web.ManageStaff), in.Reconfirm, s.Handle(s.setStaffName))
	colleague := staff.Group("/staff/:id", s.May(web.ManageStaff), s.notOneself, in.Reconfirm)
	colleague.POST("/role", s.Handle(s.setRole))
	colleague.POST("/disable", s.Handle(s.disableStaff))
	colleague.POST("/enable", s.Handle(s.enableStaff))
	colleague.POST("/link", s.Handle(s.staffLink))
	colleague.GET("/link", s.Handle(s.staffLinkPage))
	colleague.POST("/sessions/end", s.Handle(s.endStaffSessions))
	colleague.POST("/second-factor/remove", s.Handle(s.removeSecondFactor))
	staff.GET("/keys", s.May(web.ManageKeys), s.Handle(s.keyList))
	staff.POST("/keys", s.May(web.ManageKeys), in.Reconfirm, s.Handle(s.makeKey))
	staff.GET("/keys/:id", s.May(web.ManageKeys), in.Reconfirm, s.Handle(s.keyMade))
	staff.POST("/keys/:id/revoke", s.May(web.ManageKeys), in.Reconfirm, s.Handle(s.revokeKey))
	staff.GET("/endpoints", s.May(web.ManageKeys), s.Handle(s.endpointList))
	staff.POST("/endpoints", s.May(web.ManageKeys), in.Reconfirm, s.Handle(s.addEndpoint))
	endpoint := staff.Group("/endpoints/:id", s.May(web.ManageKeys), in.Reconfirm)
	endpoint.GET("", s.Handle(s.endpointSecret))
	endpoint.POST("/secret", s.Handle(s.changeSecret))
	endpoint.POST("/test", s.onEndpoint(s.testEndpoint))
	endpoint.POST("/enable", s.onEndpoint(s.enableEndpoint))
	endpoint.POST("/disable", s.onEndpoint(s.disableEndpoint))
	endpoint.POST("/remove", s.onEndpoint(s.removeEndpoint))
	staff.GET("/today", s.May(web.SeeBalances), s.Handle(s.todayPage))
	staff.GET("/today/asked", s.May(web.AskBanks), s.Handle(s.askedProgress))
	staff.POST("/today/refresh", s.May(web.AskBanks), limitAsks, s.Handle(s.refreshChosen))
	staff.GET("/customers", s.May(web.SeeBalances), s.Handle(s.customerList))
	staff.GET("/customers.csv", s.May(web.ExportData), in.Reconfirm, limitExports, s.Handle(s.customersCSV))
	staff.GET("/balances.csv", s.May(web.ExportData), in.Reconfirm, limitExports, s.Handle(s.balancesCSV))
	staff.POST("/customers", s.May(web.EditCustomers), s.Handle(s.addCustomer))
	staff.POST("/customers/sign-in-again", s.May(web.EditCustomers), s.May(web.ExportData), in.Reconfirm, limitExports,
		s.Handle(s.askAllToSignIn))
	staff.GET(importURL, s.May(web.EditCustomers), s.Handle(s.importPage))
	staff.POST(importURL+"/take", s.May(web.EditCustomers), in.Reconfirm, s.Handle(s.takeImport))
	staff.POST(importURL+"/drop", s.May(web.EditCustomers), s.Handle(s.dropImport))
	staff.POST(importURL+"/links", s.May(web.EditCustomers), in.Reconfirm, limitExports, s.Handle(s.importLinks))
	staff.GET("/customers/links", s.May(web.SeeBalances), s.Handle(s.customerLinks))
	staff.GET("/customers/:id", s.May(web.SeeBalances), s.Handle(s.customerPage))
	staff.GET("/customers/:id/history", s.May(web.SeeBalances), s.Handle(s.customerHistory))
	asSeen := staff.Group("/customers/:id/seen", s.May(web.SeeBalances), s.seeAsCustomer)
	asSeen.GET("", s.Handle(s.me))
	asSeen.GET("/history", s.Handle(s.customerHistory))
	asSeen.GET("/accounts/:account", s.Handle(s.accountPage))
	staff.GET("/customers/:id/edit", s.May(web.EditCustomers), s.Handle(s.editPage))
	staff.POST("/customers/:id/edit", s.May(web.EditCustomers), s.Handle(s.correctCustomer))
	staff.GET("/customers/:id/funds-checks", s.May(web.SeeBalances), s.Handle(s.customerFunds))
	staff.POST("/customers/:id/funds-checks", s.May(web.CheckFunds), limitAsks, s.Handle(s.askFundsSum))
	staff.GET("/customers/:id/funds-checks/:check", s.May(web.SeeBalances), s.Handle(s.fundsSum))
	staff.POST("/customers/:id/funds-checks/:check/again", s.May(web.CheckFunds), s.May(web.AskBanks), limitAsks,
		s.Handle(s.askFundsAgain))
	staff.POST("/customers/:id/funds-checks/:check/decision", s.May(web.CheckFunds), s.Handle(s.decideFunds))
	staff.POST("/customers/:id/funds-checks/:check/cancel", s.May(web.CheckFunds), s.Handle(s.cancelFunds))
	staff.POST("/customers/:id/funds-checks/:check/seen", s.May(web.CheckFunds), s.Handle(s.seeFunds))
	staff.POST("/customers/:id/note", s.May(web.EditCustomers), s.Handle(s.noteCustomer))
	staff.POST("/customers/:id/contacted", s.May(web.EditCustomers), s.Handle(s.contacted))
	staff.POST("/customers/:id/contacted/undo", s.May(web.EditCustomers), s.Handle(s.undoContacted))
	staff.POST("/customers/:id/put-off", s.May(web.EditCustomers), s.Handle(s.putOff))
	staff.POST("/customers/:id/refresh", s.May(web.AskBanks), limitAsks, s.Handle(s.refreshAll))
	staff.POST("/customers/:id/invitations", s.May(web.EditCustomers), s.Handle(s.invite))
	staff.GET("/customers/:id/invitations/:invitation", s.May(web.EditCustomers), s.Handle(s.invitationPage))
	staff.GET("/customers/:id/links", s.May(web.SeeBalances), s.Handle(s.linksMade))
	staff.GET("/customers/:id/invitations/:invitation/steps", s.May(web.EditCustomers), s.Handle(s.linkSteps))
	staff.POST("/customers/:id/invitations/:invitation/sent", s.May(web.EditCustomers), s.Handle(s.sent))
	staff.POST("/customers/:id/invitations/:invitation/revoke", s.May(web.EditCustomers), s.Handle(s.revokeInvitation))
	staff.POST(
		"/customers/:id/invitations/:invitation/restore", s.May(web.EditCustomers), s.Handle(s.restoreInvitation),
	)
	staff.GET("/customers/:id/consents/:consent", s.May(web.SeeBalances), s.Handle(s.consentText))
	staff.GET("/customers/:id/consents/:consent/file", s.May(web.SeeBalances), limitExports, s.Handle(s.consentFile))
	staff.GET("/customers/:id/withdraw", s.May(web.UnlinkAccounts), in.Reconfirm, s.Handle(s.withdrawPage))
	staff.POST("/customers/:id/withdraw", s.May(web.UnlinkAccounts), in.Reconfirm, s.Handle(s.withdraw))
	staff.POST("/customers/:id/export", s.May(web.ExportData), in.Reconfirm, limitExports, s.Handle(s.export))
	staff.GET("/customers/:id/erase", s.May(web.EraseCustomers), in.Reconfirm, s.Handle(s.erasePage))
	staff.POST("/customers/:id/erase", s.May(web.EraseCustomers), in.Reconfirm, s.Handle(s.erase))
	staff.POST("/customers/:id/password/remove", s.May(web.EditCustomers), s.Handle(in.RemoveCustomerPassword))
	staff.GET("/accounts/:id", s.May(web.SeeBalances), s.Handle(s.accountPage))
	staff.GET("/accounts/:id/funds-checks", s.May(web.SeeBalances), s.Handle(s.accountFunds))
	staff.POST("/accounts/:id/funds-checks", s.May(web.CheckFunds), limitAsks, s.Handle(s.askFunds))
	staff.POST("/accounts/:id/threshold", s.May(web.EditCustomers), s.Handle(s.setThreshold))
	staff.POST("/accounts/:id/threshold/clear", s.May(web.EditCustomers), s.Handle(s.clearThreshold))
	staff.GET("/funds-checks/:id", s.May(web.SeeBalances), s.Handle(s.fundsCheck))
	staff.GET("/accounts/:id/history.csv", s.May(web.ExportData), in.Reconfirm, limitExports, s.Handle(s.historyCSV))
	staff.POST("/accounts/:id/refresh", s.May(web.AskBanks), limitAsks, s.Handle(s.refresh))
	staff.POST("/accounts/:id/check", s.May(web.AskBanks), limitAsks, s.Handle(s.check))
	staff.POST("/accounts/:id/reveal", s.May(web.RevealNumbers), in.Reconfirm, s.Handle(s.reveal))
	staff.GET("/accounts/:id/unlink", s.May(web.UnlinkAccounts), s.Handle(s.unlinkPage))
	staff.POST("/accounts/:id/unlink", s.May(web.UnlinkAccounts), s.Handle(s.unlink))
	staff.POST("/accounts/:id/sign-in-again", s.May(web.EditCustomers), s.Handle(s.askToSignIn))
	staff.POST("/accounts/:id/join", s.May(web.DecideLinks), s.Handle(s.joinAccounts))
	staff.POST("/accounts/:id/part", s.May(web.DecideLinks), s.Handle(s.partAccounts))
	staff.GET("/refreshes", s.May(web.SeeBalances), s.Handle(s.refreshList))
	staff.POST("/refreshes/try", s.May(web.HandleInbox), s.Handle(s.tryProviders))
	staff.GET("/refreshes/:id", s.May(web.SeeBalances), s.Handle(s.refreshStatus))
	staff.GET("/inbox", s.May(web.ReadInbox), s.Handle(s.inboxList))
	staff.POST("/inbox/test", s.May(web.HandleInbox), s.Handle(s.testDelivery))
	staff.POST("/inbox/replay", s.May(web.HandleInbox), s.Handle(s.replayFailed))
	staff.GET("/inbox/:id", s.May(web.ReadInbox), s.Handle(s.inboxEvent))
	staff.POST("/inbox/:id/match", s.May(web.HandleInbox), s.Handle(s.match))
	staff.POST("/inbox/:id/replay", s.May(web.HandleInbox), s.Handle(s.replay))
	staff.GET("/deliveries", s.May(web.ReadInbox), s.Handle(s.deliveryList))
	staff.POST("/deliveries/:id/replay", s.May(web.HandleInbox), s.Handle(s.resend))
	staff.GET("/status", s.May(web.ReadInbox), s.Handle(s.status))
	staff.POST("/status/backup", s.May(web.ExportData), in.Reconfirm, s.Handle(s.backUp))
	staff.POST("/status/mail", s.May(web.ManageStaff), s.Handle(s.testMail))
	staff.GET("/audit", s.May(web.ReadAudit), s.Handle(s.auditLog))
	staff.POST("/audit/check", s.May(web.ReadAudit), s.Handle(s.auditCheckNow))
	staff.POST("/audit/export", s.May(web.ReadAudit), in.Reconfirm, limitExports, s.Handle(s.auditExport))
	staff.GET("/reviews", s.May(web.DecideLinks), s.Handle(s.reviewList))
	staff.GET("/reviews/:id", s.May(web.DecideLinks), s.Handle(s.reviewPage))
	staff.POST("/reviews/:id/approve", s.May(web.DecideLinks), s.Handle(s.approveLink))
	staff.POST("/reviews/:id/refuse", s.May(web.DecideLinks), s.Handle(s.refuseLink))
	staff.POST("/reviews/:id/reopen", s.May(web.DecideLinks), s.Handle(s.reopenLink))

	// A file is read once it is known who sends it.
	files := e.Group("/", in.RequireStaff, in.RequireSecondFactor, s.May(web.EditCustomers))
	files.POST(importURL, s.patiently, s.FileForm, s.DrawnFor, s.Handle(s.readImport))

	// The customer who has signed in themselves: where every route of customers
	// belongs that is not meant for a visit too. The same handlers serve staff and
	// customers: what they reach is in their scope, see web/who.go.
	customer := e.Group("/", in.RequireCustomer, s.DrawnFor)
	customer.POST("/me/export", limitExports, s.Handle(s.export))
	customer.POST("/me/sessions/end", s.Handle(in.CustomerLogoutEverywhere))

	// A visit by a personal link may use these as well: what it reaches is what was
	// begun in it.
	visit := e.Group("/", in.RequireVisitor, s.DrawnFor)
	visit.GET("/connect/attempts/:nonce", s.Handle(s.attemptPage))
	visit.GET("/connect/attempts/:nonce/status", s.Handle(s.attemptStatus))
	visit.GET("/me", s.Handle(s.me))
	visit.GET("/me/history", s.Handle(s.customerHistory))
	visit.POST("/me/refresh", limitAsks, s.Handle(s.refreshAll))
	visit.POST("/me/attempts", limitAttempts, s.Handle(s.connectAnother))
	visit.GET("/me/accounts/:id", s.Handle(in.WithinReach(s.accountPage)))
	visit.GET("/me/accounts/:id/history.csv", limitExports, s.Handle(in.WithinReach(s.historyCSV)))
	visit.POST("/me/accounts/:id/refresh", limitAsks, s.Handle(in.WithinReach(s.refresh)))
	visit.POST("/me/accounts/:id/reveal", s.Handle(in.WithinReach(s.reveal)))
	visit.GET("/me/accounts/:id/unlink", s.Handle(in.WithinReach(s.unlinkPage)))
	visit.POST("/me/accounts/:id/unlink", s.Handle(in.WithinReach(s.unlink)))
	visit.GET("/me/unlinked", s.Handle(s.unlinked))
	visit.GET("/me/consent", s.Handle(s.renewPage))
	visit.POST("/me/consent", s.Handle(s.renew))
	visit.GET("/me/consents", s.Handle(s.consentsPage))
	visit.GET("/me/consents/:consent", s.Handle(s.consentText))
	visit.GET("/me/consents/:consent/file", limitExports, s.Handle(s.consentFile))
	visit.GET("/me/withdraw", s.Handle(s.withdrawPage))
	visit.POST("/me/withdraw", s.Handle(s.withdraw))
	visit.GET("/me/refreshes/:id", s.Handle(s.refreshStatus))
	visit.GET("/me/password", s.Handle(in.CustomerPasswordPage))
	visit.POST("/me/password", s.Handle(in.SetCustomerPassword))
	visit.POST("/me/logout", s.Handle(in.CustomerLogout))

	// What the script of the bank window reports is no form: the nonce in its
	// address says for whom the window was opened.
	window := e.Group("/", in.RequireVisitor)
	window.POST("/connect/attempts/:nonce/success", s.Handle(s.widgetSuccess))
	window.POST("/connect/attempts/:nonce/close", s.Handle(s.widgetClose))
	window.POST("/connect/attempts/:nonce/error", s.Handle(s.widgetError))
	window.POST("/connect/attempts/:nonce/step", s.Handle(s.widgetStep))
}
