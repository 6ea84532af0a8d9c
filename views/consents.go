package views

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"balancelink/views/locale"
)

// ConsentText is what a customer agrees to: the personal link's page is drawn
// from it, and so is every copy. What stands in braces is filled in by
// [ConsentText.For], and a sentence of which that is not known is left out. A text that
// was shown once is never changed: another text is another version. So is the
// same text in another language, whose code ends its version: what is stored
// tells in which words somebody agreed, and these are always shown in them.
type ConsentText struct {
	Version  string   // "2026-11-23", or "2026-11-23.fr"
	Scope    string   // products, comma-separated
	Provider string   // through whom; empty: Okra
	Why      []string // who asks, what for, and where they are reached; empty: it was not said
	Purpose  string   // where the business gives none of its own
	Sees     []string
	Sends    []string // what leaves to the provider; empty: nothing
	SeesNot  []string
	HowLong  []string
	ForGood  string // the last of HowLong where balances are kept for good
	Question string // what is ticked
}

// The versions that customers are asked to agree to now, without their language: of
// those who link through Okra, of those who are asked for their transactions too, and of
// those who link through Mono.
const (
	currentConsent = "2026-12-02"
	consentToMore  = "2026-12-03"
	consentToMono  = "2026-12-04"
)

// consentTexts are all versions that were ever shown.
func consentTexts() []ConsentText {
	const (
		again       = "After {valid}, or after {unused} in which nobody looked at your balances, we ask you again before anything new is read."
		againFrench = "Après {valid}, ou après {unused} sans que personne n’ait regardé vos soldes, nous vous demandons à nouveau votre accord avant de lire quoi que ce soit de nouveau."
	)
	texts := []ConsentText{
		{
			Version: "2026-11", Scope: "auth,balance",
			Sees: []string{
				"The names and numbers of the accounts you choose",
				"Their balances: what is available and what is in the ledger",
				"New balances whenever you or {business} refresh them",
			},
			SeesNot: []string{
				"No payments: no money can be moved",
				"No password: you type it at your bank's window, and it is not stored here",
			},
			HowLong:  []string{"Until you say stop: unlink the account on your own page, or tell {business}. Nothing new is read from then on."},
			Question: "I agree that {business} reads the names, numbers and balances of the accounts I choose.",
		},
		{
			Version: "2026-11-23", Scope: "auth,balance",
			Sees: []string{
				"The names and numbers of the accounts you choose",
				"Their balances: what is available and what is in the ledger",
				"New balances whenever you or {business} refresh them",
			},
			SeesNot: []string{
				"No payments: no money can be moved",
				"No password: you type it at your bank's window, and it is not stored here",
			},
			HowLong: []string{
				"Until you say stop, on your own page or by telling {business}: for one account, for a bank, or for everything. Nothing new is read from then on.",
				"After a year, or half a year in which nobody looked at your balances, we ask you again before anything new is read.",
			},
			Question: "I agree that {business} reads the names, numbers and balances of the accounts I choose.",
		},
		{
			Version: "2026-11-23.fr", Scope: "auth,balance",
			Sees: []string{
				"Les noms et les numéros des comptes que vous choisissez",
				"Leurs soldes\u202f: le solde disponible et le solde comptable",
				"Les nouveaux soldes chaque fois que vous ou {business} les actualisez",
			},
			SeesNot: []string{
				"Aucun paiement\u202f: aucun argent ne peut être déplacé",
				"Aucun mot de passe\u202f: vous le saisissez dans la fenêtre de votre banque, et il n’est pas conservé ici",
			},
			HowLong: []string{
				"Jusqu’à ce que vous y mettiez fin, sur votre page ou en le disant à {business}\u202f: pour un compte, pour une banque ou pour tout. Dès lors, plus rien de nouveau n’est lu.",
				"Au bout d’un an, ou de six mois pendant lesquels personne n’a regardé vos soldes, nous vous demandons à nouveau votre accord avant de lire quoi que ce soit de nouveau.",
			},
			Question: "J’accepte que {business} lise les noms, les numéros et les soldes des comptes que je choisis.",
		},
		{
			Version: "2026-11-28", Scope: "auth,balance,transactions",
			Sees: []string{
				"The names and numbers of the accounts you choose",
				"Their balances: what is available and what is in the ledger",
				"Their payments, to work out what is available where your bank does not say it: they are read for that, and not stored",
				"New balances whenever you or {business} refresh them",
			},
			SeesNot: []string{
				"No payments can be made: no money can be moved",
				"No password: you type it at your bank's window, and it is not stored here",
			},
			HowLong: []string{
				"Until you say stop, on your own page or by telling {business}: for one account, for a bank, or for everything. Nothing new is read from then on.",
				"After a year, or half a year in which nobody looked at your balances, we ask you again before anything new is read.",
			},
			Question: "I agree that {business} reads the names, numbers, balances and payments of the accounts I choose.",
		},
		{
			Version: "2026-11-28.fr", Scope: "auth,balance,transactions",
			Sees: []string{
				"Les noms et les numéros des comptes que vous choisissez",
				"Leurs soldes\u202f: le solde disponible et le solde comptable",
				"Leurs opérations, pour calculer ce qui est disponible quand votre banque ne le dit pas\u202f: elles sont lues pour cela, et ne sont pas conservées",
				"Les nouveaux soldes chaque fois que vous ou {business} les actualisez",
			},
			SeesNot: []string{
				"Aucun paiement ne peut être fait\u202f: aucun argent ne peut être déplacé",
				"Aucun mot de passe\u202f: vous le saisissez dans la fenêtre de votre banque, et il n’est pas conservé ici",
			},
			HowLong: []string{
				"Jusqu’à ce que vous y mettiez fin, sur votre page ou en le disant à {business}\u202f: pour un compte, pour une banque ou pour tout. Dès lors, plus rien de nouveau n’est lu.",
				"Au bout d’un an, ou de six mois pendant lesquels personne n’a regardé vos soldes, nous vous demandons à nouveau votre accord avant de lire quoi que ce soit de nouveau.",
			},
			Question: "J’accepte que {business} lise les noms, les numéros, les soldes et les opérations des comptes que je choisis.",
		},
	}
	mono := monoTexts(again, againFrench)
	ending := []ConsentText{
		texts[1].ending("2026-11-29", again), texts[2].ending("2026-11-29.fr", againFrench),
		texts[3].ending("2026-11-30", again), texts[4].ending("2026-11-30.fr", againFrench),
	}
	texts = append(append(texts, mono...), ending...)
	return append(texts,
		ending[0].explained(currentConsent), ending[1].explainedFR(currentConsent),
		ending[2].explained(consentToMore), ending[3].explainedFR(consentToMore),
		mono[0].explained(consentToMono), mono[1].explainedFR(consentToMono))
}

// explained is a later version of a text, which says who asks and what for, too, and for
// how long balances are kept.
func (t ConsentText) explained(version string) ConsentText {
	t.Version = version
	t.Why = []string{
		"{business} uses this {purpose}.",
		"Address of {business}: {address}.",
		"Licence of {business}: {licence}.",
		"Questions? Call {business} on {phone}.",
	}
	t.Purpose = "to decide about what you ask for, such as a loan, and to see later how things are going"
	const erased = "until your data is erased. You can ask for that at any time."
	t.HowLong = append(t.HowLong[:len(t.HowLong):len(t.HowLong)],
		"{business} deletes each balance after about {kept}. It keeps the last balance of each account, and those by which it answered a question about you, "+erased)
	t.ForGood = "{business} keeps your balances " + erased
	return t
}

// explainedFR is as explained.
func (t ConsentText) explainedFR(version string) ConsentText {
	t.Version = version + ".fr"
	t.Why = []string{
		"{business} s’en sert {purpose}.",
		"Adresse de {business}\u202f: {address}.",
		"Agrément de {business}\u202f: {licence}.",
		"Des questions\u202f? Appelez {business} au {phone}.",
	}
	t.Purpose = "pour décider de ce que vous demandez, par exemple un prêt, et pour voir plus tard où en sont les choses"
	const erased = "jusqu’à ce que vos données soient effacées. Vous pouvez le demander à tout moment."
	t.HowLong = append(t.HowLong[:len(t.HowLong):len(t.HowLong)],
		"{business} supprime chaque solde au bout d’environ {kept}. Le dernier solde de chaque compte, et ceux qui ont servi à répondre à une question sur vous, sont conservés "+erased)
	t.ForGood = "{business} conserve vos soldes " + erased
	return t
}

// monoTexts are the versions for those who link their banks through Mono, which gives
// one figure and does not say what it is.
func monoTexts(again, againFrench string) []ConsentText {
	return []ConsentText{
		{
			Version: "2026-12-01", Scope: "auth,balance", Provider: "mono",
			Sees: []string{
				"The name and number of the account you choose",
				"Its balance, as your bank gives it to Mono",
				"A new balance whenever you or {business} refresh it",
			},
			Sends: []string{
				"Your name and your e-mail address go to Mono (mono.co), the company that reaches your bank for {business}",
				"Your bank gives Mono what you agree to there; Mono has rules of its own for it",
			},
			SeesNot: []string{
				"No payments: no money can be moved",
				"No password: you type it on Mono's page, and it is not stored here",
			},
			HowLong: []string{
				"Until you say stop, on your own page or by telling {business}: for one account, for a bank, or for everything. Nothing new is read from then on, and Mono is told to forget the account.",
				again,
			},
			Question: "I agree that {business} reads the name, number and balance of the account I choose, through Mono, and gives Mono my name and e-mail address for that.",
		},
		{
			Version: "2026-12-01.fr", Scope: "auth,balance", Provider: "mono",
			Sees: []string{
				"Le nom et le numéro du compte que vous choisissez",
				"Son solde, tel que votre banque le donne à Mono",
				"Un nouveau solde chaque fois que vous ou {business} l’actualisez",
			},
			Sends: []string{
				"Votre nom et votre adresse e-mail sont transmis à Mono (mono.co), la société qui joint votre banque pour {business}",
				"Votre banque donne à Mono ce que vous y acceptez\u202f; Mono a ses propres règles pour cela",
			},
			SeesNot: []string{
				"Aucun paiement\u202f: aucun argent ne peut être déplacé",
				"Aucun mot de passe\u202f: vous le saisissez sur la page de Mono, et il n’est pas conservé ici",
			},
			HowLong: []string{
				"Jusqu’à ce que vous y mettiez fin, sur votre page ou en le disant à {business}\u202f: pour un compte, pour une banque ou pour tout. Dès lors, plus rien de nouveau n’est lu, et il est demandé à Mono d’oublier le compte.",
				againFrench,
			},
			Question: "J’accepte que {business} lise le nom, le numéro et le solde du compte que je choisis, par l’intermédiaire de Mono, et transmette à Mono mon nom et mon adresse e-mail pour cela.",
		},
	}
}

// ending is a later version of a text, which says in other words when it ends.
func (t ConsentText) ending(version, again string) ConsentText {
	t.Version, t.HowLong = version, []string{t.HowLong[0], again}
	return t
}

// ConsentTerms are what a text leaves to the business that asks: what is kept with each
// consent, so that it can be shown as it was.
type ConsentTerms struct {
	ValidFor  time.Duration // after it was given
	UnusedFor time.Duration // without a look at the balances
	KeptFor   time.Duration // each balance; 0: for good
	Purpose   string        // the end of "they use this …", in the language of the text; empty: the text's own
	Address   string        // these of the business; empty: not said
	Licence   string
	Phone     string // as people read it
}

// values are what stands in the braces of a text.
func (t ConsentTerms) values(ctx context.Context, business, purpose string) map[string]string {
	v := map[string]string{
		"{business}": business, "{valid}": spanWords(ctx, t.ValidFor), "{unused}": spanWords(ctx, t.UnusedFor),
		"{purpose}": cmp.Or(t.Purpose, purpose), "{address}": t.Address, "{licence}": t.Licence, "{phone}": t.Phone,
	}
	if t.KeptFor > 0 {
		v["{kept}"] = spanWords(ctx, t.KeptFor)
	}
	return v
}

// CurrentConsent is the text that customers are asked to agree to now who link through
// Okra, in English; with transactions: where they are asked for these too.
func CurrentConsent(transactions bool) ConsentText {
	t, _ := ConsentByVersion(ConsentVersion("okra", transactions))
	return t
}

// ConsentVersion is the version of the text that customers are asked to agree to now
// who link through a provider, without its language.
func ConsentVersion(provider string, transactions bool) string {
	switch {
	case provider == "mono":
		return consentToMono
	case transactions:
		return consentToMore
	}
	return currentConsent
}

// ConsentIn is a version of the text in the reader's language, or in English where
// there is none in it.
func ConsentIn(ctx context.Context, version string) ConsentText {
	if t, ok := ConsentByVersion(version + "." + locale.Language(ctx)); ok {
		return t
	}
	t, _ := ConsentByVersion(version)
	return t
}

// ConsentLanguages are a version of the text in every language.
func ConsentLanguages(version string) (all []ConsentText) {
	for _, t := range consentTexts() {
		if base, _, _ := strings.Cut(t.Version, "."); base == version {
			all = append(all, t)
		}
	}
	return all
}

// Language is the code of the language of a text.
func (t ConsentText) Language() string {
	if _, code, ok := strings.Cut(t.Version, "."); ok {
		return code
	}
	return locale.English
}

// in is the context in which what belongs to a text is said: in its language,
// which may not be the reader's.
func (t ConsentText) in(ctx context.Context) context.Context { return locale.In(ctx, t.Language()) }

// ConsentByVersion returns a text that was shown once.
func ConsentByVersion(version string) (ConsentText, bool) {
	for _, t := range consentTexts() {
		if t.Version == version {
			return t, true
		}
	}
	return ConsentText{}, false
}

// inBraces is what [ConsentText.For] fills in.
var inBraces = regexp.MustCompile(`\{[a-z]+\}`)

// For is the text with the name of who asks, and on their terms.
func (t ConsentText) For(business string, terms ConsentTerms) ConsentText {
	values := terms.values(t.in(context.Background()), business, t.Purpose)
	filled := func(sentences ...string) (all []string) {
		for _, s := range sentences {
			known := true
			s = inBraces.ReplaceAllStringFunc(s, func(name string) string {
				known = known && values[name] != ""
				return values[name]
			})
			if known {
				all = append(all, s)
			}
		}
		return all
	}
	if terms.KeptFor == 0 && t.ForGood != "" {
		t.HowLong = append(t.HowLong[:len(t.HowLong):len(t.HowLong)], t.ForGood)
	}
	t.Why, t.Sees, t.Sends = filled(t.Why...), filled(t.Sees...), filled(t.Sends...)
	t.SeesNot, t.HowLong = filled(t.SeesNot...), filled(t.HowLong...)
	t.Question = strings.Join(filled(t.Question), "")
	return t
}

// ConsentRow is a consent that a customer gave.
type ConsentRow struct {
	GivenAt     time.Time
	WithdrawnAt time.Time // zero: it was not
	Version     string
	Scope       string
	Business    string // who asked, as the text named them
	Terms       ConsentTerms
	Reference   string
	URL         string // the text as it was shown; empty: it is not kept
	FileURL     string // the same as a file
}

// File is the consent as plain text, word for word as it was shown.
func (r ConsentRow) File(c Clock) string {
	t, ok := ConsentByVersion(r.Version)
	if !ok {
		return ""
	}
	t = t.For(r.Business, r.Terms)
	ctx := t.in(context.Background())
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", consentHeading(ctx, r.Business))
	for _, part := range []struct {
		heading   string
		sentences []string
	}{
		{whyHeading(ctx), t.Why}, {seesHeading(ctx, r.Business), t.Sees}, {sendsHeading(ctx), t.Sends},
		{seesNotHeading(ctx), t.SeesNot}, {howLongHeading(ctx), t.HowLong},
	} {
		if len(part.sentences) == 0 {
			continue
		}
		fmt.Fprintf(&b, "%s\n", part.heading)
		for _, s := range part.sentences {
			fmt.Fprintf(&b, "- %s\n", s)
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "[x] %s\n\n", t.Question)
	fmt.Fprintln(&b, say(ctx, "Given: %s", c.exact(ctx, r.GivenAt)))
	if !r.WithdrawnAt.IsZero() {
		fmt.Fprintln(&b, say(ctx, "Withdrawn: %s", c.exact(ctx, r.WithdrawnAt)))
	}
	fmt.Fprintln(&b, say(ctx, "It covers: %s", scopeWords(ctx, r.Scope)+" ("+r.Scope+")"))
	fmt.Fprintln(&b, say(ctx, "Text: version %s", r.Version))
	fmt.Fprintln(&b, say(ctx, "Reference: %s", r.Reference))
	return b.String()
}

// spanWords is how long something holds: in years, days or hours.
func spanWords(ctx context.Context, d time.Duration) string {
	const day, year = 24 * time.Hour, 365 * 24 * time.Hour
	switch {
	case d >= year && d%year == 0:
		return say(ctx, "%d years", int(d/year))
	case d%day == 0:
		return say(ctx, "%d days", int(d/day))
	}
	return say(ctx, "%d hours", int(d/time.Hour))
}

func consentHeading(ctx context.Context, business string) string {
	return say(ctx, "%s asks to see your bank balance", business)
}

func whyHeading(ctx context.Context) string { return say(ctx, "Who asks, and why") }

func seesHeading(ctx context.Context, business string) string {
	return say(ctx, "What %s will see", business)
}

func sendsHeading(ctx context.Context) string { return say(ctx, "What leaves to others") }

func seesNotHeading(ctx context.Context) string { return say(ctx, "What it will not") }

func howLongHeading(ctx context.Context) string { return say(ctx, "For how long, and how to stop") }

// Consents is what a customer agreed to.
type Consents struct {
	Frame
	Rows        []ConsentRow // newest first
	Ended       Ended
	WithdrawURL string // GET; empty: nothing to withdraw
	ExportURL   string // POST; empty: who came by a personal link has to sign in for that
	Before      bool   // they came by a link, and had agreed before
}

// ConsentPage is one consent's text: as it was shown, or to be given now.
type ConsentPage struct {
	Frame
	Text     ConsentText // of this business
	Row      ConsentRow  // zero: not given yet
	Action   string      // POST: gives it; empty: it is only read
	Email    *EmailAsked // non-nil: with their e-mail address
	Error    string      // it was not ticked
	Ticked   bool
	Back     string
	Customer string // staff only: whose it is
}

// EmailAsked is the question for an e-mail address without which a provider does
// nothing.
type EmailAsked struct {
	Provider string // as it calls itself
	Typed    string
	Error    string
}

// Ended is the notice that a consent has ended: nothing is asked until it is given again.
type Ended struct {
	Sentence string // empty: it has not
	URL      string // where it is given again; empty: not by this viewer
	// the zero one: nothing was withdrawn, or something else is agreed to
	Withdrawn Withdrawn
}

// withdrawn says that the notice is of a consent that was withdrawn.
func (e Ended) withdrawn() bool { return e.Withdrawn != (Withdrawn{}) }

// scopeWords says what a consent covers, in the customer's words.
func scopeWords(ctx context.Context, scope string) string {
	switch scope {
	case "auth,balance":
		return say(ctx, "account details and balances")
	case "auth,balance,transactions":
		return say(ctx, "account details, balances and payments")
	}
	return scope
}

// ConsentEnded is the notice that a consent has ended by itself.
func ConsentEnded(ctx context.Context, forStaff bool) string {
	if forStaff {
		return say(ctx, "The customer's consent has ended: it was given too long ago, or not used for too long. Their bank is not asked until they give it again. Send them a personal link.")
	}
	return say(ctx, "Your consent has ended. You gave it a long time ago, or nobody looked at your balances for a long time. We don't ask your bank until you agree again. The last balances stay.")
}

// ConsentEnds is the notice that a consent ends soon by itself, on that day.
func ConsentEnds(ctx context.Context, day string, forStaff bool) string {
	if forStaff {
		return say(ctx, "The customer's consent ends on %s. To go on asking the bank, send them a personal link before then, with which they give it again.", day)
	}
	return say(
		ctx, "Your consent ends on %s. After that we don't ask your bank any more, unless you agree again.", day,
	)
}

// Withdrawn is that a customer's consent is withdrawn, and none other given. The zero one:
// it is not.
type Withdrawn struct {
	On       string // the day
	By       string // "customer", "link" (somebody with a personal link), "staff"; empty: not known
	Staff    string // who of the staff; empty: nobody knows, or none
	ForStaff bool
}

// Sentence is the notice of it.
func (w Withdrawn) Sentence(ctx context.Context, business string) string {
	if w.ForStaff {
		return w.toStaff(ctx) + " " + say(
			ctx, "No bank is asked, and what was read before is a record. Send no new link unless they ask for one.",
		)
	}
	return w.toCustomer(ctx, business) + " " + say(
		ctx, "No bank is asked any more. What was read before is kept as a record; to have it erased, ask %s.", business,
	)
}

func (w Withdrawn) toStaff(ctx context.Context) string {
	switch {
	case w.By == "customer":
		return say(ctx, "The customer withdrew their consent on %s.", w.On)
	case w.By == "link":
		return say(ctx, "Somebody with the customer's personal link withdrew the consent on %s.", w.On)
	case w.By == "staff" && w.Staff != "":
		return say(ctx, "%s withdrew the consent for the customer on %s.", w.Staff, w.On)
	}
	return say(ctx, "The customer's consent was withdrawn on %s.", w.On)
}

func (w Withdrawn) toCustomer(ctx context.Context, business string) string {
	switch w.By {
	case "customer", "link":
		return say(ctx, "You withdrew your consent on %s.", w.On)
	case "staff":
		return say(ctx, "%s withdrew your consent for you on %s.", business, w.On)
	}
	return say(ctx, "Your consent was withdrawn on %s.", w.On)
}

func (p ConsentPage) askedBy() string {
	if p.Row.Business != "" {
		return p.Row.Business
	}
	return p.Business
}
