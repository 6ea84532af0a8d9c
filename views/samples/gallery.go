package samples

import (
	"cmp"
	"context"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/a-h/templ"

	"balancelink/views"
	"balancelink/views/locale"
)

// screensIn are the screens by who meets them, in the order in which they do.
func screensIn(ctx context.Context) []views.Screen {
	return []views.Screen{
		{Slug: "connect", Title: say(ctx, "Connect your bank")},
		{Slug: "attempt", Title: say(ctx, "The bank window, and what became of it")},
		{Slug: "me", Title: say(ctx, "My balances")},
		{Slug: "card", Title: say(ctx, "An account's card")},
		{Slug: "unlink", Title: say(ctx, "Unlinking an account")},
		{Slug: "consents", Title: say(ctx, "My consents")},
		{Slug: "consent", Title: say(ctx, "One consent")},
		{Slug: "withdraw", Title: say(ctx, "Withdrawing consent")},
		{Slug: "door", Title: say(ctx, "The first page")},
		{Slug: "customer-login", Title: say(ctx, "Signing in as a customer")},
		{Slug: "customer-code", Title: say(ctx, "Signing in with a code by e-mail")},
		{Slug: "customer-password", Title: say(ctx, "A customer's password")},
		{Slug: "login", Title: say(ctx, "Signing in as staff")},
		{Slug: "code", Title: say(ctx, "The code of the second factor")},
		{Slug: "confirm", Title: say(ctx, "Confirming that it is you")},
		{Slug: "welcome", Title: say(ctx, "Choosing a password")},
		{Slug: "overview", Title: say(ctx, "Overview")},
		{Slug: "today", Title: say(ctx, "Today")},
		{Slug: "customers", Title: say(ctx, "Customers")},
		{Slug: "customer", Title: say(ctx, "A customer")},
		{Slug: "seen", Title: say(ctx, "What this customer sees")},
		{Slug: "edit", Title: say(ctx, "Correcting a customer")},
		{Slug: "invitation", Title: say(ctx, "A new personal link")},
		{Slug: "account", Title: say(ctx, "An account")},
		{Slug: "history", Title: say(ctx, "An account's history")},
		{Slug: "sums", Title: say(ctx, "All accounts over time")},
		{Slug: "funds", Title: say(ctx, "A funds check")},
		{Slug: "funds-list", Title: say(ctx, "All funds checks")},
		{Slug: "reviews", Title: say(ctx, "Links to review")},
		{Slug: "review", Title: say(ctx, "A link to review")},
		{Slug: "import", Title: say(ctx, "Customers from a file")},
		{Slug: "erase", Title: say(ctx, "Erasing a customer")},
		{Slug: "inbox", Title: say(ctx, "Webhooks")},
		{Slug: "event", Title: say(ctx, "A webhook")},
		{Slug: "refreshes", Title: say(ctx, "Requests to the banks")},
		{Slug: "status", Title: say(ctx, "Status")},
		{Slug: "audit", Title: say(ctx, "Audit log")},
		{Slug: "staff", Title: say(ctx, "Staff")},
		{Slug: "keys", Title: say(ctx, "API keys")},
		{Slug: "endpoints", Title: say(ctx, "Webhook endpoints")},
		{Slug: "endpoint", Title: say(ctx, "Secret of an endpoint")},
		{Slug: "deliveries", Title: say(ctx, "Sent to your programs")},
		{Slug: "key", Title: say(ctx, "A new key")},
		{Slug: "reference", Title: say(ctx, "API reference")},
		{Slug: "profile", Title: say(ctx, "Your account")},
		{Slug: "second-factor", Title: say(ctx, "Second factor")},
		{Slug: "recovery-codes", Title: say(ctx, "Recovery codes")},
		{Slug: "error", Title: say(ctx, "Errors")},
	}
}

// screens are all screens with their states.
func screens(ctx context.Context) []views.Screen { return screensOf(ctx, gallery(ctx)) }

func screensOf(ctx context.Context, pages map[string]templ.Component) []views.Screen {
	all := screensIn(ctx)
	for i := range all {
		for name := range pages {
			if screen, state, _ := strings.Cut(name, "/"); screen == all[i].Slug {
				all[i].States = append(all[i].States, state)
			}
		}
		slices.SortFunc(all[i].States, usualFirst)
	}
	return all
}

// usualFirst orders states: what a screen mostly looks like comes first.
func usualFirst(a, b string) int {
	rank := map[string]int{"normal": -1}
	return cmp.Or(cmp.Compare(rank[a], rank[b]), cmp.Compare(a, b))
}

// galleries are those that were asked for, by language: none changes.
var galleries sync.Map

// gallery is every screen in every state, by "screen/state".
func gallery(ctx context.Context) map[string]templ.Component {
	pages, ok := galleries.Load(locale.Language(ctx))
	if !ok {
		pages, _ = galleries.LoadOrStore(locale.Language(ctx), draw(ctx))
	}
	return pages.(map[string]templ.Component)
}

func draw(ctx context.Context) map[string]templ.Component {
	pages := map[string]templ.Component{}
	for _, part := range []map[string]templ.Component{
		ownGallery(ctx), staffGallery(ctx), memberGallery(ctx), endpointGallery(ctx), linkGallery(ctx), againGallery(ctx),
		privacyGallery(ctx), historyGallery(ctx), importGallery(ctx),
		reviewGallery(ctx), passwordGallery(ctx), fundsGallery(ctx), signInGallery(ctx), errorGallery(ctx),
		statusGallery(ctx), movingPages(ctx), todayGallery(ctx), fundsSumGallery(ctx),
		sumGallery(ctx),
	} {
		maps.Copy(pages, part)
	}
	for _, screen := range []string{"me", "customers", "account"} {
		pages[screen+"/amounts-hidden"] = hidden{pages[screen+"/normal"]}
	}
	pages["event/amounts-hidden"] = hidden{pages["event/unmatched"]}
	return pages
}

// slug is a state's name as it stands in addresses.
func slug(name string) string { return strings.NewReplacer(" ", "-", "_", "-").Replace(name) }

// hidden is a page as who has hidden the amounts gets it.
type hidden struct{ page templ.Component }

// Render implements [templ.Component].
func (h hidden) Render(ctx context.Context, w io.Writer) error {
	return h.page.Render(views.HideAmounts(ctx), w)
}

// Page is a screen in a state, drawn with made-up data and marked as a
// sample. ok is false when there is none of that name.
func Page(ctx context.Context, screen, state string) (page templ.Component, ok bool) {
	pages := gallery(ctx)
	if page, ok = pages[screen+"/"+state]; !ok {
		return nil, false
	}
	mark := views.SampleMark{Title: screen + ": " + views.InWords(state)}
	var all []string
	for _, sc := range screensOf(ctx, pages) {
		for _, st := range sc.States {
			all = append(all, sc.Slug+"/"+st)
		}
		if sc.Slug == screen {
			mark.Title = sc.Title + ": " + views.InWords(state)
		}
	}
	at := slices.Index(all, screen+"/"+state)
	if at > 0 {
		mark.Previous = "/gallery/" + all[at-1]
	}
	if at+1 < len(all) {
		mark.Next = "/gallery/" + all[at+1]
	}
	return views.AsSample(page, mark), true
}

// Gallery is the gallery: all screens, and the parts that they are made of.
func Gallery(ctx context.Context, f views.Frame) templ.Component {
	return views.GalleryView(views.Gallery{
		Frame:   f,
		Screens: screens(ctx),
		At:      sampleClock,
		Account: sampleAccount(
			"sample", func(a *views.Account) { a.Refresh = running(views.Refresh{Kind: "refresh", State: "waiting"}) },
		),
		Rows: sampleRows(),
	})
}
