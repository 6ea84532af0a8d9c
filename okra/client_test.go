package okra

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"balancelink/okra/provider"
	"balancelink/okra/provider/wire"
)

func TestFailuresAreClassified(t *testing.T) {
	tests := []struct {
		status int
		body   string
		want   provider.Kind
	}{
		{400, `{"status":"error"}`, provider.KindBadRequest},
		{404, `<html>`, provider.KindBadRequest},
		{422, ``, provider.KindBadRequest},
		{401, `{"name":"APIError","status":"error","message":"Unauthorized"}`, provider.KindRefused},
		{402, `{}`, provider.KindRefused},
		{403, `{"type":"RATE_LIMIT"}`, provider.KindRefused},
		{429, `{"type":"EXPIRED"}`, provider.KindRateLimited},
		{500, `oops`, provider.KindUnreachable},
		{503, `{"status":"error","message":"Our data source has returned a timeout response."}`, provider.KindUnreachable},
		{503, `{"status":"error","type":"QUEUE_FAILED"}`, provider.KindBusy},
		{400, `{"status":"error","data":{"type":"NO_RECORD_ID","message":["a","b"]}}`, provider.KindNoRecord},
		{200, `{"status":"error","type":"SUSPENDED"}`, provider.KindRefused},
		{200, `{"status":"error","type":"PLAN"}`, provider.KindRefused},
		{200, `{"status":"error","type":"RATE_LIMIT"}`, provider.KindRateLimited},
		{200, `{"status":"error","type":"EXPIRED"}`, provider.KindNeedsLogin},
		{200, `{"status":false,"type":"NO_RECORD_ID"}`, provider.KindNoRecord},
		{200, `{"status":"error","type":"EMPTY_QUEUE"}`, provider.KindBusy},
		{200, `{"status":"error","data":{"type":"DUPLICATED_QUEUE"}}`, provider.KindBusy},
		{200, `{"status":"error","type":"MAX_RETRY"}`, provider.KindBusy},
		{200, `{"status":"error","type":"FAILED_QUEUE"}`, provider.KindBusy},
		{200, string(testdata(t, "bank-error.json")), provider.KindFetchFailed},
		{200, `{"status":"success","data":{"type":"error","error":true,"code":1003}}`, provider.KindFetchFailed},
		{200, `{"status":false,"code":"1010"}`, provider.KindNeedsLogin},
		{200, `{"status":false,"code":1011}`, provider.KindNeedsLogin},
		{200, `{"status":"error"}`, provider.KindBadAnswer},
		{302, `{"type":"EXPIRED"}`, provider.KindUntrusted},
		{204, ``, provider.KindBadAnswer},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%d %.40s", tt.status, tt.body), func(t *testing.T) {
			_, err := served(t, answering(tt.status, tt.body)).RefreshBalance(t.Context(), accountID)
			if provider.KindOf(err) != tt.want {
				t.Errorf("RefreshBalance = %v, want %s", err, tt.want)
			}
		})
	}
}

func TestErrorsNeverHoldTheKeyOrWhatOkraWrote(t *testing.T) {
	echo := `"CANARY ` + secretKey + `"`
	for _, h := range []http.HandlerFunc{
		answering(400, `{"status":"error","type":`+echo+`,"code":`+echo+`,"message":`+echo+`}`),
		answering(200, `{"status":`+echo+`,"data":{"message":[`+echo+`],"type":`+echo+`}}`),
		answering(200, `{`+echo),
		answering(200, `{"status":"success","data":{"balance":`+echo+`,"callback_url":`+echo+`}}`),
		func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://[CANARY")
			w.WriteHeader(302)
		},
		func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			io.WriteString(conn, "CANARY "+secretKey+"\r\n\r\n")
			conn.Close()
		},
	} {
		_, err := served(t, h).RefreshBalance(t.Context(), accountID)
		if err == nil || provider.KindOf(err) == "" {
			t.Fatalf("err = %v", err)
		}
		for e := err; e != nil; e = errors.Unwrap(e) {
			if text := fmt.Sprintf("%v %+v", e, e); strings.Contains(text, "CANARY") || strings.Contains(text, secretKey) {
				t.Errorf("the error says %s", text)
			}
		}
	}
}

func TestRateLimitWithoutHeaderWaitsAMinute(t *testing.T) {
	for _, header := range []string{"", "soon"} {
		c := served(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", header)
			w.WriteHeader(429)
		})
		_, err := c.RefreshBalance(t.Context(), accountID)
		e, ok := errors.AsType[*provider.Error](err)
		if !ok || e.RetryAfter != time.Minute || e.Status != 429 || e.Op != "okra: balance/refresh" {
			t.Errorf("%q: %+v", header, err)
		}
	}
}

func TestContentTypeDecides(t *testing.T) {
	body := string(testdata(t, "refresh.json"))
	for contentType, want := range map[string]provider.Kind{
		"application/json":                    "",
		"Application/JSON; charset=\"utf-8\"": "",
		"application/problem+json":            "",
		"text/html; charset=utf-8":            provider.KindUntrusted,
		"application/xhtml+xml":               provider.KindUntrusted,
		"text/plain":                          provider.KindBadAnswer,
		"":                                    provider.KindBadAnswer,
	} {
		c := served(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = []string{contentType}
			io.WriteString(w, body)
		})
		if _, err := c.RefreshBalance(t.Context(), accountID); provider.KindOf(err) != want || (want == "") != (err == nil) {
			t.Errorf("%q: %v, want %q", contentType, err, want)
		}
	}
}

// canary is a server that must not be reached.
func canary(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			t.Error("the canary was reached")
			conn.Close()
		}
	}()
	return l.Addr().String()
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	trap := canary(t)
	_, port, _ := net.SplitHostPort(trap)
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, location := range []string{"http://" + trap + "/v2/callback", "https://" + trap, "//localhost:" + port, "/v2/elsewhere", "", "http://[bad"} {
			for name, httpClient := range map[string]*http.Client{"own client": nil, "client that follows": {}} {
				calls := 0
				c := served(t, func(w http.ResponseWriter, r *http.Request) {
					calls++
					w.Header().Set("Location", location)
					w.WriteHeader(status)
				})
				c.HTTP = httpClient
				_, err := c.Poll(t.Context(), Job{recordID, MethodBalance})
				if provider.KindOf(err) != provider.KindUntrusted || calls != 1 {
					t.Errorf("%d to %q with %s: %v after %d calls", status, location, name, err, calls)
				}
			}
		}
	}
}

func TestHTTPClientReachesItsOwnHostOnly(t *testing.T) {
	srv := httptest.NewServer(http.RedirectHandler("http://"+canary(t), http.StatusFound))
	defer srv.Close()
	base, _ := url.Parse(srv.URL)
	h := wire.NewHTTPClient(base)
	resp, err := h.Get(srv.URL)
	if err != nil || resp.StatusCode != 302 {
		t.Errorf("Get = %v, %v, want the redirect itself", resp, err)
	}
	if resp, err := h.Get("http://" + canary(t)); err == nil {
		t.Errorf("Get = %v from another host", resp.Status)
	}
}

func TestProxyOfTheEnvironmentIsNotUsed(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://"+canary(t))
	base, _ := url.Parse("http://okra.example")
	if tr := wire.NewHTTPClient(base).Transport.(*http.Transport); tr.Proxy != nil {
		t.Error("Proxy is set")
	}
}

// tlsServer starts an API over TLS and returns a client that knows its root.
func tlsServer(t *testing.T, maxVersion uint16) (*Client, *http.Transport) {
	srv := httptest.NewUnstartedServer(answering(200, string(testdata(t, "refresh.json"))))
	srv.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: maxVersion}
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	t.Cleanup(srv.Close)
	c := clientOf(t, srv.URL)
	c.HTTP = wire.NewHTTPClient(c.BaseURL)
	transport := c.HTTP.Transport.(*http.Transport)
	transport.TLSClientConfig.RootCAs = x509.NewCertPool()
	transport.TLSClientConfig.RootCAs.AddCert(srv.Certificate())
	return c, transport
}

func TestTLSFailuresAreUntrusted(t *testing.T) {
	c, _ := tlsServer(t, 0)
	if _, err := c.RefreshBalance(t.Context(), accountID); err != nil {
		t.Errorf("a good certificate: %v", err)
	}
	c, transport := tlsServer(t, 0)
	transport.TLSClientConfig.RootCAs = x509.NewCertPool()
	if _, err := c.RefreshBalance(t.Context(), accountID); provider.KindOf(err) != provider.KindUntrusted {
		t.Errorf("an unknown authority: %v", err)
	}
	c, transport = tlsServer(t, 0)
	transport.TLSClientConfig.Time = func() time.Time { return time.Now().AddDate(200, 0, 0) }
	if _, err := c.RefreshBalance(t.Context(), accountID); provider.KindOf(err) != provider.KindUntrusted {
		t.Errorf("an expired certificate: %v", err)
	}
	c, _ = tlsServer(t, tls.VersionTLS11)
	if _, err := c.RefreshBalance(t.Context(), accountID); provider.KindOf(err) != provider.KindUntrusted {
		t.Errorf("an old version of TLS: %v", err)
	}
	c = served(t, answering(200, "{}"))
	c.BaseURL.Scheme = "https"
	if _, err := c.RefreshBalance(t.Context(), accountID); provider.KindOf(err) != provider.KindUntrusted {
		t.Errorf("no TLS at all: %v", err)
	}
}

func TestBrokenConnectionsAreUnreachable(t *testing.T) {
	gone := clientOf(t, "http://"+closedAddr(t))
	if _, err := gone.RefreshBalance(t.Context(), accountID); provider.KindOf(err) != provider.KindUnreachable {
		t.Errorf("refused: %v", err)
	}
	cut := served(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "1000")
		io.WriteString(w, `{"status":"success"`)
	})
	if _, err := cut.RefreshBalance(t.Context(), accountID); provider.KindOf(err) != provider.KindUnreachable {
		t.Errorf("cut off: %v", err)
	}
	ctx, end := context.WithCancelCause(t.Context())
	silent := served(t, func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		end(context.DeadlineExceeded) // the caller's time is up when the question has arrived
		<-r.Context().Done()
	})
	if _, err := silent.RefreshBalance(ctx, accountID); provider.KindOf(err) != provider.KindUnreachable || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("silent: %v", err)
	}
}

// closedAddr is an address where nobody listens, nor can while the test runs:
// it is taken.
func closedAddr(t *testing.T) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	addr, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("127.0.0.1:%d", addr.(*syscall.SockaddrInet4).Port)
}

func TestNothingIsRetried(t *testing.T) {
	for _, status := range []int{429, 500, 503} {
		calls := 0
		c := served(t, func(w http.ResponseWriter, _ *http.Request) { calls++; w.WriteHeader(status) })
		if _, err := c.Poll(t.Context(), Job{recordID, MethodBalance}); err == nil || calls != 1 {
			t.Errorf("%d: %v after %d calls", status, err, calls)
		}
	}
}

func TestTheKeyGoesToTheConfiguredHostOnly(t *testing.T) {
	for _, path := range []string{
		"//evil.example/x", "https://evil.example/x", "../../x", "@evil.example", ":444/x", "x?to=//evil.example", "\\\\evil.example",
	} {
		var asked *http.Request
		c := clientOf(t, "https://okra.example/v2/")
		c.HTTP = &http.Client{Transport: inMemory(func(w http.ResponseWriter, r *http.Request) {
			asked = r
			answering(200, `{"status":"success","data":{}}`)(w, r)
		})}
		_, err := c.call(t.Context(), wire.Request{Op: "test", Method: http.MethodGet, Path: []string{path}})
		if asked == nil && err == nil || asked != nil && (asked.URL.Host != "okra.example" || asked.URL.Scheme != "https") {
			t.Errorf("%q: %v, %v", path, err, asked.URL)
		}
	}
}

func TestEndpointsAreUnderTheBase(t *testing.T) {
	for _, base := range []string{"/v2/sandbox/", "/v2/sandbox", "/v2/sandbox?x=1#y"} {
		var got string
		c := served(t, func(w http.ResponseWriter, r *http.Request) { got = r.URL.String(); w.WriteHeader(500) })
		c.BaseURL, _ = c.BaseURL.Parse(base)
		c.CheckBalance(t.Context(), accountID, recordID)
		if want := "/v2/sandbox/balance/check"; got != want {
			t.Errorf("%s: called %s, want %s", base, got, want)
		}
	}
}

func TestKindOfOtherErrorsIsEmpty(t *testing.T) {
	if got := provider.KindOf(io.EOF); got != "" {
		t.Errorf("KindOf = %q", got)
	}
	wrapped := fmt.Errorf("refreshing: %w", &provider.Error{Kind: provider.KindBusy, Code: strconv.Itoa(1)})
	if got := provider.KindOf(wrapped); got != provider.KindBusy {
		t.Errorf("KindOf = %q", got)
	}
}
