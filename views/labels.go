package views

// The states of everything in a word or two, with the tone that repeats them.

// tone colours a badge or a notice. Words and an icon always say the same.
type tone string

const (
	good  tone = "good"
	warn  tone = "warn"
	bad   tone = "bad"
	info  tone = "info"
	quiet tone = "quiet"
)

// label is a state in words, with its tone.
type label struct {
	Text string
	Tone tone
}

func freshnessLabel(f Freshness) label {
	switch f {
	case Fresh:
		return label{"Up to date", good}
	case Ageing:
		return label{"Getting old", warn}
	case Stale:
		return label{"Out of date", bad}
	}
	return label{"No balance yet", quiet}
}

func accountLabel(a Account) label {
	switch {
	case a.Unlinked:
		return label{"No longer linked", quiet}
	case a.NeedsLogin:
		return label{"Needs sign-in", warn}
	case a.AsOf.IsZero():
		return freshnessLabel(Never)
	}
	return freshnessLabel(a.Freshness)
}

func customerLabel(status string) label {
	switch status {
	case "linked":
		return label{"Linked", good}
	case "needs_login":
		return label{"Needs sign-in", warn}
	case "needs_review":
		return label{"Needs review", bad}
	case "invited":
		return label{"Invited", info}
	}
	return label{"Not linked", quiet}
}

func invitationLabel(state string) label {
	switch state {
	case "open":
		return label{"Open", info}
	case "used":
		return label{"Used", good}
	case "expired":
		return label{"Expired", quiet}
	case "revoked":
		return label{"Revoked", quiet}
	}
	return label{state, quiet}
}

func attemptLabel(state string) label {
	switch state {
	case "open":
		return label{"Bank window open", info}
	case "claimed":
		return label{"Being confirmed", info}
	case "linked":
		return label{"Linked", good}
	case "needs_review":
		return label{"Needs review", bad}
	case "closed":
		return label{"Closed by the customer", quiet}
	case "failed":
		return label{"Failed", bad}
	case "expired":
		return label{"Expired", quiet}
	}
	return label{state, quiet}
}

func eventLabel(result string) label {
	switch result {
	case "received":
		return label{"Waiting", info}
	case "applied":
		return label{"Applied", good}
	case "duplicate":
		return label{"Duplicate", quiet}
	case "unmatched":
		return label{"Unmatched", warn}
	case "ignored":
		return label{"Ignored", quiet}
	case "failed":
		return label{"Failed", bad}
	}
	return label{result, quiet}
}

func refreshLabel(r Refresh) label {
	switch r.State {
	case "queued":
		return label{"In the queue", info}
	case "asked", "waiting":
		return label{"Asking the bank", info}
	case "changed":
		return label{"Changed", good}
	case "unchanged":
		return label{"Unchanged", good}
	case "needs_login":
		return label{"Needs sign-in", warn}
	case "limited":
		return label{"Limited", warn}
	case "failed":
		return label{"Failed", bad}
	case "timed_out":
		return label{"Gave up", warn}
	case "interrupted":
		return label{"Interrupted", warn}
	}
	return label{r.State, quiet}
}

func envLabel(env string) label {
	switch env {
	case "simulated":
		return label{"Simulated", warn}
	case "production-sandbox":
		return label{"Sandbox", info}
	case "production":
		return label{"Production", good}
	}
	return label{env, quiet}
}
