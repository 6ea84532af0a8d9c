package web_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
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

func TestAFaultOfOursIsToldAMachineInALineWithItsReference(t *testing.T) {
	set, err := settings.Load(nil, nil, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	s, err := web.New(web.Config{
		Settings: set, Logger: slog.New(slog.DiscardHandler), Now: time.Now, Machines: []string{"/webhooks/"},
	})
	if err != nil {
		t.Fatal(err)
	}
	e := gin.New()
	e.Use(web.Identify, s.Recover)
	e.POST("/webhooks/okra", func(*gin.Context) { panic("it is our fault") })
	w := httptest.NewRecorder()
	e.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/webhooks/okra", nil))
	line := regexp.MustCompile(`^It is our fault .*\. [A-Z2-7]{10}\n$`)
	if w.Code != http.StatusInternalServerError || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" || !line.MatchString(w.Body.String()) {
		t.Errorf("answered %d, %s: %q", w.Code, w.Header().Get("Content-Type"), w.Body)
	}
}
