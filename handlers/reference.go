package handlers

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/api"
	"balancelink/handlers/web"
	"balancelink/views"
)

// referencePath is where whoever writes a program of the business reads what it may ask.
const referencePath = "/api"

// firstSteps are the operations that lead from a key to a customer's balances.
var firstSteps = []string{"putCustomer", "addLink", "listAccounts"}

// reference handles GET /api: openapi.yaml for people. Like that it needs no key.
func (s *Server) reference(c *gin.Context) error {
	operations, err := api.Reference()
	if err != nil {
		return err
	}
	page := views.Reference{
		Frame: s.Frame(c, web.Say(c, "API reference"), ""), Base: s.Settings.PublicURL + api.Path,
		KeyPrefix: api.KeyPrefix(s.Settings.Env), DocumentURL: api.Path + "/openapi.yaml",
	}
	byID := map[string]views.Operation{}
	for _, o := range operations {
		v := views.Operation{
			ID: o.ID, Method: o.Method, Path: o.Path, Summary: o.Summary, Text: o.Text, Scope: o.Scope,
			Public: o.Public, Curl: o.Curl, Answer: o.Answer,
		}
		for _, f := range o.Fields {
			v.Fields = append(v.Fields, views.Field(f))
		}
		byID[o.ID] = v
		if last := len(page.Groups) - 1; last < 0 || page.Groups[last].Name != o.Tag {
			page.Groups = append(page.Groups, views.OperationGroup{Name: o.Tag})
		}
		last := &page.Groups[len(page.Groups)-1]
		last.Operations = append(last.Operations, v)
	}
	for _, id := range firstSteps {
		page.Start = append(page.Start, byID[id])
	}
	return web.Render(c, http.StatusOK, views.ReferenceView(page))
}
