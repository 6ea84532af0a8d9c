package handlers

import (
	"context"
	"net/http"
	"runtime/debug"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/settings"
	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/views"
)

// status handles GET /status: how the program itself is doing. Who follows the work
// that is under way gets that alone.
func (s *Server) status(c *gin.Context) error {
	ctx := c.Request.Context()
	if web.IsHTMX(c) {
		work, err := s.work(ctx)
		if err != nil {
			return err
		}
		work.Followed = true
		return web.Render(c, http.StatusOK, views.BackgroundWork(work))
	}
	balances, err := s.balancesState(ctx)
	if err != nil {
		return err
	}
	page := views.Status{
		Contradictions: balances.Found, LookedAt: balances.At, Frame: s.Frame(c, web.Say(c, "Status"), "status"),
		Version: Version(), StartedAt: s.started,
	}
	page.QuotaLow = s.Store.Unclaimed().Low()
	var waiting store.Waiting
	if err := s.together(c, func() (err error) {
		page.Work, err = s.work(c.Request.Context())
		return err
	}, func() (err error) {
		page.Instances, err = s.instances(c.Request.Context())
		return err
	}, func() (err error) {
		waiting, err = s.Store.Waiting(c.Request.Context())
		return err
	}, func() (err error) {
		page.Providers, err = s.providers(c.Request.Context())
		return err
	}, func() (err error) {
		page.Mail, err = s.mailState(c)
		return err
	}, func() (err error) {
		page.Kept, err = s.kept(c)
		return err
	}); err != nil {
		return err
	}
	page.LastWebhook = waiting.LastEvent
	page.Waiting = []views.WaitingCount{
		{What: web.Say(c, "Webhooks to be applied"), Number: waiting.Events},
		{What: web.Say(c, "Webhooks that nobody has claimed"), Number: waiting.Unmatched},
		{What: web.Say(c, "Requests to the banks under way"), Number: waiting.Refreshes},
		{What: web.Say(c, "Links being confirmed"), Number: waiting.Links},
		{What: web.Say(c, "Deletions waiting at the provider"), Number: waiting.Removals},
		{What: web.Say(c, "Webhooks on their way to your programs"), Number: waiting.Outgoing},
	}
	disk, err := s.Store.Disk()
	if err != nil {
		return err
	}
	page.Database = views.Database(disk)
	last, err := s.Store.LastBackup(c.Request.Context())
	if err != nil { // it is no reason to show nothing else
		s.Logger.Warn("looking for the last backup", "err", err)
	}
	page.Backup = views.Backup{At: last.At, File: last.File, Size: last.Size, Unreadable: err != nil}
	if m, _ := web.StaffOf(c); web.Can(m.Role, web.ExportData) {
		if s.Store.IsFile() {
			page.Backup.URL = "/status/backup"
		} else {
			page.Backup.Command = backupCommand
		}
		failed := s.backups.lastFailure()
		page.Backup.FailedAt, page.Backup.Why = failed.At, failed.Why
	}
	for _, v := range s.Settings.Values() {
		page.Settings = append(page.Settings, views.Setting{
			Name: v.Name, Value: v.Text, Secret: v.Secret, Set: v.Set, Length: v.Length, Changed: v.Changed,
		})
	}
	return web.Render(c, http.StatusOK, views.StatusView(page))
}

// work is what is under way that takes long, here and at other instances, the oldest first.
func (s *Server) work(ctx context.Context) (w views.Work, err error) {
	elsewhere, err := s.Store.WorkElsewhere(ctx, s.instance())
	if err != nil {
		return w, err
	}
	own := ""
	if !s.Store.Alone() {
		own = store.Reference(s.instance())
	}
	for _, state := range s.Store.Board().UnderWay() {
		w.UnderWay = append(w.UnderWay, views.LongWork{State: state, Instance: own})
	}
	for _, o := range elsewhere {
		w.UnderWay = append(w.UnderWay, views.LongWork{State: o.State, Instance: store.Reference(o.Instance)})
	}
	slices.SortStableFunc(w.UnderWay, func(a, b views.LongWork) int { return a.Began.Compare(b.Began) })
	return w, nil
}

// instances are those that share the database.
func (s *Server) instances(ctx context.Context) (all []views.Instance, err error) {
	found, err := s.Store.Instances(ctx)
	for _, i := range found {
		all = append(all, views.Instance{
			Name: store.Reference(i.ID), Version: i.Version, StartedAt: i.StartedAt, SeenAt: i.SeenAt,
			Away: i.Away(s.Now()), LeadsFrom: i.LeadsFrom,
		})
	}
	return all, err
}

// kept is how long things are kept, and how much of each went lately.
func (s *Server) kept(c *gin.Context) ([]views.Kept, error) {
	purged, err := s.Store.PurgedSince(c.Request.Context(), s.Now().Add(-30*24*time.Hour))
	of := map[string]store.Purged{}
	for _, p := range purged {
		of[p.What] = p
	}
	set, all := s.Settings, []views.Kept{}
	for _, kind := range []struct {
		what, words string
		days        int
	}{
		{store.PurgedPayloads, web.Say(c, "Payloads of webhooks"), settings.Days(set.RetainPayloads)},
		{store.PurgedReports, web.Say(c, "Reports of bank windows"), settings.Days(set.RetainPayloads)},
		{store.PurgedUnclaimed, web.Say(c, "Payloads that nobody claims"), 7},
		{store.PurgedBalances, web.Say(c, "Past balances"), settings.Days(set.RetainBalances)},
		{store.PurgedRefreshes, web.Say(c, "Ended requests to the banks"), settings.Days(set.RetainRefreshes)},
		{store.PurgedNotices, web.Say(c, "Events for programs"), settings.Days(set.RetainEvents)},
		{store.PurgedMails, web.Say(c, "E-mail that was sent"), settings.Days(set.RetainEvents)},
	} {
		p := of[kind.what]
		all = append(all, views.Kept{What: kind.words, Days: kind.days, Removed: p.Number, Stuck: p.Stuck})
	}
	return all, err
}

// Version is what this binary was built from, as far as it was told.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	words, changed := info.Main.Version, ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			words += " " + web.Clip(s.Value, 12)
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = ", changed"
		}
	}
	return words + changed
}

// providers are, of each provider, what waits for a call to it, and whether one may be
// made.
func (s *Server) providers(ctx context.Context) ([]views.Provider, error) {
	all, linked := make([]views.Provider, len(s.upstreams)), []string{}
	reads := []func(context.Context) error{func(ctx context.Context) (err error) {
		linked, err = s.Store.Providers(ctx)
		return err
	}}
	for i, u := range s.upstreams {
		reads = append(reads, func(ctx context.Context) (err error) {
			all[i], err = s.provider(ctx, u)
			return err
		})
	}
	err := s.Store.Together(ctx, reads...)
	for _, name := range linked {
		if !slices.ContainsFunc(s.upstreams, func(u Upstream) bool { return u.Name() == name }) {
			all = append(all, views.Provider{Name: s.upstream(name).Traits().Title, Absent: true})
		}
	}
	return all, err
}

// provider is what waits for a call to one, and whether it may be made.
func (s *Server) provider(ctx context.Context, u Upstream) (p views.Provider, err error) {
	var q store.Queue
	err = s.Store.Together(ctx, func(ctx context.Context) (err error) {
		q, err = s.Store.Queue(ctx, u.Name())
		return err
	}, func(ctx context.Context) (err error) {
		if u.Traits().Costs {
			p.AskedToday, _, err = s.Store.AskedSince(ctx, u.Name(), s.Now().Add(-24*time.Hour))
		}
		return err
	})
	p.Name, p.URL, p.Refreshes, p.Links = s.titleOf(u), u.API, q.Refreshes, q.Links
	p.NextTry, p.Trust = q.NextAt, u.trustWords()
	if u.Calls != nil {
		calls := u.Calls.State()
		p.CallsLeft, p.CallsPerMinute = calls.Left, calls.PerMinute
	}
	if u.Traits().Costs {
		p.MostAsked = s.Settings.DailyCalls()[u.Name()]
	}
	if pause := s.pause(u); pause.Kind != "" {
		p.NextTry, p.Pause = pause.Until, string(pause.Kind)
	}
	return p, err
}

// titleOf is what a provider is called where there is more than one.
func (s *Server) titleOf(u Upstream) string {
	if len(s.upstreams) == 1 {
		return ""
	}
	return u.Traits().Title
}

// trustWords is how trust in the provider's hosts stands, for staff.
func (u Upstream) trustWords() views.Trust {
	t := u.standing()
	v := views.Trust{State: "trusted", Since: t.Since, Why: t.Reason, At: t.At, WidgetURL: u.Page}
	switch {
	case t.Off:
		v.State = "off"
	case t.Lost():
		v.State = "lost"
	case !t.Proven:
		v.State, v.Why = "unproven", string(t.Cause)
	}
	return v
}
