package monosim

import "net/http"

// panelRoutes are the pages with which a person makes things happen.
func (s *Server) panelRoutes(mux *http.ServeMux) {}
