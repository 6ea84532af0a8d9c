// Command balancelink lets a business's customers link their bank accounts
// and shows the balances to them and to the business's staff.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"

	"balancelink/handlers"
	"balancelink/handlers/api"
	"balancelink/handlers/command"
	"balancelink/handlers/demo"
	"balancelink/handlers/doctor"
	"balancelink/handlers/email"
	"balancelink/handlers/listen"
	"balancelink/handlers/metrics"
	"balancelink/handlers/providers"
	"balancelink/handlers/settings"
	"balancelink/handlers/signin"
	"balancelink/handlers/worker"
	"balancelink/okra/mono/monosim"
	"balancelink/okra/okrasim"
	"balancelink/static"
	"balancelink/store"
	"balancelink/store/limits"
	"balancelink/store/progress"
	"balancelink/views"
)

// exitConfig is the exit status of a start that a setting stopped (EX_CONFIG).
const exitConfig = 78

func main() {
	signalled, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, end := context.WithCancel(context.Background())
	context.AfterFunc(signalled, func() {
		stop() // a second signal ends the program at once, from before anything shows that the first was heard
		end()
	})
	os.Exit(run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}

// run is the program: it returns the exit status when ctx has ended and
// everything is put down.
func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	if len(args) > 0 && args[0] == "help" {
		args = append(slices.Clone(args[1:]), "--help")
	}
	if len(args) > 0 && args[0] == "doctor" {
		return doctor.Run(ctx, args[1:], environ, stdout, stderr)
	}
	if status, handled := command.Run(ctx, args, environ, stdout, stderr); handled {
		return status
	}
	set, err := settings.Load(args, environ, stdout)
	switch {
	case errors.Is(err, settings.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintf(stderr, "balancelink: %v\n", err)
		return exitConfig
	}
	if err := serve(ctx, set, stdout, set.LogFormat.Log(stderr)); err != nil {
		if ctx.Err() != nil && errors.Is(err, context.Canceled) {
			fmt.Fprintln(stderr, "balancelink: stopped while it started: the next start goes on from there")
			return 1
		}
		fmt.Fprintf(stderr, "balancelink: %v\n", err)
		if store.WrongSetting(err) || errors.Is(err, settings.ErrMissing) ||
			errors.Is(err, listen.ErrCertificate) || errors.Is(err, worker.ErrSimulated) {
			return exitConfig
		}
		return 1
	}
	return 0
}

func serve(ctx context.Context, set settings.Settings, stdout io.Writer, log *slog.Logger) (err error) {
	if !static.Built() {
		return errors.New("the pages' styles and scripts are not built: run make assets, then build again")
	}
	if err := store.Exposed(set.DatabaseURL.Reveal()); err != nil {
		if !set.Simulated() {
			return err
		}
		log.Warn("others could read what is kept: outside the simulation this stops the start", "err", err)
	}
	if err := set.KeepDataKey(); err != nil {
		return err
	}
	keys, err := handlers.DataKeys(set)
	if err != nil {
		return err
	}
	var meter *metrics.Meter
	if set.MetricsAddr != "" {
		meter = metrics.New()
	}
	board := &progress.Board{}
	defer progress.Lines(board, func(line string) { log.Info(line) })()
	db, err := store.Open(ctx, set.DatabaseURL.Reveal(), store.Options{
		Env: set.Env, ConsentValid: set.ConsentValid, ConsentUnused: set.ConsentUnused, Keys: keys,
		ErasedFile: set.ErasedFile, MovesTo: set.MovesTo(), Sealing: worker.TellSealing(log), Board: board,
		Transacted: meter.Transacted, Mails: set.Mails(),
		RefreshEnded: func(outcome store.RefreshState) { meter.RefreshEnded(string(outcome)) },
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := set.KeepSessionKey(); err != nil {
		return err
	}
	if err := signin.FirstStaff(ctx, db, set, signin.FullCost); err != nil {
		return err
	}
	if err := handlers.RecordSettings(ctx, db, set); err != nil {
		return err
	}
	setup, err := signin.SetupLink(ctx, db, set.PublicURL)
	if err != nil {
		return err
	}
	lead := &worker.Lead{
		Store: db, Version: handlers.Version(), Alone: db.Alone(), Simulates: set.Simulated(), Logger: log,
	}
	upstreams, err := providers.Open(ctx, providers.Config{
		Settings: set, Store: db, Logger: log, Called: meter.Called, Leads: lead.Leads,
	})
	if err != nil {
		return err
	}
	outgoing, mail := api.Outgoing(set), (&email.Office{Settings: set}).Mail()
	outgoing.Tried, mail.Tried = meter.Sent, meter.Mailed
	work := worker.New(worker.Config{
		Store: db, ReturnURL: set.ReturnURL, Providers: handlers.Providers(upstreams), Env: set.Env,
		Transactions: set.Transactions.On(), DailyCalls: set.DailyCalls(),
		FirstPoll: set.RefreshFirstPoll, Deadline: set.RefreshDeadline,
		FreshFor: set.FreshFor, StaleAfter: set.StaleAfter, Location: set.Location,
		SweepEvery: set.SweepEvery, ScheduleEvery: set.ScheduleEvery, ScheduleCalls: set.ScheduleCalls, Logger: log,
		Outgoing: outgoing, Mail: mail,
		Retain: store.Retention{
			Payloads: settings.Days(set.RetainPayloads), Balances: settings.Days(set.RetainBalances),
			Refreshes: settings.Days(set.RetainRefreshes), Notices: settings.Days(set.RetainEvents),
		},
	})
	site, err := handlers.New(handlers.Config{
		Settings: set, Store: db, Upstreams: upstreams, Worker: work, Leads: lead.Leads, Instance: lead.ID, Logger: log,
		Meter: meter, Stopping: func() bool { return ctx.Err() != nil },
	})
	if err != nil {
		return err
	}
	if err := lead.Join(ctx); err != nil {
		return err
	}
	defer lead.Leave(ctx)
	lead.Work = append(lead.Work, work.Run)
	for _, u := range upstreams {
		lead.TakeUp = append(lead.TakeUp, u.Trust.Recall, u.Calls.TakeUp)
		lead.Work = append(lead.Work, u.Calls.Run)
	}

	group := newGroup(ctx, set.DrainFor, log)
	if err := group.serve("pages", site, listen.Options{
		Addr: set.ListenAddr, MaxConnections: limits.Connections, CertFile: set.TLSCertFile, KeyFile: set.TLSKeyFile,
		Proxies: set.TrustedProxies, Behind: set.BehindTLS,
	}); err != nil {
		return group.failed(err)
	}
	if set.MetricsAddr != "" {
		if err := group.serve("metrics", site.Metrics(), listen.Options{
			Addr: set.MetricsAddr, CertFile: set.TLSCertFile, KeyFile: set.TLSKeyFile,
		}); err != nil {
			return group.failed(err)
		}
	}
	if set.Simulated() {
		sim := newSimulator(set, log)
		defer sim.Close()
		if err := group.serve("simulated Okra", sim, listen.Options{Addr: set.SimulatorAddr}); err != nil {
			return group.failed(err)
		}
		atMono := newSimulatedMono(set, log)
		defer atMono.Close()
		if err := group.serve("simulated Mono", atMono, listen.Options{Addr: set.MonoSimulatorAddr}); err != nil {
			return group.failed(err)
		}
		group.do(group.told, func(ctx context.Context) {
			if err := recall(ctx, db, set.Env, atMono); err != nil && ctx.Err() == nil {
				log.Error("telling the simulated Mono what is linked", "err", err)
			}
			if err := newDemo(set, db, upstreams, work, sim, atMono).Run(ctx); err != nil && ctx.Err() == nil {
				log.Error("making the demo's customers", "err", err)
			}
		})
	}
	for _, u := range upstreams {
		group.do(group.closing, u.Trust.Run)
	}
	group.do(group.served, func(ctx context.Context) { lead.Run(ctx, group.told) })
	group.do(group.told, work.Prepare)
	group.do(group.told, (&worker.Sealer{
		Store: db, NewKeys: handlers.NewDataKeys(set), Leads: lead.Leads, Logger: log,
	}).Run)
	group.do(group.closing, site.Run)
	set.Welcome(stdout, setup, signin.CanSignIn(ctx, db, set.AdminEmail))
	return group.wait()
}

func newSimulator(set settings.Settings, log *slog.Logger) *okrasim.Server {
	return okrasim.New(okrasim.Config{
		SecretKey: set.OkraSecretKey.Reveal(), ClientToken: set.OkraClientToken, PublicKey: set.OkraPublicKey,
		AppID:        set.OkraAppID,
		WebhookToken: set.OkraWebhookToken.Reveal(), WebhookURL: set.WebhookURL("okra"), PublicURL: set.OkraWidgetURL,
		Transactions: set.Transactions.On(), Logger: log,
	})
}

func newSimulatedMono(set settings.Settings, log *slog.Logger) *monosim.Server {
	return monosim.New(monosim.Config{
		SecretKey: set.MonoSecretKey.Reveal(), App: set.MonoAppID, WebhookSecret: set.MonoWebhookSecret.Reveal(),
		WebhookURL: set.WebhookURL(settings.Mono), LinkURL: set.MonoLinkOrigin, Logger: log,
	})
}

// recall tells the simulated Mono which accounts were linked there before the start: its
// list and the buttons of its panel have them then. The simulated Okra has neither, and
// takes up an account when it is asked about it.
func recall(ctx context.Context, db *store.Store, env string, sim *monosim.Server) error {
	ids, err := db.ProviderIDs(ctx, settings.Mono, env)
	sim.Recall(ids...)
	return err
}

func newDemo(
	set settings.Settings, db *store.Store, upstreams []handlers.Upstream, work *worker.Worker, sim *okrasim.Server,
	atMono *monosim.Server,
) *demo.Seeder {
	linkers := map[string]demo.Linker{
		settings.Okra: func(login string, a store.Attempt) (store.Report, error) {
			success, err := sim.Connect(login, a.Nonce, nil)
			if err != nil {
				return store.Report{}, err
			}
			claim, _, err := handlers.Providers(upstreams).Of(settings.Okra).ReceiveClaim(success)
			return store.Report{
				State: store.AttemptClaimed, ClaimedBy: "widget",
				ProviderRecord: claim.Record, ProviderCustomer: claim.Customer, BankName: claim.BankName,
			}, err
		},
		settings.Mono: func(nuban string, a store.Attempt) (store.Report, error) {
			shared, err := atMono.Link(nuban, a.Nonce)
			return store.Report{State: store.AttemptClaimed, ClaimedBy: "return", Code: shared.Code}, err
		},
	}
	return &demo.Seeder{
		Store: db, Linkers: linkers, Env: set.Env, Scope: views.CurrentConsent(set.Transactions.On()).Scope,
		Wake: work.Wake, Deadline: set.RefreshDeadline, Now: time.Now,
	}
}

// finishFor is how long requests that are under way when nobody new is served have left.
const finishFor = 15 * time.Second

// group is what runs beside each other until the program is told to end or something fails.
// The end comes in steps, each of which is a context that ends: what is done in the
// background ends first, and what others rely on as long as anybody is served last.
type group struct {
	told    context.Context // the program is to end
	closing context.Context // whoever sends requests had the time to learn that: no new ones are taken
	served  context.Context // all have their answers
	fail    context.CancelCauseFunc
	close   context.CancelFunc
	end     context.CancelFunc

	drain   time.Duration // from told to closing, unless something failed
	log     *slog.Logger
	servers sync.WaitGroup
	rest    sync.WaitGroup
}

func newGroup(ctx context.Context, drain time.Duration, log *slog.Logger) *group {
	g := &group{drain: drain, log: log}
	later := context.WithoutCancel(ctx)
	g.told, g.fail = context.WithCancelCause(ctx)
	g.closing, g.close = context.WithCancel(later)
	g.served, g.end = context.WithCancel(later)
	return g
}

// do does something until one of the group's contexts ends.
func (g *group) do(until context.Context, f func(context.Context)) {
	g.rest.Go(func() { f(until) })
}

// serve listens now and serves until the group is closing, then lets requests under way
// finish. From when the program is told to end each answer asks for another connection.
func (g *group) serve(name string, h http.Handler, o listen.Options) error {
	o.Stopping = func() bool { return g.told.Err() != nil }
	srv, err := listen.Open(h, g.log, o)
	if err != nil {
		return fmt.Errorf("listening for the %s: %w", name, err)
	}
	g.servers.Go(func() {
		if err := srv.Serve(); err != nil {
			g.fail(err)
		}
	})
	g.servers.Go(func() {
		<-g.closing.Done()
		finish, cancel := context.WithTimeout(context.Background(), finishFor)
		defer cancel()
		srv.Shutdown(finish)
	})
	return nil
}

// failed ends what runs for what went wrong, which it returns.
func (g *group) failed(err error) error {
	g.fail(err)
	_ = g.wait() // which says the same
	return err
}

// wait waits for the end and says whose fault it was, if anybody's.
func (g *group) wait() error {
	<-g.told.Done()
	cause := context.Cause(g.told)
	if errors.Is(cause, context.Canceled) {
		cause = nil
		g.linger()
	}
	g.close()
	g.servers.Wait()
	g.end()
	g.rest.Wait()
	return cause
}

// linger leaves a balancer the time to learn that this instance is to be sent nothing more.
func (g *group) linger() {
	if g.drain > 0 {
		g.log.Info("told to stop: /readyz says so, and who comes is served on; a second signal ends it at once",
			"for", g.drain)
		<-time.After(g.drain)
	}
}
