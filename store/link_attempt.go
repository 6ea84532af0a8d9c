package store

import (
	"cmp"
	"context"
	"errors"
	"time"

	"balancelink/store/limits"
)

// Attempt is one opening of the bank-linking widget by a customer.
type Attempt struct {
	ID               string
	Nonce            string // echoed by the provider in its webhooks
	CustomerID       string
	InvitationID     string // empty: started from the customer's own page; of a visit always its personal link
	ConsentID        string
	VisitID          string // that began it; empty: the customer did signed in, or staff
	AccountID        string // the account to sign in to again; empty: a new link
	Provider         string
	Env              string
	State            AttemptState
	ProviderRecord   string // claimed by the widget or named by a webhook; not confirmed before State is Linked
	ProviderCustomer string
	Page             string // address of the provider's page for it; empty: there is none, or not yet
	Code             string // that the customer came back with, to be exchanged for the record; empty: there is none
	ClaimedBy        string // "widget", "return", "webhook", "list" or "staff"
	EchoedRecord     string // what a webhook that echoes the nonce named last; empty: none came
	BankName         string
	Step             string // the last that the window told of, in the provider's word; empty: none
	StepAt           time.Time
	Reason           string    // for staff
	Tries            int       // of the confirmation
	Fault            string    // why the last try did not get on, in one word; empty: it did, or there was none
	FaultSince       time.Time // since when each try ended so
	Holder           string    // the bank's name for the holder
	NameMatch        NameMatch
	DecidedBy        string // as in the audit log; empty: nobody had to decide
	Decision         string // the reason they gave
	CreatedAt        time.Time
	ExpiresAt        time.Time
	ReportedAt       time.Time
	EndedAt          time.Time

	claimKept bool // the report that is kept is a claim
}

// Claim is which sign-in an attempt claims at one time. Another may be claimed in its
// place, as by a webhook while the provider is asked about what the browser said: then
// what comes of the first is no answer about the second.
type Claim struct{ Attempt, Record, Code string }

// Claim is what the attempt claims.
func (a Attempt) Claim() Claim { return Claim{a.ID, a.ProviderRecord, a.Code} }

// AttemptState says how far an attempt has come: which state follows which, by
// what is done. A dot is where nothing changes. An attempt that has expired takes
// a claim of a webhook alone.
//
//	              open      claimed        closed    failed    linked   needs_review  refused  other_account
//	success       claimed   .              claimed   claimed   .        .             .        .
//	webhook       claimed   .              claimed   claimed   .        .             .        .
//	close         closed    .              .         .         .        .             .        .
//	error         failed    .              .         .         .        .             .        .
//	FailPage      failed    .              .         .         .        .             .        .
//	FinishLink    .         linked         .         .         .        .             .        .
//	FinishOther   .         other_account  .         .         .        .             .        .
//	EndAttempt    .         needs_review   .         .         .        .             .        .
//	ApproveLink   .         .              .         .         .        linked        .        .
//	RefuseLink    .         .              .         .         .        refused       .        .
//	ReopenLink    .         .              .         .         .        .             claimed  .
//	withdrawing   closed    closed         .         .         .        closed        .        .
//
// A link that was reopened needs review again, whatever FinishLink brings.
// FinishOther is FinishLink with another account than the attempt's personal link is for.
type AttemptState string

// The states of an attempt. An open one past its ExpiresAt has expired.
const (
	AttemptOpen        AttemptState = "open"
	AttemptClaimed     AttemptState = "claimed" // a record is named, the worker confirms it
	AttemptLinked      AttemptState = "linked"
	AttemptNeedsReview AttemptState = "needs_review"
	AttemptClosed      AttemptState = "closed" // the customer closed the window
	AttemptFailed      AttemptState = "failed"
	AttemptRefused     AttemptState = "refused"       // by staff, after review
	AttemptOther       AttemptState = "other_account" // another than the personal link is for
)

const attemptColumns = `id, nonce, customer_id, COALESCE(invitation_id, ''), consent_id, visit_id, account_id, provider, env, state,
	provider_record, provider_customer, page, code, claimed_by, echoed_record, bank_name, step, step_at, reason, tries, fault, fault_since, holder, name_match, decided_by, decision, claim_kept, created_at, expires_at, reported_at, ended_at`

func scanAttempt(row scanner) (a Attempt, err error) {
	err = row.Scan(&a.ID, &a.Nonce, &a.CustomerID, &a.InvitationID, &a.ConsentID, &a.VisitID, &a.AccountID,
		&a.Provider, &a.Env, &a.State,
		&a.ProviderRecord, &a.ProviderCustomer, &a.Page, &a.Code, &a.ClaimedBy, &a.EchoedRecord, &a.BankName, &a.Step,
		timeOf{&a.StepAt}, &a.Reason, &a.Tries, &a.Fault, timeOf{&a.FaultSince},
		&a.Holder, &a.NameMatch, &a.DecidedBy, &a.Decision, &a.claimKept,
		timeOf{&a.CreatedAt}, timeOf{&a.ExpiresAt}, timeOf{&a.ReportedAt}, timeOf{&a.EndedAt})
	return a, err
}

// actor is who began an attempt, as the audit log names them.
func (a Attempt) actor() string { return Scope{CustomerID: a.CustomerID, VisitID: a.VisitID}.Actor() }

// StartAttempt stores a new attempt with a nonce of its own, good until validFor
// has passed. It closes the customer's oldest open one when there would be too
// many, and is [ErrManyClaims] while too many links of theirs wait. By a personal link
// that is for one account, to sign in to another is [ErrNotFound].
func (s *Store) StartAttempt(ctx context.Context, a Attempt, validFor time.Duration) (Attempt, error) {
	err := s.inTx(ctx, func(tx *tx) error {
		a.ID, a.Nonce, a.State = newID(), NewSecret(), AttemptOpen
		a.CreatedAt, a.ExpiresAt = tx.now, tx.now.Add(validFor)
		if id, err := accountOfLink(ctx, tx, a.InvitationID, a.VisitID); err != nil || id != "" && id != a.AccountID {
			return cmp.Or(err, ErrNotFound)
		}
		if err := tx.roomForClaim(ctx, a.CustomerID); err != nil {
			return err
		}
		if err := tx.closeOldest(ctx, a.CustomerID); err != nil {
			return err
		}
		if err := tx.insertAttempt(ctx, a); err != nil {
			return err
		}
		return tx.audit(ctx, Act{Actor: a.actor(), Action: ActWindowOpened, Customer: a.CustomerID, Subject: a.ID})
	})
	return a, err
}

// roomForClaim is [ErrManyClaims] while as many links of a customer are being
// confirmed or wait for staff as may.
func (tx *tx) roomForClaim(ctx context.Context, customerID string) error {
	var waiting int
	err := tx.QueryRowContext(ctx, `
		SELECT COUNT(*)
		FROM link_attempts
		WHERE customer_id = $1 AND state IN ('claimed', 'needs_review')`, customerID).Scan(&waiting)
	if err == nil && waiting >= limits.ClaimsWaiting {
		err = ErrManyClaims
	}
	return err
}

// closeOldest leaves room for one more open attempt of a customer.
func (tx *tx) closeOldest(ctx context.Context, customerID string) error {
	return tx.exec(ctx, `
		UPDATE link_attempts
		SET state = 'closed', ended_at = $2
		WHERE customer_id = $1 AND state = 'open' AND id NOT IN (
			SELECT id
			FROM link_attempts
			WHERE customer_id = $1 AND state = 'open'
			ORDER BY id DESC
			LIMIT $3)`, customerID, unixMS(tx.now), limits.OpenAttempts-1)
}

func (tx *tx) insertAttempt(ctx context.Context, a Attempt) error {
	return tx.exec(ctx, `
		INSERT INTO link_attempts (id, nonce, customer_id, invitation_id, consent_id, visit_id, account_id, provider, env, state,
			provider_record, provider_customer, claimed_by, bank_name, report, reason, tries, created_at, expires_at)
		VALUES ($1, $2, $3, COALESCE($4, (SELECT invitation_id FROM visits WHERE id = $6)), $5, $6, $7, $8, $9, $10, '', '', '', '', '', '', 0, $11, $12)`,
		a.ID, a.Nonce, a.CustomerID, nullable(a.InvitationID), a.ConsentID, a.VisitID, a.AccountID, a.Provider, a.Env,
		a.State,
		unixMS(a.CreatedAt), unixMS(a.ExpiresAt))
}

// MatchRecord lets staff name whose a record is: an attempt that is claimed at
// once, and confirmed with the provider like any other.
func (s *Store) MatchRecord(ctx context.Context, actor string, a Attempt) error {
	return s.inTx(ctx, func(tx *tx) error {
		a.ID, a.Nonce, a.State, a.ClaimedBy = newID(), NewSecret(), AttemptClaimed, "staff"
		a.CreatedAt, a.ExpiresAt = tx.now, tx.now
		if err := tx.insertAttempt(ctx, a); err != nil {
			return err
		}
		if err := tx.saveAttempt(ctx, a); err != nil {
			return err
		}
		return tx.audit(ctx, Act{Actor: actor, Action: ActRecordMatched, Customer: a.CustomerID, Subject: a.ID})
	})
}

// AttemptByNonce returns an attempt within a scope; any other is [ErrNotFound].
func (s *Store) AttemptByNonce(ctx context.Context, scope Scope, nonce string) (Attempt, error) {
	return one(ctx, s.read, scanAttempt, `
		SELECT `+attemptColumns+`
		FROM link_attempts
		WHERE nonce = $4 AND `+reached, scope.args(nonce)...)
}

// AttemptsByCustomer returns the attempts of a customer within a scope, newest first.
func (s *Store) AttemptsByCustomer(ctx context.Context, scope Scope) ([]Attempt, error) {
	return collect(ctx, s.read, scanAttempt, `
		SELECT `+attemptColumns+`
		FROM link_attempts
		WHERE customer_id = $2 AND `+reached+`
		ORDER BY id DESC
		LIMIT 20`, scope.args()...)
}

// Report is what the widget told the customer's browser, or a webhook told us.
type Report struct {
	// AttemptClaimed, AttemptClosed or AttemptFailed; empty: nothing that counts, only a Body to
	// keep
	State            AttemptState
	ProviderRecord   string // with AttemptClaimed
	ProviderCustomer string
	Code             string // in place of ProviderRecord, for which it is to be exchanged
	ClaimedBy        string // "widget" or "return", by the browser; "webhook" or "list", by the provider
	BankName         string
	Body             string // redacted JSON; empty keeps the one there is
	Reason           string
}

// ReportAttempt stores what the widget or a webhook said of an attempt and
// returns the attempt as it then is. A claim counts until the attempt has
// ended as linked, refused, of another account or under review, also after a close (the widget may close
// before its success is told) but from the widget only until the attempt
// expires; a close or an error counts only while it is open. Nothing counts once
// the consent was withdrawn, or while none is in force. What a browser reported
// first is kept, and its first claim in place of anything else: nothing that
// comes later takes the place of that. What record a webhook named is kept too,
// whatever it counts for. A browser's claim beyond those of its customer that
// may wait is [ErrManyClaims], and nothing of it is kept.
func (s *Store) ReportAttempt(ctx context.Context, nonce string, r Report) (Attempt, error) {
	var a Attempt
	err := s.inTx(ctx, func(tx *tx) (err error) {
		if a, err = one(
			ctx, tx, scanAttempt, `SELECT `+attemptColumns+` FROM link_attempts WHERE nonce = $1`, nonce,
		); err != nil {
			return err
		}
		withdrawn, err := tx.withdrawn(ctx, a.ConsentID)
		if err != nil {
			return err
		}
		holds, err := tx.consent.holds(ctx, tx, a.CustomerID, a.Provider, tx.now)
		if err != nil {
			return err
		}
		if holds && !withdrawn && r.counts(a, tx.now) {
			if r.State == AttemptClaimed && r.byBrowser() {
				if err := tx.roomForClaim(ctx, a.CustomerID); err != nil {
					return err
				}
			}
			a.take(r, tx.now)
		}
		if r.ClaimedBy == "webhook" {
			a.EchoedRecord = r.ProviderRecord
		}
		if err := tx.keepReport(ctx, &a, r); err != nil {
			return err
		}
		return tx.saveAttempt(ctx, a)
	})
	return a, err
}

// NoteStep keeps how far an attempt within a scope has come in the window, also
// when it is told just after the end. Of one that was claimed it keeps nothing.
func (s *Store) NoteStep(ctx context.Context, scope Scope, nonce, step string) error {
	return s.inTx(ctx, func(tx *tx) error {
		return tx.exec(ctx, `
			UPDATE link_attempts
			SET step = $5, step_at = $6
			WHERE nonce = $4 AND state IN ('open', 'closed', 'failed') AND `+reached, scope.args(nonce, step, unixMS(tx.now))...)
	})
}

// AttemptReport is the report of the widget that is kept of an attempt, redacted JSON; empty:
// there is none, or it does not open.
func (s *Store) AttemptReport(ctx context.Context, id string) (string, error) {
	return one(ctx, s.read, func(row scanner) (report string, err error) {
		var broken error
		err = row.Scan(&id, &opening{column: attemptReport, row: &id, text: &report, broken: &broken})
		return report, err
	}, `SELECT id, report FROM link_attempts WHERE id = $1`, id)
}

// keepReport stores a browser's report of an attempt, if it is the first, or
// the first claim.
func (tx *tx) keepReport(ctx context.Context, a *Attempt, r Report) error {
	if r.Body == "" || a.claimKept || !a.ReportedAt.IsZero() && r.State != AttemptClaimed {
		return nil
	}
	a.ReportedAt, a.claimKept = tx.now, r.State == AttemptClaimed
	kept, err := tx.sealed(attemptReport, a.ID, r.Body)
	if err != nil {
		return err
	}
	return tx.exec(ctx, `UPDATE link_attempts SET report = $2, claim_kept = $3 WHERE id = $1`, a.ID, kept, a.claimKept)
}

func (r Report) byBrowser() bool { return r.ClaimedBy == "widget" || r.ClaimedBy == "return" }

func (r Report) counts(a Attempt, now time.Time) bool {
	switch {
	case r.State == "", a.State == AttemptLinked, a.State == AttemptNeedsReview,
		a.State == AttemptRefused, a.State == AttemptOther:
		return false
	case r.State != AttemptClaimed:
		return a.State == AttemptOpen
	case r.byBrowser():
		return a.State != AttemptClaimed && now.Before(a.ExpiresAt)
	default: // the authenticated webhook outranks the browser
		return a.State != AttemptClaimed || a.ProviderRecord != r.ProviderRecord
	}
}

func (a *Attempt) take(r Report, now time.Time) {
	a.State, a.Reason = r.State, r.Reason
	if r.BankName != "" {
		a.BankName = r.BankName
	}
	if r.State == AttemptClaimed {
		a.ProviderRecord, a.ProviderCustomer, a.ClaimedBy = r.ProviderRecord, r.ProviderCustomer, r.ClaimedBy
		a.Code = r.Code
		a.Tries, a.Fault, a.FaultSince, a.EndedAt = 0, "", time.Time{}, time.Time{}
		return
	}
	a.EndedAt = now
}

// saveAttempt writes an attempt's changeable columns. A claimed one is due at once.
func (tx *tx) saveAttempt(ctx context.Context, a Attempt) error {
	var due time.Time
	if a.State == AttemptClaimed {
		due = tx.now
	}
	return tx.exec(ctx, `
		UPDATE link_attempts
		SET state = $2, provider_record = $3, provider_customer = $4, claimed_by = $5, bank_name = $6,
			reason = $7, tries = $8, fault = $9, next_try_at = $10, reported_at = $11, ended_at = $12, holder = $13, name_match = $14,
			echoed_record = $15, code = $16, fault_since = $17
		WHERE id = $1`,
		a.ID, a.State, a.ProviderRecord, a.ProviderCustomer, a.ClaimedBy, a.BankName,
		a.Reason, a.Tries, a.Fault, unixMS(due), unixMS(a.ReportedAt), unixMS(a.EndedAt), a.Holder, a.NameMatch,
		a.EchoedRecord, a.Code, unixMS(a.FaultSince))
}

// EchoedElsewhere says whether a webhook named the attempt's record to another one.
func (s *Store) EchoedElsewhere(ctx context.Context, a Attempt) (elsewhere bool, err error) {
	err = s.read.QueryRowContext(ctx, `
		SELECT EXISTS (
			SELECT 1
			FROM link_attempts
			WHERE echoed_record = $1 AND echoed_record <> '' AND provider = $2 AND env = $3 AND id <> $4)`,
		a.ProviderRecord, a.Provider, a.Env, a.ID).Scan(&elsewhere)
	return elsewhere, err
}

// CustomerOfNonce is whose attempt has the nonce; empty: nobody's.
func (s *Store) CustomerOfNonce(ctx context.Context, nonce string) (string, error) {
	id, err := one(ctx, s.read, scanText, `SELECT customer_id FROM link_attempts WHERE nonce = $1`, nonce)
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	return id, err
}

// NamesAtWindows are the names of the other customers who had a bank window
// open between those times.
func (s *Store) NamesAtWindows(ctx context.Context, customerID string, from, to time.Time) ([]string, error) {
	return collect(ctx, s.read, scanText, `
		SELECT DISTINCT customers.name
		FROM link_attempts JOIN customers ON customers.id = link_attempts.customer_id
		WHERE link_attempts.created_at BETWEEN $1 AND $2 AND link_attempts.expires_at >= $3 AND customers.id <> $4`,
		unixMS(from.Add(-longestWindow)), unixMS(to), unixMS(from), customerID)
}

// longestWindow is how long a bank window may be open at most.
const longestWindow = time.Hour

// DueAttempts returns claimed attempts at a provider whose confirmation is due, and those
// that would wait for longer than any pause: the clock was set back. Of each
// customer it is the one that has waited longest, so that customers take turns
// however many claims one of them has.
func (s *Store) DueAttempts(ctx context.Context, provider string, limit int) ([]Attempt, error) {
	return collect(ctx, s.read, scanAttempt, `
		SELECT `+attemptColumns+`
		FROM link_attempts
		WHERE state = 'claimed' AND provider = $4 AND (next_try_at <= $1 OR next_try_at > $2) AND NOT EXISTS (
			SELECT 1
			FROM link_attempts AS earlier
			WHERE earlier.customer_id = link_attempts.customer_id AND earlier.provider = $4
			AND earlier.state = 'claimed' AND (earlier.next_try_at <= $1 OR earlier.next_try_at > $2)
			AND (earlier.next_try_at < link_attempts.next_try_at OR earlier.next_try_at = link_attempts.next_try_at AND earlier.id < link_attempts.id))
		ORDER BY next_try_at
		LIMIT $3`, unixMS(s.now()), unixMS(s.now().Add(MaxRetryPause+ClockSlack)), limit,
		provider)
}

// MaxRetryPause is how long a confirmation may be put off at most.
const MaxRetryPause = 5 * time.Minute

// AttemptsToOpen returns open attempts at a provider whose page is not made yet and is
// due.
func (s *Store) AttemptsToOpen(ctx context.Context, provider string, limit int) ([]Attempt, error) {
	now := s.now()
	return collect(ctx, s.read, scanAttempt, `
		SELECT `+attemptColumns+`
		FROM link_attempts
		WHERE state = 'open' AND page = '' AND provider = $4 AND expires_at > $1
		AND (next_try_at IS NULL OR next_try_at <= $1 OR next_try_at > $2)
		ORDER BY id
		LIMIT $3`, unixMS(now), unixMS(now.Add(MaxRetryPause+ClockSlack)), limit, provider)
}

// KeepPage keeps the address of the provider's page for an attempt that is open.
func (s *Store) KeepPage(ctx context.Context, id, page string) error {
	return s.exec(ctx, `
		UPDATE link_attempts
		SET page = $2, tries = 0, fault = '', reason = '', next_try_at = NULL
		WHERE id = $1 AND state = 'open'`, id, page)
}

// RetryPage puts off the making of a page until then and says why, as [Store.RetryAttempt]
// does.
func (s *Store) RetryPage(ctx context.Context, id string, at time.Time, fault, reason string) error {
	return s.exec(ctx, `
		UPDATE link_attempts
		SET tries = tries + 1, next_try_at = $2, fault = $3, reason = $4
		WHERE id = $1 AND state = 'open' AND page = ''`, id, unixMS(at), fault, reason)
}

// FailPage ends an open attempt for which no page can be made.
func (s *Store) FailPage(ctx context.Context, id, reason string) error {
	return s.exec(ctx, `
		UPDATE link_attempts
		SET state = 'failed', reason = $2, ended_at = $3
		WHERE id = $1 AND state = 'open' AND page = ''`, id, reason, unixMS(s.now()))
}

// NameRecord exchanges the code of a claimed attempt for its record.
func (s *Store) NameRecord(ctx context.Context, id, record string) error {
	return s.exec(ctx, `
		UPDATE link_attempts
		SET provider_record = $2, code = ''
		WHERE id = $1 AND state = 'claimed' AND provider_record = ''`, id, record)
}

// OpenAttemptOf is the newest attempt to sign in again to an account that waits for
// the customer; [ErrNotFound]: none does.
func (s *Store) OpenAttemptOf(ctx context.Context, account Account) (Attempt, error) {
	return one(ctx, s.read, scanAttempt, `
		SELECT `+attemptColumns+`
		FROM link_attempts
		WHERE customer_id = $1 AND account_id = $2 AND state IN ('open', 'closed', 'failed') AND expires_at > $3
		ORDER BY id DESC
		LIMIT 1`, account.CustomerID, account.ID, unixMS(s.now()))
}

// SomebodyWaits says whether an attempt at a provider's page that was begun between two
// moments has come to nothing so far, or only to a code that the provider does not take.
func (s *Store) SomebodyWaits(ctx context.Context, provider string, from, to time.Time) (waits bool, err error) {
	err = s.read.QueryRowContext(ctx, `
		SELECT EXISTS (
			SELECT 1
			FROM link_attempts
			WHERE created_at BETWEEN $1 AND $2 AND provider = $3 AND page <> ''
			AND (state IN ('open', 'closed') OR state IN ('claimed', 'failed') AND code <> ''))`,
		unixMS(from), unixMS(to), provider).Scan(&waits)
	return waits, err
}

// KnowsRecord says whether a record of a provider's is bound to a customer, claimed,
// refused, of another account than was meant, or for staff to look at.
func (s *Store) KnowsRecord(ctx context.Context, provider, env, record string) (known bool, err error) {
	err = s.read.QueryRowContext(ctx, `
		SELECT EXISTS (SELECT 1 FROM records WHERE provider = $1 AND env = $2 AND provider_id = $3)
			OR EXISTS (
				SELECT 1
				FROM link_attempts
				WHERE provider = $1 AND env = $2 AND provider_record = $3 AND provider_record <> ''
				AND state IN ('claimed', 'linked', 'needs_review', 'refused', 'other_account'))`,
		provider, env, record).Scan(&known)
	return known, err
}

// RetryAttempt puts the confirmation of a claim off until then and says why, in one
// word and in the operator's words.
func (s *Store) RetryAttempt(ctx context.Context, claim Claim, at time.Time, fault, reason string) error {
	return s.exec(ctx, `
		UPDATE link_attempts
		SET tries = tries + 1, next_try_at = $2, fault = $3, reason = $4,
			fault_since = CASE WHEN fault = $3 THEN COALESCE(fault_since, $7) ELSE $7 END
		WHERE id = $1 AND state = 'claimed' AND provider_record = $5 AND code = $6`,
		claim.Attempt, unixMS(at), fault, reason, claim.Record, claim.Code, unixMS(s.now()))
}

// EndAttempt ends an attempt that still makes the claim, without a link: failed, or for staff to look at.
func (s *Store) EndAttempt(ctx context.Context, claim Claim, state AttemptState, reason string) error {
	return s.inClaimed(ctx, claim, func(tx *tx, a Attempt) error { return tx.endAttempt(ctx, a, state, reason) })
}

func (tx *tx) endAttempt(ctx context.Context, a Attempt, state AttemptState, reason string) error {
	a.State, a.Reason, a.EndedAt = state, reason, tx.now
	if err := tx.saveAttempt(ctx, a); err != nil {
		return err
	}
	action, kind := ActLinkFailed, NoticeLinkFailed
	if state == AttemptNeedsReview {
		action, kind = ActLinkDoubted, NoticeDoubted
	}
	if err := tx.tell(ctx, Notice{
		Type: kind, CustomerID: a.CustomerID, Subject: a.InvitationID, State: string(state),
	}); err != nil {
		return err
	}
	return tx.audit(ctx, Act{Actor: Program, Action: action, Customer: a.CustomerID, Subject: a.ID})
}
