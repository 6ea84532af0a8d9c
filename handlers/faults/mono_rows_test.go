package faults_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest/fault"
	"balancelink/okra/mono/monosim"
	"balancelink/okra/okrasim"
	"balancelink/store"
)

// monoSays is what the simulated Mono says when it refuses, which is for nobody's eyes.
const monoSays = "Mono said so"

// monoClass is what the faults of one kind lead to at Mono.
type monoClass struct {
	page, confirm            confirming // the page being made, and what comes back from it confirmed
	question, answer, figure ending     // the bank asked, its job looked at, the figure of the job that is done
	forget                   string     // why Mono could not be told to forget the account; empty: it could
	onlyNew                  bool       // of a new link: whose an account is that is linked already, is known
	codeLost                 bool       // Mono takes the code, and its answer cannot be read
	untrue                   bool       // Mono keeps the account of which it says that it does not
}

// monoLeftOut are the faults of which there is no row, each with its reason.
var monoLeftOut = map[string]string{
	"U17": "every balance of Mono's is one figure without an available one",
	"U26": "it is the oddity job-lost",
	"U28": "Mono tells of no change without the figure",
	"U29": "the API says of no figure of when it is; of webhooks there are oddities",
	"U32": "TestWhatMonoAnswersAfterUnlinkingChangesNothing",
}

// monoRow is a fault of all calls. What of it lies in the client that both providers have
// (other certificates, other JSON that is none, other redirects) is met in Okra's rows.
type monoRow struct {
	name string
	hazard
	monoClass
	nuban string // of another account than the usual one
}

func row(name string, h hazard, c monoClass) monoRow {
	return monoRow{name: name, hazard: h, monoClass: c}
}

func notMade(words, cause string) confirming { return confirming{store.AttemptOpen, words, cause} }

func noneCame(cause string) ending {
	return ending{
		state: store.RefreshTimedOut, words: "and gave up. The old balance stays",
		cause: "No answer before the deadline." + cause,
	}
}

func gaveUpOn(cause string) ending {
	return noneCame(" Last: mono: accounts/id" + cause)
}

func lateUnread(at string) ending {
	return endsFailed("bad_answer", cannotRead.words, gaveUpOn(at+": bad answer").cause)
}

var (
	monoDown = monoClass{
		page: notMade("The bank link service does not answer.", "unreachable"), confirm: retried("unreachable"),
		question: down.question, answer: gaveUpOn("/jobs/id: unreachable"),
		forget: "unreachable",
	}
	monoLost = monoClass{
		page: monoDown.page, confirm: monoDown.confirm,
		question: noneCame(" Last: It is not known whether the question arrived."),
		answer:   monoDown.answer,
		forget:   "unreachable",
	}
	monoUntrusted = monoClass{
		page: notMade("Linking is paused for your safety", "untrusted"), confirm: paused("untrusted"),
		question: untrusted.question, answer: untrusted.answer, figure: untrusted.answer,
		forget: "untrusted",
	}
	monoUnreadable = monoClass{
		page: notMade("The bank link service does not answer.", "bad answer"), confirm: retried("bad answer"),
		question: cannotRead, answer: lateUnread("/jobs/id"), figure: lateUnread("/balance"),
		forget: "bad answer",
	}
	monoRefused = monoClass{
		page: notMade("Linking is paused", "refused"), confirm: paused("refused"),
		question: refused.question, answer: refused.answer, figure: refused.answer,
		forget: "refused",
	}
	noRecordAtMono = endsFailed("no_record", badRequest.question.words, "no record")
	monoBad        = monoClass{
		page: confirming{store.AttemptFailed, "made no page", "made no page"}, confirm: noCode,
		question: badRequest.question, answer: badRequest.answer, figure: badRequest.answer, untrue: true,
	}
	monoUnknown = monoClass{
		page: monoBad.page, confirm: noCode,
		question: noRecordAtMono, answer: gaveUpOn("/jobs/id: not yet"), figure: noRecordAtMono, untrue: true,
	}
	monoLimited = monoClass{
		page: notMade("does not answer just now", "rate limited"), confirm: retried("rate limited"),
		question: limited(time.Minute).question, answer: gaveUpOn("/jobs/id: rate limited"),
		figure: noneCame(" Last: The provider is done with the question"), forget: "rate limited",
	}
	monoFails = monoClass{
		page: notMade("does not answer just now", "fetch failed"), confirm: retried("fetch failed"),
		question: endsFailed("fetch_failed", "did not give", "fetch failed"),
		answer:   gaveUpOn("/jobs/id: fetch failed"),
		figure:   endsFailed("fetch_failed", "did not give", "/balance: fetch failed"), forget: "fetch failed",
	}
	linkedAnyway = confirming{state: store.AttemptLinked, words: "Your bank is connected"}
	noCode       = confirming{
		store.AttemptClaimed, "it is still handing over what you shared", "Mono does not take the code",
	}

	// monoBadBody are answers whose calls Mono has carried out.
	monoBadBody = monoClass{
		page: monoUnreadable.page, confirm: noCode,
		question: cannotRead, answer: monoUnreadable.answer, figure: monoUnreadable.figure,
		forget: "bad answer", untrue: true, codeLost: true,
	}
	// monoUnclear are answers about the account alone.
	monoUnclear = monoClass{confirm: retried("bad answer"), figure: monoUnreadable.figure}

	misled  = notMade("does not answer just now", "bad answer")
	silent  = noneCame("")
	noMoney = monoClass{
		confirm: linkedAnyway, figure: endsFailed("bad_answer", cannotRead.words, "The balance cannot be read"),
	}
	notThis = endsFailed("mismatch", "We could not confirm that the answer is about this account", "The answer")
)

// edits changes all objects that have a key.
func edits(key string, edit func(o map[string]any)) hazard {
	return hazard{fault: okrasim.Edits(key, key, edit)}
}

func sets(key string, to any) hazard { return edits(key, func(o map[string]any) { o[key] = to }) }

func leavesOut(key string) hazard { return edits(key, func(o map[string]any) { delete(o, key) }) }

func money(raw string) hazard { return sets("balance", okrasim.Raw(raw)) }

// renamed gives objects that have a key another id.
func renamed(key string) okrasim.Fault {
	return okrasim.Edits(key, key, func(o map[string]any) { o["id"] = otherID })
}

func awkward(all ...monosim.Scenario) hazard { return hazard{awkward: all} }

func monoRows(t *testing.T, m *monoSite) []monoRow {
	t.Helper()
	nobodys := fault.NewAuthority(t).Config(t, "127.0.0.1", time.Hour)
	elsewhere := m.canary.URL + "/v2/accounts"
	nul := replaces("NUL", `"status":"successful"`, "\"status\":\"successful\",\"x\":\"\\u0000\"")
	saysFailed := answers("failed", `{"status":"failed","message":"`+monoSays+`","data":null}`)
	flapping := okrasim.InTurn(
		"flapping", monosim.Refuses(500), monosim.Refuses(429, "Retry-After", "2"), okrasim.Answers("half", 200, "{"),
		okrasim.Fault{},
	)
	rows := []monoRow{
		row("U1 no such name", dials(5*time.Second, "nothing.invalid:80"), monoDown),
		row("U2 connection refused", hazard{refuse: true}, monoDown),
		row("U2 reset before a word", hazard{wire: fault.Resets}, monoLost),
		row("U3 connecting hangs", dials(time.Nanosecond, ""), monoDown),
		row("U4 unknown authority", hazard{secure: true, wire: fault.Shows(nobodys)}, monoUntrusted),
		row("U5 handshake broken off", hazard{secure: true, wire: fault.HangsUp}, monoDown),
		row("U6 no first byte", shortly(fault.Hangs), monoLost),
		row("U7 body drips", shortly(fault.Drips), monoLost),
		row("U8 ends in mid-body", hazard{fault: okrasim.Breaks()}, monoLost),
		row("U9 empty body", answers("empty", ""), monoUnreadable),
		row("U10 web page", hazard{fault: okrasim.WebPage()}, monoUntrusted),
		row("U11 half a document", answers("half", `{"status":"successful",`), monoUnreadable),
		row("U11 NUL", nul, monoBadBody),
		row("U12 array", answers("array", `[{"status":"successful"}]`), monoUnreadable),
		row("U12 null data", answers("null data", `{"status":"successful","data":null}`), monoClass{
			page: notMade("Linking is paused for your safety", "bad answer"), confirm: retried("bad answer"),
			question: silent, answer: silent,
			figure: endsFailed("fetch_failed", "did not give the balance", "The bank gave no balance"), untrue: true,
		}),
		row("U13 says failed", saysFailed, monoFails),
		row("U14 huge", hazard{fault: okrasim.Huge()}, monoUnreadable),
		row("U14 bomb", hazard{fault: okrasim.Bomb()}, monoUnreadable),
		row("U15 1e400", money("1e400"), noMoney),
		row("U15 half a kobo", money("17.5"), noMoney),
		row("U15 null", money("null"), monoClass{
			confirm: linkedAnyway, figure: endsFailed("mismatch", "We could not confirm", "carries no balance"),
		}),
		row("U15 NaN", money("NaN"), monoUnclear),
		row("U16 twice", replaces("twice", `"balance":`, `"balance":1,"balance":`), monoUnclear),
		row("U16 case", replaces("case", `"balance":`, `"BALANCE":1,"balance":`), monoUnclear),
		row("U18 USD", sets("currency", "USD"), monoClass{figure: notThis}),
		row("U18 no currency", leavesOut("currency"), monoClass{
			confirm: confirming{store.AttemptClaimed, "it is still handing over", "Mono does not say the currency yet"},
			figure:  notThis,
		}),
		row("U19 another account", hazard{fault: renamed("account_number")}, monoUnclear),
		row("U19 another job", hazard{fault: renamed("business")}, monoClass{answer: monoUnreadable.answer}),
		row("U19 another ref", sets("ref", "anothersattempt1"), monoClass{
			page: misled, confirm: toReview("made for another link"), onlyNew: true,
		}),
		row("U20 302 elsewhere", redirects(302, elsewhere), monoUntrusted),
		row("U21 400", hazard{fault: monosim.Refuses(400)}, monoBad),
		row("U21 404", hazard{fault: monosim.Refuses(404)}, monoUnknown),
		row("U22 401", hazard{fault: monosim.Refuses(401)}, monoRefused),
		row("U23 402", hazard{fault: monosim.Refuses(402)}, monoRefused),
		row("U24 429", hazard{fault: monosim.Refuses(429)}, monoLimited),
		row("U25 503", hazard{fault: monosim.Refuses(503)}, monoDown),
		row("U27 page elsewhere", sets("mono_url", elsewhere), monoClass{page: monoUntrusted.page}),
		row("U27 no page", leavesOut("mono_url"), monoClass{page: misled}),
		row("U27 a script for a page", sets("mono_url", "javascript:alert(1)"), monoClass{page: misled}),
		row("U30 flapping", hazard{fault: flapping}, monoClass{
			answer: ending{state: store.RefreshChanged, words: "New from Access Bank", moves: true},
		}),
		row("U31 h2", hazard{h2: true, fault: okrasim.Breaks()}, monoLost),
	}
	for sc, c := range map[monosim.Scenario]monoClass{
		monosim.Unpaid: monoRefused, monosim.Forbidden: monoRefused,
		monosim.Limited: monoLimited, monosim.LimitedBare: monoLimited,
		monosim.ServerError: monoDown, monosim.WebPage: monoDown, monosim.SaysFailed: monoFails,
		monosim.HalfJSON: monoUnreadable, monosim.Redirect: monoUntrusted,
	} {
		c.page, c.figure = confirming{}, ending{} // they are about an account
		rows = append(rows, row("of the account: "+string(sc), awkward(sc), c))
	}
	slices.SortFunc(rows, func(a, b monoRow) int { return strings.Compare(a.name, b.name) })
	return rows
}
