package views

import (
	"math"
	"strings"
	"testing"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"balancelink/views/locale"
)

func TestFrenchAmountsDatesAndNumbersAreWrittenAsFrenchWritesThem(t *testing.T) {
	ctx := locale.In(t.Context(), "fr")
	c := Clock{Now: at("2026-11-23 17:05:30"), Zone: lagos}
	for want, got := range map[string]string{
		"₦1\u00a0234\u00a0567,89": amount(ctx, naira(123456789)),
		"−₦0,05":                  amount(ctx, naira(-5)),
		"JPY\u00a01\u00a0234":     amount(ctx, Money{1234, "JPY", true}),
		"−₦92\u00a0233\u00a0720\u00a0368\u00a0547\u00a0758,08": amount(ctx, naira(math.MinInt64)),
		"Non communiqué par la banque":                         amount(ctx, Money{}),
		"₦1,5\u00a0M":                                          compact(ctx, naira(150000000)),
		"1\u00a0234\u00a0567":                                  digits(ctx, 1234567),
		"lun. 23 nov. 2026, 17:05:30 WAT":                      c.exact(ctx, c.Now),
		"1 août, 12:00":                                        c.Short(ctx, at("2026-08-01 12:00:00")),
		"à l’instant":                                          c.ago(ctx, c.Now),
		"il y a 3\u00a0h":                                      c.ago(ctx, at("2026-11-23 14:05:00")),
		"il y a 1 jour":                                        c.ago(ctx, at("2026-11-22 12:00:00")),
		"il y a 5 jours":                                       c.ago(ctx, at("2026-11-18 12:00:00")),
		"0 compte":                                             say(ctx, "%d accounts", 0),
		"1\u00a0234 comptes":                                   say(ctx, "%d accounts", 1234),
	} {
		if got != want {
			t.Errorf("%+q, want %+q", got, want)
		}
	}
	if got, want := amount(t.Context(), naira(123456789)), "₦1,234,567.89"; got != want {
		t.Errorf("in English %q, want %q", got, want)
	}
	if got, want := say(t.Context(), "%d accounts", 1), "1 account"; got != want {
		t.Errorf("in English %q, want %q", got, want)
	}
}

// Amounts are grouped by threes, as x/text groups the numbers of the language.
func TestOurGroupingIsTheLanguages(t *testing.T) {
	for _, code := range locale.Languages() {
		want := message.NewPrinter(language.Make(code)).Sprintf("%d", 1234567890)
		if got := digits(locale.In(t.Context(), code), 1234567890); got != want {
			t.Errorf("%s: %q, want %q", code, got, want)
		}
	}
}

// app.js keeps ages true with these words.
func TestThePageBringsTheWordsForAges(t *testing.T) {
	_, doc := render(t, spoken(MeView(Me{Frame: customerFrame("x")}), "fr"))
	if got, want := doc.Find("html").AttrOr("data-ages", ""), "à l’instant|il y a #\u00a0min|il y a #\u00a0h"; got != want {
		t.Errorf("data-ages = %q, want %q", got, want)
	}
}

func TestAConsentIsShownInTheWordsItWasGivenIn(t *testing.T) {
	text, ok := ConsentByVersion(currentConsent + ".fr")
	if !ok {
		t.Fatal("the current consent has no French text")
	}
	row := ConsentRow{Version: text.Version, Business: "Adire Credit", Terms: sampleTerms, GivenAt: sampleNow}
	_, doc := render(t, ConsentView(ConsentPage{Frame: customerFrame("Consent"), Text: text.For("Adire Credit", sampleTerms), Row: row, Back: "/me/consents"}))
	if got, want := words(doc.Find(".asked[lang=fr] h2").First().Text()), "Qui demande, et pourquoi"; got != want {
		t.Errorf("an English page heads the French text with %q, want %q", got, want)
	}
	if file := row.File(sampleClock); !strings.Contains(file, "Adire Credit demande à voir") || !strings.Contains(file, text.For("Adire Credit", sampleTerms).Question) {
		t.Errorf("the file is not French: %s", file)
	}
	if got := ConsentIn(locale.In(t.Context(), "fr"), ConsentVersion("okra", false)).Version; got != text.Version {
		t.Errorf("who reads French is asked to agree to %s", got)
	}
}
