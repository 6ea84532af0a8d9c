package simulate

import (
	"bytes"
	"cmp"
	"embed"
	"html/template"
	"log/slog"
	"net/http"
)

//go:embed panel
var panelFiles embed.FS

// ServePanelFile handles GET /panel/{file}: panel.css and icon.svg, which every page
// of a simulator has.
func ServePanelFile(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, panelFiles, "panel/"+r.PathValue("file"))
}

// Page is a page that a simulator shows. It may load what Policy, a content security
// policy, says. A Status of 0 is 200.
type Page struct {
	Template, Policy string
	Status           int
	Data             any
}

// Draw draws a page by one of the templates, whole before the first byte is sent.
func Draw(w http.ResponseWriter, logger *slog.Logger, templates *template.Template, p Page) {
	var page bytes.Buffer
	if err := templates.ExecuteTemplate(&page, p.Template, p.Data); err != nil {
		logger.Error("simulator: page", "page", p.Template, "err", err)
		http.Error(w, "This page is broken.", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", p.Policy)
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "same-origin") // under no-referrer a form over plain http has no origin, and is refused
	w.WriteHeader(cmp.Or(p.Status, http.StatusOK))
	w.Write(page.Bytes())
}
