package api

import (
	_ "embed"
	"net/http"

	"github.com/gin-gonic/gin"
)

//go:embed openapi.yaml
var document []byte

// openAPI handles GET /openapi.yaml, which needs no key.
func (a *API) openAPI(c *gin.Context) {
	c.Data(http.StatusOK, "application/yaml", document)
}
