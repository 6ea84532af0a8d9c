package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"balancelink/store"
)

// anyScope is the scope of what every key may be used for.
const anyScope store.KeyScope = ""

// routes is every route there is, by what a key has to allow.
func (a *API) routes(e *gin.Engine) {
	e.GET(Path+"/openapi.yaml", a.openAPI)
	for _, r := range []struct {
		method, path string
		scope        store.KeyScope
		handle       func(*gin.Context) error
	}{
		{http.MethodGet, "/me", anyScope, a.me},
		{http.MethodGet, "/customers", store.ReadCustomers, a.customers},
		{http.MethodPost, "/customers", store.WriteCustomers, a.addCustomer},
		{http.MethodGet, "/customers/:customer", store.ReadCustomers, a.customer},
		{http.MethodPut, "/customers/:customer", store.WriteCustomers, a.putCustomer},
		{http.MethodPost, "/customers/:customer/links", store.WriteLinks, a.addLink},
		{http.MethodGet, "/customers/:customer/links", store.ReadCustomers, a.links},
		{http.MethodDelete, "/links/:link", store.WriteLinks, a.revokeLink},
		{http.MethodGet, "/customers/:customer/accounts", store.ReadBalances, a.accounts},
		{http.MethodGet, "/accounts/:account", store.ReadBalances, a.account},
		{http.MethodGet, "/accounts/:account/balances", store.ReadBalances, a.balances},
		{http.MethodPost, "/accounts/:account/refreshes", store.WriteRefreshes, a.startRefresh},
		{http.MethodGet, "/refreshes/:refresh", store.WriteRefreshes, a.refresh},
		{http.MethodPost, "/accounts/:account/funds-checks", store.WriteFunds, a.askFunds},
		{http.MethodGet, "/funds-checks/:check", store.WriteFunds, a.funds},
		{http.MethodGet, "/events", store.ReadEvents, a.events},
		{http.MethodGet, "/webhook-endpoints", store.WriteWebhooks, a.endpoints},
		{http.MethodPost, "/webhook-endpoints", store.WriteWebhooks, a.addEndpoint},
		{http.MethodGet, "/webhook-endpoints/:endpoint", store.WriteWebhooks, a.endpoint},
		{http.MethodPut, "/webhook-endpoints/:endpoint", store.WriteWebhooks, a.putEndpoint},
		{http.MethodDelete, "/webhook-endpoints/:endpoint", store.WriteWebhooks, a.removeEndpoint},
		{http.MethodPost, "/webhook-endpoints/:endpoint/rotate", store.WriteWebhooks, a.changeSecret},
		{http.MethodPost, "/webhook-endpoints/:endpoint/test", store.WriteWebhooks, a.testEndpoint},
		{http.MethodPost, "/webhook-endpoints/:endpoint/replay", store.WriteWebhooks, a.replay},
		{http.MethodGet, "/webhook-endpoints/:endpoint/deliveries", store.WriteWebhooks, a.deliveries},
		{http.MethodPost, "/deliveries/:delivery/replay", store.WriteWebhooks, a.replayDelivery},
	} {
		e.Handle(r.method, Path+r.path, a.admit(r.scope), a.handle(r.handle))
	}
}
