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
		"dist/.gitkeep":   {},
		"dist/app.css":    {Data: []byte(strings.Repeat("body { color: black }\n", 50))},
		"dist/app.css.br": {Data: []byte("brotli")},
		"dist/app.css.gz": {Data: []byte("gzip")},
		"dist/tiny.js":    {Data: []byte("1")},
		"dist/tiny.js.gz": {Data: []byte("longer than the file")},
		"img/icon.svg":    {Data: []byte("<svg/>")},
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

func TestTheSmallestCopyThatIsAcceptedIsSent(t *testing.T) {
	s := builtSet()
	for accept, want := range map[string]string{
		"":                       "",
		"gzip":                   "gzip",
		"gzip, deflate, br":      "br",
		"GZIP;q=0.5, br":         "br",
		"br;q=0, gzip":           "gzip",
		"x-gzip":                 "gzip",
		"deflate, zstd":          "",
		"gzip;q=0":               "",
		"gzip; q=0.000, *;q=1":   "br",
		"*":                      "br",
		"*;q=0, gzip":            "gzip",
		"identity;q=1, *;q=0":    "",
		"gzip;q=nonsense":        "",
		"deflate, br;q=0.1, foo": "br",
	} {
		t.Run(accept, func(t *testing.T) {
			res := get(t, s, http.MethodGet, s.url("app.css"), accept)
			if got := res.Header.Get("Content-Encoding"); got != want {
				t.Errorf("coding = %q, want %q", got, want)
			}
			body, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			if want == "br" && string(body) != "brotli" || want == "gzip" && string(body) != "gzip" || want == "" && len(body) != 1100 {
				t.Errorf("coding %q carries %q", want, body)
			}
		})
	}
	if res := get(t, s, http.MethodGet, s.url("tiny.js"), "gzip"); res.Header.Get("Content-Encoding") != "" {
		t.Error("a copy larger than its file is sent")
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
		{"GET", s.url("app.css") + ".br", 404},
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
		zipped := get(t, Handler(), http.MethodGet, URL(name), "gzip")
		r, err := gzip.NewReader(zipped.Body)
		if err != nil {
			t.Fatalf("%s = %d, not gzipped: %v", name, zipped.StatusCode, err)
		}
		got, err := io.ReadAll(r)
		if err != nil || string(got) != string(embeddedSet.files[URL(name)].plain) {
			t.Errorf("the gzipped %s is of another file: %v", name, err)
		}
		packed := get(t, Handler(), http.MethodGet, URL(name), "br").Header
		if packed.Get("Content-Encoding") != "br" || packed.Get("Content-Length") >= zipped.Header.Get("Content-Length") {
			t.Errorf("%s by brotli: %v, want it smaller than by gzip", name, packed)
		}
	}
}
