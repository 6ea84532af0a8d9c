// Package static serves the stylesheet, the scripts and the icon under names
// that carry a hash of their content, so that browsers may keep them for ever.
package static

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Prefix is the path under which Handler expects to be mounted.
const Prefix = "/static/"

//go:embed all:dist img/icon.svg
var embedded embed.FS

var embeddedSet = newSet(embedded)

// URL returns the address of a built file, such as "/static/app.1a2b3c4d5e.css"
// for "app.css". It panics when the assets were built without that file. When
// they were not built at all, it returns the plain name, which Handler answers
// with 404.
func URL(name string) string { return embeddedSet.url(name) }

// Version tells the files of one build from those of another: two pages with
// the same version take the same ones.
func Version() string {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(embeddedSet.files)) {
		_, _ = io.WriteString(sum, name) // a hash does not fail
	}
	return hex.EncodeToString(sum.Sum(nil)[:5])
}

// Built reports whether the stylesheet and the scripts are in this binary.
// When not, "make assets" has not run before the build.
func Built() bool { return embeddedSet.built }

// Handler serves the files under the addresses that URL returns.
func Handler() http.Handler { return embeddedSet }

// file is one asset as it goes over the wire.
type file struct {
	contentType string
	plain       []byte
	packed      map[string][]byte // by content coding, only what is smaller than plain
}

// set is all assets, by address and by name. It does not change after newSet.
type set struct {
	built bool
	urls  map[string]string // "app.css" → "/static/app.1a2b3c4d5e.css"
	files map[string]file   // by address
}

func newSet(tree fs.FS) *set {
	s := &set{urls: map[string]string{}, files: map[string]file{}}
	err := fs.WalkDir(tree, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		if suffixes[path.Ext(p)] != "" { // a copy of another file: see add
			return nil
		}
		s.built = s.built || strings.HasPrefix(p, "dist/")
		return s.add(tree, p)
	})
	if err != nil {
		panic("static: reading embedded files: " + err.Error())
	}
	return s
}

// suffixes are those of the copies that "make assets" compressed beforehand,
// with their content coding.
var suffixes = map[string]string{".br": "br", ".gz": "gzip"}

// add takes a file in, with its compressed copies.
func (s *set) add(tree fs.FS, p string) error {
	content, err := fs.ReadFile(tree, p)
	if err != nil {
		return err
	}
	f := file{contentType: contentType(path.Ext(p)), plain: content, packed: map[string][]byte{}}
	for suffix, coding := range suffixes {
		switch packed, err := fs.ReadFile(tree, p+suffix); {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return err
		case len(packed) < len(content):
			f.packed[coding] = packed
		}
	}
	sum, name, ext := sha256.Sum256(content), path.Base(p), path.Ext(p)
	url := Prefix + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:5]) + ext
	s.urls[name], s.files[url] = url, f
	return nil
}

func (s *set) url(name string) string {
	if url, ok := s.urls[name]; ok {
		return url
	}
	if s.built {
		panic("static: no file " + name + " among the built assets")
	}
	return Prefix + name
}

// ServeHTTP answers GET and HEAD of the hashed addresses and nothing else.
func (s *set) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := s.files[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "Method not allowed", http.StatusMethodNotAllowed)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	body := f.plain
	for _, coding := range []string{"br", "gzip"} { // the smaller one first
		if packed := f.packed[coding]; packed != nil && Accepts(r.Header.Values("Accept-Encoding"), coding) {
			h.Set("Content-Encoding", coding)
			body = packed
			break
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the browser went away: nobody to tell
	}
}

// contentType does not ask the system's MIME table, which differs by machine.
func contentType(ext string) string {
	switch ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return "application/octet-stream"
}

// Accepts reads Accept-Encoding as RFC 9110 §12.5.3 does and says whether it
// allows a content coding: a weight of zero refuses, and the coding's own name
// outweighs "*".
func Accepts(headers []string, coding string) bool {
	accepted := false
	for part := range strings.SplitSeq(strings.Join(headers, ","), ",") {
		name, params, _ := strings.Cut(part, ";")
		name = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(name)), "x-") // x-gzip is gzip
		if name != coding && name != "*" {
			continue
		}
		accepted = weight(params) > 0
		if name != "*" {
			return accepted
		}
	}
	return accepted
}

func weight(params string) float64 {
	q, ok := strings.CutPrefix(strings.ReplaceAll(strings.ToLower(params), " ", ""), "q=")
	if !ok {
		return 1
	}
	w, err := strconv.ParseFloat(q, 64)
	if err != nil {
		return 0
	}
	return w
}
