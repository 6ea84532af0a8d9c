package samples

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"balancelink/views"
)

// endpointGallery is where what happens is sent, and how that went.
func endpointGallery(ctx context.Context) map[string]templ.Component {
	types := []string{"account.linked", "account.unlinked", "balance.changed", "customer.erased"}
	missed := views.Missed{Events: 31, At: sampleNow.Add(-2 * time.Hour)}
	p := views.EndpointsPage{Frame: staffFrame(say(ctx, "Webhook endpoints"), "staff"), Rows: []views.EndpointRow{
		{
			URL: "https://core.adire.example/hooks/balancelink", Amounts: true, State: "enabled",
			LogURL: "/deliveries?endpoint=1", TestURL: "/endpoints/1/test", SecretURL: "/endpoints/1/secret",
			DisableURL: "/endpoints/1/disable", RemoveURL: "/endpoints/1/remove",
		},
		{
			URL: "https://collections.adire.example/a-rather-long-address-of-a-program/of-somebody-else", Types: types,
			State: "enabled", FailingSince: sampleNow.Add(-3 * time.Hour), LogURL: "/deliveries?endpoint=2",
			TestURL: "/endpoints/2/test", SecretURL: "/endpoints/2/secret", DisableURL: "/endpoints/2/disable",
			RemoveURL: "/endpoints/2/remove",
		},
		{
			URL: "https://old.adire.example/", Types: types[:1], State: "disabled", Why: "failing",
			DisabledAt: sampleNow.Add(-26 * time.Hour), Missed: missed, LogURL: "/deliveries?endpoint=3",
			SecretURL: "/endpoints/3/secret", EnableURL: "/endpoints/3/enable", RemoveURL: "/endpoints/3/remove",
		},
		{
			URL: "https://restored.adire.example/", State: "disabled", Why: "restored",
			DisabledAt: sampleNow.Add(-time.Hour), LogURL: "/deliveries?endpoint=4",
			SecretURL: "/endpoints/4/secret", EnableURL: "/endpoints/4/enable", RemoveURL: "/endpoints/4/remove",
		},
	}, Form: views.EndpointForm{Offers: types}}
	none, wrong := p, p
	none.Rows = nil
	wrong.Form.URL, wrong.Form.Types, wrong.Form.Errors = "http://core", types[:2], map[string]string{
		"url": say(ctx, "Enter a public address of https, or one in a network that WEBHOOK_NETWORKS names."),
	}
	alert := p
	alert.Alert = say(ctx, "Your programs are not told what happens: the webhook endpoint %s was disabled, because nothing arrives there. An owner can enable it again.", "https://old.adire.example/")
	return map[string]templ.Component{
		"endpoints/normal": views.EndpointsView(p), "endpoints/empty": views.EndpointsView(none),
		"endpoints/wrong": views.EndpointsView(wrong), "endpoints/disabled": views.EndpointsView(alert),
		"endpoint/secret": views.EndpointSecretView(views.EndpointSecret{
			Frame: staffFrame(say(ctx, "Secret of an endpoint"), "staff"), URL: "https://core.adire.example/hooks",
			Secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=",
		}),
		"deliveries/normal": views.DeliveriesView(sampleDeliveries(ctx, types)),
		"deliveries/empty": views.DeliveriesView(views.Deliveries{
			Frame: staffFrame(say(ctx, "Sent to your programs"), "inbox"), Filter: views.DeliveryFilter{Types: types},
			ManageURL: "/endpoints",
		}),
		"deliveries/none": views.DeliveriesView(views.Deliveries{
			Frame:  staffFrame(say(ctx, "Sent to your programs"), "inbox"),
			Filter: views.DeliveryFilter{Types: types, State: "failed"},
		}),
	}
}

func sampleDeliveries(ctx context.Context, types []string) views.Deliveries {
	row := views.DeliveryRow{
		Seq: 48213, Type: "balance.changed", At: sampleNow.Add(-2 * time.Minute), Customer: "LN-1001",
		CustomerURL: "/customers/1", Endpoint: "https://core.adire.example/hooks/balancelink", State: "waiting",
		ReplayURL: "/deliveries/1/replay",
	}
	tried, arrived, given, erased := row, row, row, row
	tried.Tries, tried.Status, tried.Error, tried.NextTryAt = 2, 500, "status", sampleNow.Add(4*time.Minute)
	arrived.State, arrived.Tries, arrived.Status = "succeeded", 1, 204
	given.State, given.Tries, given.Error = "failed", 10, "unreachable"
	erased.Type, erased.State, erased.Customer, erased.CustomerURL = "customer.erased", "succeeded", "9F31AB20", ""
	return views.Deliveries{
		Frame: staffFrame(say(ctx, "Sent to your programs"), "inbox"),
		Filter: views.DeliveryFilter{
			Customer: "LN-1001", CustomerName: "Amina Bello", Types: types,
			Endpoints: []views.Choice{{Value: "1", Label: "https://core.adire.example/hooks/balancelink"}},
		},
		Missed: []views.MissedBy{
			{Endpoint: "https://old.adire.example/", Missed: views.Missed{Events: 1, At: sampleNow.Add(-time.Hour)}},
		},
		Rows: []views.DeliveryRow{row, tried, arrived, given, erased}, NextURL: "/deliveries?before=48209",
		ManageURL: "/endpoints",
	}
}
