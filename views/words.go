package views

// Every sentence about refreshes, balances, sources and attempts stands here;
// the short words for states stand in labels.go.

import (
	"cmp"
	"time"
)

// eventMeaning explains a webhook's result to staff who see it for the first time.
func eventMeaning(result string) string {
	switch result {
	case "received":
		return "It is stored and will be applied in a moment."
	case "applied":
		return "It was understood and has done what it should."
	case "duplicate":
		return "The same event came before. It changed nothing."
	case "unmatched":
		return "It belongs to no account we know yet. It is kept, and applied as soon as we do."
	case "ignored":
		return "It is of a kind that says nothing about a balance. It is kept."
	case "failed":
		return "It could not be applied. It is kept; mend the cause and replay it."
	case "rejected":
		return "These were turned away at the door. They are counted; what they carried is not kept."
	}
	return ""
}

// rejectionWords says why a delivery was turned away.
func rejectionWords(code string) string {
	switch code {
	case "unauthorized":
		return "Wrong or missing token"
	case "too_many":
		return "Wrong tokens again and again"
	case "unsupported_type":
		return "Not JSON by its Content-Type"
	case "unsupported_encoding":
		return "Compressed"
	case "too_large":
		return "Too large"
	case "bad_json":
		return "Not valid JSON"
	case "bad_shape":
		return "JSON, but no event"
	case "unreadable":
		return "Broke off while being sent"
	case "not_stored":
		return "Could not be stored; the provider was told to try again"
	}
	return code
}

func triggerWords(trigger string) string {
	switch trigger {
	case "staff":
		return "staff"
	case "customer":
		return "the customer"
	case "schedule":
		return "the schedule"
	case "link":
		return "linking"
	}
	return "unknown"
}

func kindWords(kind string) string {
	if kind == "check" {
		return "Check"
	}
	return "Refresh"
}

func sourceWords(source string) string {
	switch source {
	case "link":
		return "when the account was linked"
	case "webhook":
		return "reported by the provider (webhook)"
	case "refresh":
		return "from a refresh"
	case "schedule":
		return "from a scheduled refresh"
	}
	return "source not recorded"
}

// differenceSentence explains why available and ledger are not the same.
func differenceSentence(a Account) string {
	switch {
	case !a.Difference.Known:
		return ""
	case a.Difference.Minor > 0:
		return size(a.Difference) + " is held or pending: it is in the ledger but cannot be spent yet."
	case a.Difference.Minor < 0:
		return size(a.Difference) + " more than the ledger can be spent: an agreed overdraft, or money on its way in."
	}
	return "Nothing is held or pending."
}

const (
	availableUnknown = "The bank did not say"
	workedOut        = "Worked out: ledger minus pending transactions, not stated by the bank."
	neverFetched     = "No balance yet."
)

// bank is the account's bank at the start of a sentence.
func (a Account) bank() string { return cmp.Or(a.BankName, "The bank") }

// asking is the bank in the middle of a sentence.
func (a Account) asking() string { return cmp.Or(a.BankName, "the bank") }

// runningSentence says what is going on without the elapsed time, so that it
// stays the same while the request runs.
func runningSentence(a Account) string {
	r := a.Refresh
	if r.Kind == "check" {
		return "Asking " + a.asking() + " whether the balance has changed…"
	}
	return "Asking " + a.asking() + "…"
}

// patience is the second half of what stands beside a running request.
func patience(c Clock, r Refresh) string {
	usually := "usually takes 1–2 minutes, "
	if r.Kind == "check" {
		usually = ""
	}
	return usually + "started " + c.since(r.StartedAt) + " ago. You may leave this page."
}

// outcomeSentence says how a finished request ended and what to do now.
func outcomeSentence(c Clock, a Account) string {
	r := a.Refresh
	switch r.State {
	case "changed":
		return changedSentence(a)
	case "unchanged":
		return unchangedSentence(a)
	case "needs_login":
		return needsLoginSentence(a)
	case "limited":
		return limitedSentence(c, a)
	case "failed":
		return failedSentence(c, a)
	case "timed_out":
		return "We waited for " + a.asking() + " and gave up. The old balance stays; if a late answer comes, we will take it."
	case "interrupted":
		return "This was interrupted before " + a.asking() + " answered. The old balance stays. Please refresh again."
	}
	return ""
}

// failedSentence says what kept the bank from answering, and what to do.
func failedSentence(c Clock, a Account) string {
	again := ""
	if r := a.Refresh; r.TryAgain.After(c.Now) {
		again = " You can try again at " + c.local(r.TryAgain).Format("15:04") + "."
	}
	ref := referenceWords(a.Refresh.Reference)
	switch a.Refresh.Fault {
	case "unreachable":
		return "The bank link service can't be reached. The last balance stays." + again + ref
	case "untrusted":
		return "Refreshing is paused for your safety: the answer did not come from where it should. The last balance stays." + again + ref
	case "bad_answer":
		return "We got an unreadable answer. The old balance stays." + ref
	case "refused":
		return "Refreshing is off for now. The last balance stays; it is for us to mend, not for you." + ref
	case "no_record", "bad_request":
		return "We can't refresh this account. The last balance stays; quote the reference and we will look into it." + ref
	case "busy":
		return a.bank() + " is busy. The old balance stays. Please try again in a few minutes." + ref
	case "fetch_failed":
		return a.bank() + " did not give the balance. The old balance stays. Please try again later." + ref
	case "mismatch":
		return "We could not confirm that the answer is about this account. The old balance stays." + ref
	}
	return "The balance could not be fetched. The old balance stays." + again + ref
}

func changedSentence(a Account) string {
	r := a.Refresh
	if r.Kind == "check" {
		return a.bank() + " says the balance has changed. Refresh to see the new figure."
	}
	figure := "balance"
	if r.ChangeIn != "" {
		figure = r.ChangeIn + " balance"
	}
	switch {
	case !r.Change.Known || r.Change.Minor == 0:
		return a.bank() + " gave a new balance."
	case r.Change.Minor > 0:
		return "New from " + a.asking() + ": the " + figure + " is up by " + size(r.Change) + "."
	}
	return "New from " + a.asking() + ": the " + figure + " is down by " + size(r.Change) + "."
}

func unchangedSentence(a Account) string {
	if a.Refresh.Kind == "check" && a.Refresh.Changed {
		return changedSentence(a)
	}
	if a.Refresh.Kind == "check" {
		return a.bank() + " says the balance has not changed."
	}
	return a.bank() + " answered: the balance has not changed."
}

func needsLoginSentence(a Account) string {
	if a.ForStaff {
		return a.bank() + " wants the customer to sign in again. The old balance stays until then. Send a personal link."
	}
	return a.bank() + " wants you to sign in again. The old balance stays until then."
}

func limitedSentence(c Clock, a Account) string {
	again := "later"
	if !a.Refresh.TryAgain.IsZero() {
		again = "after " + c.short(a.Refresh.TryAgain)
	}
	return "Too many requests to " + a.asking() + " for now. The old balance stays. Please try again " + again + "."
}

func referenceWords(reference string) string {
	if reference == "" {
		return ""
	}
	return " If it keeps happening, quote " + reference + "."
}

// announcement is what a screen reader hears when the card is swapped: what is
// running, or what has just ended. It holds no running time, so that the same
// state is heard once.
func announcement(c Clock, a Account) string {
	r := a.Refresh
	if r == nil {
		return ""
	}
	said := ""
	if r.Running {
		said = runningSentence(a)
	} else if c.Now.Sub(r.EndedAt).Minutes() < 1 {
		said = outcomeSentence(c, a)
	}
	if said == "" {
		return ""
	}
	return a.spoken() + ": " + said
}

// spoken names the account for the ear: only the number's last digits.
func (a Account) spoken() string {
	name := cmp.Or(a.Name, a.BankName, "Account")
	if len(a.NUBAN) < 4 {
		return name
	}
	return name + " ending " + a.NUBAN[len(a.NUBAN)-4:]
}

// unknownCount says how many accounts a total leaves out.
func unknownCount(t Total) string {
	switch {
	case t.Unknown == 0:
		return ""
	case !t.Money.Known:
		return plural(t.Unknown, "account") + " without a figure"
	}
	return "+ " + plural(t.Unknown, "account") + " without a figure"
}

// loginWanted stands on the card of an account whose bank wants a new sign-in.
func loginWanted(a Account) string {
	if a.ReconnectURL == "" {
		return a.bank() + " wants the customer to sign in again. The balance shown stays as it is until then. Make a personal link for them."
	}
	return a.bank() + " wants you to sign in again. The balance shown stays as it is until then."
}

// attemptHeading is the state of an opening of the bank window, as the customer reads it.
func attemptHeading(state string) string {
	switch state {
	case "open":
		return "The bank window"
	case "claimed":
		return "Your bank said yes"
	case "linked":
		return "Your bank is connected"
	case "needs_review":
		return "Someone needs to look at this"
	case "closed":
		return "You closed the bank window"
	case "expired":
		return "This took too long"
	}
	return "Your bank could not be connected"
}

// attemptNext says what happened and what the customer can do now.
func attemptNext(p Attempt) string {
	switch p.State {
	case "needs_review":
		return "Your bank answered, but " + p.Business + " has to check something first. Nothing more to do for you: they will get in touch."
	case "closed":
		return "Nothing was linked. You can open it again whenever you like."
	case "expired":
		return "The bank window was open for too long without an answer. Nothing was linked."
	}
	return cmp.Or(p.Error, "Something went wrong at the bank.") + " Nothing was linked."
}

// silenceSentence warns that the provider has stopped talking to us.
func silenceSentence(c Clock, last time.Time) string {
	what := "No webhook has ever come, although accounts are linked."
	if !last.IsZero() {
		what = "The last webhook came " + c.ago(last) + "."
	}
	return what + " Balances then change only by refreshing. Check the address and the token at the provider."
}

// scopeWords says what a consent covers, in the customer's words.
func scopeWords(scope string) string {
	if scope == "auth,balance" {
		return "account details and balances"
	}
	return scope
}
