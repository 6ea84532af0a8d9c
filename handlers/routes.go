package handlers

import (
	"github.com/gin-gonic/gin"

	"balancelink/static"
)

// routes is every route there is, by who may use it.
func (s *Server) routes(e *gin.Engine) {
	// Anyone.
	e.GET("/healthz", s.handle(s.alive))
	e.GET("/readyz", s.handle(s.ready))
	e.GET("/static/*file", gin.WrapH(static.Handler()))
	e.GET("/login", s.handle(s.loginPage))
	e.POST("/login", s.handle(s.login))
	e.GET("/goodbye", s.handle(s.goodbye))
	e.GET("/connect/:secret", s.handle(s.connectPage))
	e.POST("/connect/:secret/attempts", s.handle(s.consent))

	// The provider.
	e.POST("/webhooks/okra", s.receiveWebhook)

	// Staff.
	staff := e.Group("/", s.requireStaff)
	staff.POST("/logout", s.handle(s.logout))
	staff.GET("/", s.handle(s.overview))
	staff.GET("/customers", s.handle(s.customerList))
	staff.POST("/customers", s.handle(s.addCustomer))
	staff.GET("/customers/:id", s.handle(s.customerPage))
	staff.POST("/customers/:id/refresh", s.handle(s.refreshAll))
	staff.POST("/customers/:id/invitations", s.handle(s.invite))
	staff.POST("/customers/:id/invitations/:invitation/revoke", s.handle(s.revokeInvitation))
	staff.GET("/accounts/:id", s.handle(s.accountPage))
	staff.POST("/accounts/:id/refresh", s.handle(s.refresh))
	staff.POST("/accounts/:id/check", s.handle(s.check))
	staff.POST("/accounts/:id/reveal", s.handle(s.reveal))
	staff.POST("/accounts/:id/unlink", s.handle(s.unlink))
	staff.GET("/refreshes/:id", s.handle(s.refreshStatus))
	staff.GET("/inbox", s.handle(s.inboxList))
	staff.POST("/inbox/test", s.handle(s.testDelivery))
	staff.GET("/inbox/:id", s.handle(s.inboxEvent))
	staff.POST("/inbox/:id/match", s.handle(s.match))
	staff.POST("/inbox/:id/replay", s.handle(s.replay))

	// The customer who opened a personal link. The same handlers serve staff
	// and customer accounts: whose accounts they reach is in the viewer.
	customer := e.Group("/", s.requireCustomer)
	customer.GET("/connect/attempts/:nonce", s.handle(s.attemptPage))
	customer.GET("/connect/attempts/:nonce/status", s.handle(s.attemptStatus))
	customer.POST("/connect/attempts/:nonce/success", s.handle(s.widgetSuccess))
	customer.POST("/connect/attempts/:nonce/close", s.handle(s.widgetClose))
	customer.POST("/connect/attempts/:nonce/error", s.handle(s.widgetError))
	customer.GET("/me", s.handle(s.me))
	customer.POST("/me/refresh", s.handle(s.refreshAll))
	customer.POST("/me/attempts", s.handle(s.connectAnother))
	customer.GET("/me/accounts/:id", s.handle(s.accountPage))
	customer.POST("/me/accounts/:id/refresh", s.handle(s.refresh))
	customer.POST("/me/accounts/:id/reveal", s.handle(s.reveal))
	customer.POST("/me/accounts/:id/unlink", s.handle(s.unlink))
	customer.GET("/me/refreshes/:id", s.handle(s.refreshStatus))
	customer.POST("/me/logout", s.handle(s.leave))
}
