package views

// Every sentence about refreshes, balances, sources and attempts stands here;
// the short words for states stand in labels.go.

import (
	"cmp"
	"context"
	"strings"
	"time"
)

// eventMeaning explains a webhook's result to staff who see it for the first time.
func eventMeaning(ctx context.Context, result string) string {
	switch result {
	case "received":
		return say(ctx, "It is stored and will be applied in a moment.")
	case "applied":
		return say(ctx, "It was processed.")
	case "duplicate":
		return say(ctx, "The same event came before. It changed nothing.")
	case "unmatched":
		return say(ctx, "It belongs to no account we know yet. It is kept, and applied as soon as we do.")
	case "ignored":
		return say(ctx, "It changed nothing.")
	case "failed":
		return say(ctx, "It could not be applied. It is kept: fix the cause, then replay it.")
	case "rejected":
		return say(ctx, "These were turned away. They are counted, and what they carried is not kept.")
	}
	return ""
}

// rejectionWords says why a delivery was turned away.
func rejectionWords(ctx context.Context, code string) string {
	switch code {
	case "unauthorized":
		return say(ctx, "Wrong or missing token")
	case "too_many":
		return say(ctx, "Wrong tokens again and again")
	case "over_quota":
		return say(ctx, "Too much that belongs to nobody; the provider was told to try again later")
	case "unsupported_type":
		return say(ctx, "Not JSON by its Content-Type")
	case "unsupported_encoding":
		return say(ctx, "Compressed")
	case "too_large":
		return say(ctx, "Too large")
	case "bad_json":
		return say(ctx, "Not valid JSON")
	case "unreadable":
		return say(ctx, "Broke off while being sent")
	case "not_stored":
		return say(ctx, "Could not be stored; the provider was told to try again")
	}
	return code
}

// triggerWords says who asked a bank.
func triggerWords(ctx context.Context, trigger string, forStaff bool) string {
	switch trigger {
	case "staff":
		if !forStaff {
			return say(ctx, "our staff")
		}
		return say(ctx, "staff")
	case "customer":
		if !forStaff {
			return say(ctx, "you")
		}
		return say(ctx, "the customer")
	case "schedule":
		if !forStaff {
			return say(ctx, "by itself")
		}
		return say(ctx, "the schedule")
	case "link":
		return say(ctx, "linking")
	}
	return say(ctx, "unknown")
}

func kindWords(ctx context.Context, kind string) string {
	if kind == "check" {
		return say(ctx, "Check")
	}
	return say(ctx, "Refresh")
}

// sourceWords says how a balance came. Customers read no words of the trade.
func sourceWords(ctx context.Context, source string, forStaff bool) string {
	switch source {
	case "link":
		return say(ctx, "when the account was linked")
	case "webhook":
		if !forStaff {
			return say(ctx, "reported by the bank")
		}
		return say(ctx, "reported by the provider (webhook)")
	case "refresh":
		return say(ctx, "from a refresh")
	case "schedule":
		if !forStaff {
			return say(ctx, "updated by itself")
		}
		return say(ctx, "from a scheduled refresh")
	}
	return say(ctx, "source not recorded")
}

// waitingWords says how many requests wait for a call to the provider.
func waitingWords(ctx context.Context, p Provider) string {
	switch {
	case p.Refreshes == 0 && p.Links == 0:
		return say(ctx, "none")
	case p.Links == 0:
		return say(ctx, "%d requests", p.Refreshes)
	case p.Refreshes == 0:
		return say(ctx, "%d links being confirmed", p.Links)
	}
	return say(ctx, "%s and %s", say(ctx, "%d requests", p.Refreshes), say(ctx, "%d links being confirmed", p.Links))
}

// pauseWords says why the provider is not called before the next try.
func pauseWords(ctx context.Context, kind string) string {
	switch kind {
	case "unreachable":
		return say(ctx, "It cannot be reached.")
	case "untrusted":
		return say(ctx, "We reached the wrong server.")
	case "refused":
		return say(ctx, "It refuses our key, plan or wallet.")
	case "rate limited":
		return say(ctx, "It limits our calls.")
	}
	return say(ctx, "The calls of this minute are used up.")
}

// noRefreshes is the heading and the sentence of a filter that finds none.
func noRefreshes(ctx context.Context, filter string) (heading, sentence string) {
	if filter == "running" {
		return say(ctx, "None is running"), say(ctx, "No bank is being asked at this moment.")
	}
	return say(ctx, "None has failed"), say(ctx, "Every request so far got the bank's answer, or is on its way.")
}

// differenceSentence explains why available and ledger are not the same.
func differenceSentence(ctx context.Context, a Account) string {
	switch {
	case !a.Difference.Known:
		return ""
	case a.Difference.Minor > 0:
		return say(ctx, "%s is held or pending: it is in the ledger but cannot be spent yet.", absolute(ctx, a.Difference))
	case a.Difference.Minor < 0:
		return say(ctx, "%s more than the ledger can be spent: an agreed overdraft, or money on its way in.", absolute(ctx, a.Difference))
	}
	return say(ctx, "Nothing is held or pending.")
}

// bank is the account's bank at the start of a sentence.
func (a Account) bank(ctx context.Context) string { return cmp.Or(a.BankName, say(ctx, "The bank")) }

// asking is the bank in the middle of a sentence.
func (a Account) asking(ctx context.Context) string { return cmp.Or(a.BankName, say(ctx, "the bank")) }

// runningSentence says what is going on without the elapsed time, so that it
// stays the same while the request runs.
func runningSentence(ctx context.Context, a Account) string {
	r := a.Refresh
	if r.Held && r.State == "queued" {
		return say(ctx, "Waiting for a turn to ask %s…", a.asking(ctx))
	}
	if r.Kind == "check" {
		return say(ctx, "Asking %s whether the balance has changed…", a.asking(ctx))
	}
	return say(ctx, "Asking %s…", a.asking(ctx))
}

// patience is the second half of what stands beside a running request.
func patience(ctx context.Context, c Clock, r Refresh) string {
	if r.Held && r.NextTry.After(c.Now) {
		return say(ctx, "Many are asking: it waits for its turn, next try at %s. You may leave this page.", c.local(r.NextTry).Format("15:04:05"))
	}
	if r.Kind == "check" {
		return say(ctx, "started %s ago. You may leave this page.", c.since(ctx, r.StartedAt))
	}
	return say(ctx, "usually takes 1–2 minutes, started %s ago. You may leave this page.", c.since(ctx, r.StartedAt))
}

// outcomeSentence says how a finished request ended and what to do now.
func outcomeSentence(ctx context.Context, c Clock, a Account) string {
	r := a.Refresh
	switch r.State {
	case "changed":
		return changedSentence(ctx, a)
	case "unchanged":
		return unchangedSentence(ctx, a)
	case "needs_login":
		return needsLoginSentence(ctx, a)
	case "limited":
		return limitedSentence(ctx, c, a)
	case "failed":
		return failedSentence(ctx, c, a)
	case "timed_out":
		return say(ctx, "We waited for %s and gave up. The old balance stays; if a late answer comes, we will take it.", a.asking(ctx))
	case "interrupted":
		return say(ctx, "This was interrupted before %s answered. The old balance stays. Please refresh again.", a.asking(ctx))
	}
	return ""
}

// failedSentence says what kept the bank from answering, when to try again, and
// what to quote.
func failedSentence(ctx context.Context, c Clock, a Account) string {
	said := []string{faultSentence(ctx, a)}
	if r := a.Refresh; r.TryAgain.After(c.Now) && pauses(r.Fault) {
		said = append(said, say(ctx, "You can try again at %s.", c.local(r.TryAgain).Format("15:04")))
	}
	if ref := a.Refresh.Reference; ref != "" {
		said = append(said, say(ctx, "If it keeps happening, quote %s.", ref))
	}
	return strings.Join(said, " ")
}

// pauses says whether a fault is one after which it helps to wait.
func pauses(fault string) bool {
	switch fault {
	case "bad_answer", "refused", "no_record", "bad_request", "busy", "fetch_failed", "mismatch":
		return false
	}
	return true
}

// faultSentence says what kept the bank from answering.
func faultSentence(ctx context.Context, a Account) string {
	switch a.Refresh.Fault {
	case "unreachable":
		return say(ctx, "The bank link service can't be reached. The last balance stays.")
	case "untrusted":
		return say(ctx, "Refreshing is paused for your safety: the answer did not come from where it should. The last balance stays.")
	case "bad_answer":
		return say(ctx, "We got an unreadable answer. The old balance stays.")
	case "refused":
		return say(ctx, "Refreshing is off for now. The last balance stays. Only we can fix this; you don't need to do anything.")
	case "no_record", "bad_request":
		return say(ctx, "We can't refresh this account. The last balance stays; quote the reference and we will look into it.")
	case "busy":
		return say(ctx, "%s is busy. The old balance stays. Please try again in a few minutes.", a.bank(ctx))
	case "fetch_failed":
		return say(ctx, "%s did not give the balance. The old balance stays. Please try again later.", a.bank(ctx))
	case "mismatch":
		return say(ctx, "We could not confirm that the answer is about this account. The old balance stays.")
	}
	return say(ctx, "The balance could not be fetched. The old balance stays.")
}

// changedSentence says by how much which figure has changed. Each is a sentence
// of its own: other languages bend the words.
func changedSentence(ctx context.Context, a Account) string {
	r := a.Refresh
	if r.Kind == "check" {
		return say(ctx, "%s says the balance has changed. Refresh to see the new figure.", a.bank(ctx))
	}
	if !r.Change.Known || r.Change.Minor == 0 {
		return say(ctx, "%s gave a new balance.", a.bank(ctx))
	}
	by, up := absolute(ctx, r.Change), r.Change.Minor > 0
	switch {
	case r.ChangeIn == "available" && up:
		return say(ctx, "New from %s: the available balance is up by %s.", a.asking(ctx), by)
	case r.ChangeIn == "available":
		return say(ctx, "New from %s: the available balance is down by %s.", a.asking(ctx), by)
	case r.ChangeIn == "ledger" && up:
		return say(ctx, "New from %s: the ledger balance is up by %s.", a.asking(ctx), by)
	case r.ChangeIn == "ledger":
		return say(ctx, "New from %s: the ledger balance is down by %s.", a.asking(ctx), by)
	case up:
		return say(ctx, "New from %s: the balance is up by %s.", a.asking(ctx), by)
	}
	return say(ctx, "New from %s: the balance is down by %s.", a.asking(ctx), by)
}

func unchangedSentence(ctx context.Context, a Account) string {
	if a.Refresh.Kind == "check" && a.Refresh.Changed {
		return changedSentence(ctx, a)
	}
	if a.Refresh.Kind == "check" {
		return say(ctx, "%s says the balance has not changed.", a.bank(ctx))
	}
	if a.Refresh.Changed {
		return say(ctx, "%s says the balance has changed, but does not give the new figure yet. What you see is still the one from before.", a.bank(ctx))
	}
	return say(ctx, "%s answered: the balance has not changed.", a.bank(ctx))
}

func needsLoginSentence(ctx context.Context, a Account) string {
	if a.ForStaff {
		return say(ctx, "%s wants the customer to sign in again. The old balance stays until then. Send a personal link.", a.bank(ctx))
	}
	return say(ctx, "%s wants you to sign in again. The old balance stays until then.", a.bank(ctx))
}

func limitedSentence(ctx context.Context, c Clock, a Account) string {
	if a.Refresh.TryAgain.IsZero() {
		return say(ctx, "Too many requests to %s for now. The old balance stays. Please try again later.", a.asking(ctx))
	}
	return say(ctx, "Too many requests to %s for now. The old balance stays. Please try again after %s.", a.asking(ctx), c.short(ctx, a.Refresh.TryAgain))
}

// announcement is what a screen reader hears when the card is swapped: what is
// running, or what has just ended. It holds no running time, so that the same
// state is heard once.
func announcement(ctx context.Context, c Clock, a Account) string {
	r := a.Refresh
	if r == nil {
		return ""
	}
	said := ""
	if r.Running {
		said = runningSentence(ctx, a)
	} else if c.Now.Sub(r.EndedAt).Minutes() < 1 {
		said = outcomeSentence(ctx, c, a)
	}
	if said == "" {
		return ""
	}
	return say(ctx, "%s: %s", a.spoken(ctx), said)
}

// spoken names the account for the ear: only the number's last digits.
func (a Account) spoken(ctx context.Context) string {
	name := cmp.Or(a.Name, a.BankName, say(ctx, "Account"))
	if len(a.NUBAN) < 4 || a.NUBAN == Unreadable {
		return name
	}
	return say(ctx, "%s ending %s", name, a.NUBAN[len(a.NUBAN)-4:])
}

// unknownCount says how many accounts a total leaves out.
func unknownCount(ctx context.Context, t Total) string {
	switch {
	case t.Unknown == 0:
		return ""
	case !t.Money.Known:
		return say(ctx, "%d accounts without a figure", t.Unknown)
	}
	return say(ctx, "+ %d accounts without a figure", t.Unknown)
}

// loginWanted stands on the card of an account whose bank wants a new sign-in.
func loginWanted(ctx context.Context, a Account) string {
	if a.ReconnectURL == "" {
		return say(ctx, "%s wants the customer to sign in again. The balance shown stays as it is until then. Make a personal link for them.", a.bank(ctx))
	}
	return say(ctx, "%s wants you to sign in again. The balance shown stays as it is until then.", a.bank(ctx))
}

// attemptHeading is the state of an opening of the bank window, as the customer reads it.
func attemptHeading(ctx context.Context, state string) string {
	switch state {
	case "open":
		return say(ctx, "The bank window")
	case "claimed":
		return say(ctx, "Almost done")
	case "linked":
		return say(ctx, "Your bank is connected")
	case "needs_review":
		return say(ctx, "Your connection is being checked")
	case "refused":
		return say(ctx, "Your bank was not connected")
	case "closed":
		return say(ctx, "You closed the bank window")
	case "expired":
		return say(ctx, "This took too long")
	}
	return say(ctx, "Your bank could not be connected")
}

// ClosedHeading says that no bank window is opened now.
func ClosedHeading(ctx context.Context, why string) string {
	switch why {
	case "off":
		return say(ctx, "Linking is turned off")
	case "unreachable":
		return say(ctx, "Linking is not possible now")
	}
	return say(ctx, "Linking is paused for your safety")
}

// ClosedSentence says why no bank window is opened now, and what to do.
func ClosedSentence(ctx context.Context, why, business string) string {
	switch why {
	case "off":
		return say(ctx, "%s has turned it off for now. Nothing was shared. Ask them when you can try again.", business)
	case "unreachable":
		return say(ctx, "The bank link service does not answer. Nothing was shared. Please try again later.")
	}
	return say(ctx, "We can't safely open your bank right now. Nothing was shared. Your link still works: please try again later.")
}

// heading is the state of an attempt that may be held up for the customer's safety.
func (p Attempt) heading(ctx context.Context) string {
	if p.State == "paused" {
		return ClosedHeading(ctx, p.Closed)
	}
	if p.Paused != "" {
		return say(ctx, "Linking is paused for your safety")
	}
	return attemptHeading(ctx, p.State)
}

// pausedSentence says why a link that the bank agreed to is not confirmed.
func pausedSentence(ctx context.Context, p Attempt) string {
	if p.Paused == "refused" {
		return say(ctx, "Your bank agreed. The bank link service does not let us in at the moment; only %s can fix this. No balance was read, and nothing you did is lost: we try again for a day. You may leave this page.", p.Business)
	}
	return say(ctx, "Your bank agreed. But an answer did not come from where it should, so we did not use it. No balance was read, and nothing you did is lost: we try again for a day. You may leave this page.")
}

// attemptNext says what happened and what the customer can do now.
func attemptNext(ctx context.Context, p Attempt) string {
	switch p.State {
	case "needs_review":
		return say(ctx, "Your bank answered, but %s has to check something first. You don't need to do anything else. We'll show the result here and on your own page.", p.Business)
	case "refused":
		return say(ctx, "%s could not accept this connection. We deleted what your bank sent. Please ask them if you think that this is wrong.", p.Business)
	case "closed":
		return say(ctx, "Nothing was linked. You can open it again whenever you like.")
	case "expired":
		return say(ctx, "The bank window was open for too long without an answer. Nothing was linked.")
	}
	problem := say(ctx, "Something went wrong at the bank.")
	if p.Error != "" {
		problem = Stored(ctx, p.Error)
	}
	return problem + " " + say(ctx, "Nothing was linked.")
}

// silenceSentence warns that the provider has stopped talking to us.
func silenceSentence(ctx context.Context, c Clock, last time.Time) string {
	what := say(ctx, "No webhook has ever come, although accounts are linked.")
	if !last.IsZero() {
		what = say(ctx, "The last webhook came %s.", c.ago(ctx, last))
	}
	return what + " " + say(ctx, "Balances then change only by refreshing. Check the address and the token at the provider.")
}

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

// hiddenSentence says what a personal link does not show.
func hiddenSentence(ctx context.Context, p Me) string {
	if !p.Password {
		return say(ctx, "You see what you have just connected. %d accounts of yours can be seen after signing in, for which you have no password yet. Connect them here again to see them now, and to set one.", p.Hidden)
	}
	return say(ctx, "You see what you have just connected. %d accounts of yours can be seen after signing in, or linked again with a fresh link from %s.", p.Hidden, p.Business)
}

// noPasswordNow says why a password cannot be set.
func noPasswordNow(ctx context.Context, p MePassword) string {
	switch {
	case len(p.SignInBy) == 0 && p.HasEmail:
		return say(ctx, "Your e-mail address is another customer's login, so you can't sign in with it. Ask %s to add a reference for you.", p.Business)
	case len(p.SignInBy) == 0:
		return say(ctx, "%s has neither an e-mail address nor a reference for you to sign in with. Ask them to add one.", p.Business)
	case !p.SetAt.IsZero():
		return say(ctx, "You have a password already: sign in with it. If it is lost, ask %s to remove it.", p.Business)
	case p.Hidden > 0:
		return say(ctx, "A password opens all your accounts, and %d of them were connected before. Connect them here again first: that is how we know that they are yours.", p.Hidden)
	}
	return say(ctx, "Connect your bank first: that is how we know that it is you.")
}

// checkSentence says how far the check of a customer's link is.
func checkSentence(ctx context.Context, business string, k Check) string {
	bank := cmp.Or(k.Bank, say(ctx, "your bank"))
	if k.Refused {
		return say(ctx, "%s could not accept the connection to %s. We deleted what the bank sent.", business, bank)
	}
	return say(ctx, "The connection to %s is being checked by %s. Its balances appear here if they take it.", bank, business)
}

// delaySentence says why a link is not confirmed yet.
func delaySentence(ctx context.Context, p Attempt) string {
	switch p.Delay {
	case "not_yet":
		return say(ctx, "We are waiting for your bank: it is still handing over what you shared. This can take some minutes. You may leave this page: it goes on without you.")
	case "bad_answer":
		return say(ctx, "It takes longer than usual: we got an answer from the bank link service that we cannot read. We keep trying for a day. You may leave this page; nothing of what you did is lost.")
	}
	return say(ctx, "It takes longer than usual: the bank link service does not answer. We keep trying for a day. You may leave this page; nothing of what you did is lost.")
}

// unsharedSentence says of an account that its owner shares it no more.
func unsharedSentence(ctx context.Context, a Account) string {
	if a.ForStaff {
		return say(ctx, "The customer no longer shares this account. Its last balance stays here, and %s is not asked any more.", a.bank(ctx))
	}
	return say(ctx, "You no longer share this account with us. Its last balance stays here. Connect the bank again to share it.")
}
