package web_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/settings"
	"balancelink/handlers/web"
)

func TestABrowserThatHangsUpIsNoFaultOfOurs(t *testing.T) {
	set, err := settings.Load(nil, nil, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	for _, hangsUp := range []bool{true, false} {
		var log bytes.Buffer
		s, err := web.New(web.Config{Settings: set, Logger: slog.New(slog.NewTextHandler(&log, nil)), Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		ctx, hangUp := context.WithCancel(t.Context())
		defer hangUp()
		c, _ := gin.CreateTestContext(httptest.NewRecorder())
		c.Request = httptest.NewRequestWithContext(ctx, http.MethodGet, "/customers", nil)
		if hangsUp {
			hangUp()
		}
		s.ServeError(c, fmt.Errorf("reading: %w", context.Canceled))
		if ours := c.Writer.Status() >= 500; ours == hangsUp || ours != (log.Len() > 0) {
			t.Errorf("hung up %v: status %d, and the log has %s", hangsUp, c.Writer.Status(), log.String())
		}
	}
}
