package static

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func builtSet() *set {
	return newSet(fstest.MapFS{
		"dist/.gitkeep": {},
		"dist/app.css":  {Data: []byte(strings.Repeat("body { color: black }\n", 50))},
		"dist/tiny.js":  {Data: []byte("1")},
		"img/icon.svg":  {Data: []byte("<svg/>")},
	})
}

func get(t *testing.T, h http.Handler, method, url, acceptEncoding string) *http.Response {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, url, nil)
	if acceptEncoding != "" {
		r.Header.Set("Accept-Encoding", acceptEncoding)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func TestURLCarriesTheHashOfTheContent(t *testing.T) {
	one := newSet(fstest.MapFS{"dist/app.css": {Data: []byte("a")}})
	two := newSet(fstest.MapFS{"dist/app.css": {Data: []byte("b")}})
	if got, want := one.url("app.css"), "/static/app.ca978112ca.css"; got != want {
		t.Errorf("url = %q, want %q", got, want)
	}
	if one.url("app.css") == two.url("app.css") {
		t.Error("other content has the same address")
	}
}

func TestMissingFilePanicsOnlyWhenAssetsWereBuilt(t *testing.T) {
	bare := newSet(fstest.MapFS{"dist/.gitkeep": {}, "img/icon.svg": {Data: []byte("<svg/>")}})
	if bare.built {
		t.Error("built = true with an empty dist")
	}
	if got, want := bare.url("app.css"), "/static/app.css"; got != want {
		t.Errorf("url = %q, want %q", got, want)
	}
	defer func() {
		if recover() == nil {
			t.Error("no panic for a file missing among built assets")
		}
	}()
	builtSet().url("nonsense.js")
}

func TestFilesAreServedToBeKeptForEver(t *testing.T) {
	s := builtSet()
	res := get(t, s, http.MethodGet, s.url("app.css"), "")
	want := map[string]string{
		"Content-Type":           "text/css; charset=utf-8",
		"Cache-Control":          "public, max-age=31536000, immutable",
		"X-Content-Type-Options": "nosniff",
		"Vary":                   "Accept-Encoding",
		"Content-Encoding":       "",
		"Content-Length":         "1100",
	}
	for name, value := range want {
		if got := res.Header.Get(name); got != value {
			t.Errorf("%s = %q, want %q", name, got, value)
		}
	}
	if res.StatusCode != http.StatusOK {
		t.Errorf("status = %d, want 200", res.StatusCode)
	}
}

func TestGzipFollowsAcceptEncoding(t *testing.T) {
	s := builtSet()
	for accept, want := range map[string]bool{
		"":                      false,
		"gzip":                  true,
		"GZIP;q=0.5, br":        true,
		"br, deflate":           false,
		"gzip;q=0":              false,
		"gzip; q=0.000, *;q=1":  false,
		"*":                     true,
		"*;q=0, gzip":           true,
		"identity;q=1, *;q=0":   false,
		"gzip;q=nonsense":       false,
		"deflate, gzip;q=1, br": true,
	} {
		t.Run(accept, func(t *testing.T) {
			res := get(t, s, http.MethodGet, s.url("app.css"), accept)
			if got := res.Header.Get("Content-Encoding") == "gzip"; got != want {
				t.Errorf("gzip = %v, want %v", got, want)
			}
		})
	}
}

func TestGzippedBodyIsTheFile(t *testing.T) {
	s := builtSet()
	res := get(t, s, http.MethodGet, s.url("app.css"), "gzip")
	r, err := gzip.NewReader(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if want := string(s.files[s.url("app.css")].plain); string(got) != want {
		t.Errorf("body differs from the file: %d bytes, want %d", len(got), len(want))
	}
	if res := get(t, s, http.MethodGet, s.url("tiny.js"), "gzip"); res.Header.Get("Content-Encoding") != "" {
		t.Error("a file that does not shrink is sent gzipped")
	}
}

func TestOtherNamesAndMethodsAreRefused(t *testing.T) {
	s := builtSet()
	for _, tt := range []struct {
		method, url string
		want        int
	}{
		{"GET", "/static/app.css", 404},
		{"GET", "/static/", 404},
		{"GET", "/static/.gitkeep", 404},
		{"GET", "/static/../static.go", 404},
		{"GET", "/static/app.0000000000.css", 404},
		{"POST", s.url("app.css"), 405},
		{"HEAD", s.url("app.css"), 200},
	} {
		res := get(t, s, tt.method, tt.url, "")
		if res.StatusCode != tt.want {
			t.Errorf("%s %s = %d, want %d", tt.method, tt.url, res.StatusCode, tt.want)
		}
	}
	res := get(t, s, http.MethodHead, s.url("app.css"), "")
	if body, _ := io.ReadAll(res.Body); len(body) != 0 {
		t.Errorf("HEAD has a body of %d bytes", len(body))
	}
}

func TestEmbeddedIconIsThereWithoutBuilding(t *testing.T) {
	res := get(t, Handler(), http.MethodGet, URL("icon.svg"), "")
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "image/svg+xml" {
		t.Errorf("icon = %d %q, want 200 image/svg+xml", res.StatusCode, res.Header.Get("Content-Type"))
	}
}

func TestBuiltAssetsAreComplete(t *testing.T) {
	if !Built() {
		t.Skip("make assets has not run")
	}
	for _, name := range []string{"app.css", "app.js", "connect.js"} {
		if res := get(t, Handler(), http.MethodGet, URL(name), "gzip"); res.StatusCode != http.StatusOK {
			t.Errorf("%s = %d, want 200", name, res.StatusCode)
		}
	}
}
