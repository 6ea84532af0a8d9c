package simulate

import (
	"embed"
	"net/http"
)

//go:embed panel
var panelFiles embed.FS

// ServePanelFile handles GET /panel/{file}: panel.css and icon.svg, which every page
// of a simulator has.
func ServePanelFile(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, panelFiles, "panel/"+r.PathValue("file"))
}
