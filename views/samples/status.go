package samples

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"balancelink/store/progress"
	"balancelink/views"
)

// statusGallery is the status page of an installation in use, of a new one, and
// of one whose provider is away.
func statusGallery(ctx context.Context) map[string]templ.Component {
	p := views.Status{
		Frame: staffFrame(say(ctx, "Status"), "status"), Version: "v1.4.0 3fa93fa93fa9",
		StartedAt: sampleNow.Add(-50 * time.Hour), LookedAt: sampleNow.Add(-2 * time.Hour),
		Instances:   sampleInstances()[:1],
		LastWebhook: sampleNow.Add(-4 * time.Minute),
		Database: views.Database{
			File: "/var/lib/balancelink/a-rather-long-folder-name/balancelink.db", Size: 1_234_567_890, Log: 4_120_000,
			Free: 38_000_000_000,
		},
		Backup: views.Backup{
			At:   sampleNow.Add(-9 * time.Hour),
			File: "/var/lib/balancelink/a-rather-long-folder-name/backups/balancelink-20261123T040530.120.db",
			Size: 1_234_567_890, URL: "/status/backup",
			FailedAt: sampleNow.Add(-8 * time.Minute), Why: "store: copying: database or disk is full (13)",
		},
		Mail: views.MailState{
			Server: "mail.adire.example:587", From: "alerts@adire.example", SentAt: sampleNow.Add(-3 * time.Minute),
			FailedAt: sampleNow.Add(-26 * time.Hour), Why: "unreachable", TestURL: "/status/mail",
		},
		Providers: []views.Provider{sampleProvider()},
		Waiting: []views.WaitingCount{
			{What: say(ctx, "Webhooks to be applied"), Number: 0},
			{What: say(ctx, "Webhooks that nobody has claimed"), Number: 12},
		},
		Kept: []views.Kept{
			{What: say(ctx, "Payloads of webhooks"), Days: 30, Removed: 12345},
			{What: say(ctx, "Past balances"), Days: 730, Removed: 0, Stuck: 2},
			{What: say(ctx, "Ended requests to the banks"), Days: 0, Removed: 0},
			{What: say(ctx, "Events for programs"), Days: 30, Removed: 0},
		},
		Settings: []views.Setting{
			{Name: "BUSINESS_NAME", Value: "Adire Credit", Secret: false, Set: true, Changed: true},
			{Name: "CONSENT_VALID", Value: "8760h0m0s", Set: true, Length: 8760 * time.Hour},
			{Name: "FRESH_FOR", Value: "1m30s", Set: true, Length: 90 * time.Second, Changed: true},
			{Name: "OKRA_APP_ID", Value: "", Secret: false, Set: false},
			{Name: "OKRA_SECRET_KEY", Value: "", Secret: true, Set: true},
			{Name: "OKRA_WEBHOOK_TOKEN_OLD", Value: "", Secret: true, Set: false}, {
				Name: "OKRA_WIDGET_URL", Value: "https://widget.of-a-provider-with-a-long-name.example/with/a/path",
				Secret: false, Set: true,
			},
		},
	}
	wrong := p
	wrong.Contradictions, wrong.Alert = 3, say(ctx, "Do not decide by the balances here: %d rows of the database contradict each other. Refresh the accounts, and tell an owner of this installation.", 3)
	wrong.Mail.FailedAt, wrong.Mail.Failing, wrong.Mail.Why, wrong.Mail.Waiting = sampleNow.Add(-time.Minute), true, "login", 12
	empty := p
	empty.Mail = views.MailState{}
	empty.LastWebhook, empty.Backup, empty.Database.Size = time.Time{}, views.Backup{}, 4096
	flooded := p
	flooded.QuotaLow = true
	busy := p
	busy.Work = sampleWork("")
	several, headless := p, p
	several.Instances, headless.Instances = sampleInstances(), sampleInstances()[1:]
	several.Work = sampleWork(several.Instances[1].Name)
	several.Database = views.Database{Size: p.Database.Size}
	several.Backup = views.Backup{
		At: p.Backup.At, File: "/backups/balancelink-20261123.dump", Size: 234_567_890, Command: "balancelink backup FILE",
	}
	return map[string]templ.Component{
		"status/normal": views.StatusView(p), "status/new": views.StatusView(empty),
		"status/wrong": views.StatusView(wrong), "status/flooded": views.StatusView(flooded),
		"status/busy": views.StatusView(busy), "status/several": views.StatusView(several),
		"status/headless": views.StatusView(headless),
	}
}

// sampleInstances are one that leads, one of another version, and one that was killed.
func sampleInstances() []views.Instance {
	return []views.Instance{
		{
			Name: "5E0A77C1", Version: "v1.4.0 3fa93fa93fa9", StartedAt: sampleNow.Add(-50 * time.Hour),
			SeenAt: sampleNow.Add(-time.Second), LeadsFrom: sampleNow.Add(-49 * time.Hour),
		},
		{
			Name: "0B9F2D34", Version: "v1.4.1 77ab77ab77ab", StartedAt: sampleNow.Add(-time.Hour),
			SeenAt: sampleNow.Add(-2 * time.Second),
		},
		{
			Name: "C4D18E60", Version: "v1.4.1 77ab77ab77ab", StartedAt: sampleNow.Add(-time.Hour),
			SeenAt: sampleNow.Add(-12 * time.Minute), Away: true,
		},
	}
}

// sampleWork is a step of which much is known, and one of which nothing is, done by that
// instance.
func sampleWork(instance string) (w views.Work) {
	for _, s := range []progress.State{
		{
			ID: 1, Name: progress.Copying, Began: sampleNow.Add(-time.Minute), Step: progress.TheRows, Number: 4, Steps: 7,
			Unit: progress.Entries, Done: 4_400_094, Of: 15_360_112, Left: 3 * time.Minute,
		},
		{
			ID: 2, Name: progress.Exporting, Began: sampleNow.Add(-5 * time.Second), Number: 1, Steps: 1,
			Unit: progress.Bytes, Done: 12_500_000,
		},
		{ID: 3, Name: progress.Auditing, Began: sampleNow, Steps: 1},
	} {
		w.UnderWay = append(w.UnderWay, views.LongWork{State: s, Instance: instance})
	}
	return w
}
