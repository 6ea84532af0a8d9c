package views

import (
	"context"
	"time"

	"github.com/a-h/templ"
)

// statusGallery is the status page of an installation in use, of a new one, and
// of one whose provider is away.
func statusGallery(ctx context.Context) map[string]templ.Component {
	p := Status{
		Frame: staffFrame(say(ctx, "Status"), "status"), Version: "v1.4.0 3fa93fa93fa9", StartedAt: sampleNow.Add(-50 * time.Hour), LookedAt: sampleNow.Add(-2 * time.Hour), LastWebhook: sampleNow.Add(-4 * time.Minute),
		Database: Database{"/var/lib/balancelink/a-rather-long-folder-name/balancelink.db", 1_234_567_890, 4_120_000, 38_000_000_000},
		Backup:   Backup{At: sampleNow.Add(-9 * time.Hour), File: "/var/lib/balancelink/a-rather-long-folder-name/backups/balancelink-20261123T040530.120.db", Size: 1_234_567_890, URL: "/status/backup"},
		Provider: sampleProvider(),
		Waiting:  []WaitingCount{{say(ctx, "Webhooks to be applied"), 0}, {say(ctx, "Webhooks that nobody has claimed"), 12}},
		Kept:     []Kept{{say(ctx, "Payloads of webhooks"), 30, 12345}, {say(ctx, "Past balances"), 730, 0}, {say(ctx, "Ended requests to the banks"), 0, 0}},
		Settings: []Setting{
			{"BUSINESS_NAME", "Adire Credit", false, true}, {"OKRA_APP_ID", "", false, false}, {"OKRA_SECRET_KEY", "", true, true},
			{"OKRA_WEBHOOK_TOKEN_OLD", "", true, false}, {"OKRA_WIDGET_URL", "https://widget.of-a-provider-with-a-long-name.example/with/a/path", false, true},
		},
	}
	wrong := p
	wrong.Contradictions, wrong.Alert = 3, say(ctx, "Do not decide by the balances here: %d rows of the database contradict each other. Refresh the accounts, and tell an owner of this installation.", 3)
	empty := p
	empty.LastWebhook, empty.Backup, empty.Database.Size = time.Time{}, Backup{}, 4096
	flooded := p
	flooded.QuotaLow = true
	return map[string]templ.Component{"status/normal": StatusView(p), "status/new": StatusView(empty), "status/wrong": StatusView(wrong), "status/flooded": StatusView(flooded)}
}
