package handlers

import (
	"slices"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/okra/provider"
	"balancelink/store"
	"balancelink/views"
)

// firstSteps are those of an installation's first hour that are the reader's to take,
// with which of them are done; none once all are.
func (s *Server) firstSteps(c *gin.Context, n store.Counts) (steps []views.Step, err error) {
	may := func(p web.Permission) bool { return web.Can(web.MustStaff(c).Role, p) }
	if may(web.HandleInbox) {
		refused := func(u Upstream) bool { return s.pause(u).Kind == provider.KindRefused }
		steps = append(steps,
			views.Step{Name: "keys", Done: !slices.ContainsFunc(s.upstreams, refused)},
			views.Step{Name: "webhook", Done: !n.LastEvent.IsZero()})
	}
	if may(web.EditCustomers) {
		steps = append(steps,
			views.Step{Name: "customer", Done: n.Customers > 0},
			views.Step{Name: "link", Done: n.Customers > n.NeverLinked})
	}
	if may(web.ManageStaff) {
		backup, err := s.Store.LastBackup(c.Request.Context())
		if err != nil {
			return nil, err
		}
		staff, err := s.Store.AllStaff(c.Request.Context())
		if err != nil {
			return nil, err
		}
		if s.Store.IsFile() {
			steps = append(steps, views.Step{Name: "backup", Done: !backup.At.IsZero()})
		}
		steps = append(steps, views.Step{Name: "owner", Done: owners(staff) > 1})
	}
	if !slices.ContainsFunc(steps, func(s views.Step) bool { return !s.Done }) {
		return nil, nil
	}
	return steps, nil
}

// owners is how many can let others in again.
func owners(staff []store.Staff) (n int) {
	for _, m := range staff {
		if m.IsOwner() {
			n++
		}
	}
	return n
}
