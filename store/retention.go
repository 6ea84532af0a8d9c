package store

import (
	"context"
	"database/sql"
	"errors"
)

// Retention says for how many days in which the program runs things are kept;
// 0: for ever. The audit log is never shortened.
type Retention struct {
	Payloads  int // bodies and headers of webhooks, and the widget's reports
	Balances  int // balances; the latest of an account, and what a funds check refers to, stay
	Refreshes int // ended ones; the latest of an account, and what a funds check waited for, stay
	Notices   int // what programs of the business are told, and people by e-mail
}

// purge is one kind of thing whose time can be over.
type purge struct {
	What   string                                           // as purges has it, and the audit log
	Remove func(*tx, context.Context, string) (bool, error) // removes the one with the id; no: it has to stay
	// SQL: at most $4 ids and moments from after $1 and the id $3 to before $2, in order
	Find string
}

// The kinds, as purges and the audit log have them.
const (
	PurgedPayloads  = "payloads of webhooks"
	PurgedReports   = "reports of bank windows"
	PurgedUnclaimed = "unclaimed payloads"
	PurgedBalances  = "balances"
	PurgedRefreshes = "requests to the banks"
	PurgedNotices   = "events for programs"
	PurgedMails     = "e-mail that was sent"
)

var (
	payloads = purge{PurgedPayloads, (*tx).removePayload, `
		SELECT id, received_at
		FROM events
		WHERE headers <> '' AND received_at >= $1 AND received_at < $2 AND (received_at > $1 OR id > $3)
		ORDER BY received_at, id
		LIMIT $4`,
	}
	reports = purge{PurgedReports, (*tx).removeReport, `
		SELECT id, reported_at
		FROM link_attempts
		WHERE report <> '' AND reported_at >= $1 AND reported_at < $2 AND (reported_at > $1 OR id > $3)
		ORDER BY reported_at, id
		LIMIT $4`,
	}
	oldBalances = purge{PurgedBalances, (*tx).removeBalance, `
		SELECT id, received_at
		FROM balances
		WHERE received_at >= $1 AND received_at < $2 AND (received_at > $1 OR id > $3)
		ORDER BY received_at, id
		LIMIT $4`,
	}
	oldRefreshes = purge{PurgedRefreshes, (*tx).removeRefresh, `
		SELECT id, ended_at
		FROM refreshes
		WHERE ended_at IS NOT NULL AND ended_at >= $1 AND ended_at < $2 AND (ended_at > $1 OR id > $3)
		ORDER BY ended_at, id
		LIMIT $4`,
	}
	oldNotices = purge{PurgedNotices, (*tx).removeNotice, `
		SELECT CAST(seq AS TEXT), at
		FROM outbox
		WHERE at >= $1 AND at < $2 AND (at > $1 OR seq > CAST('0' || $3 AS BIGINT))
		ORDER BY at, seq
		LIMIT $4`,
	}
	oldMails = purge{PurgedMails, (*tx).removeMail, `
		SELECT id, ended_at
		FROM mails
		WHERE ended_at IS NOT NULL AND ended_at >= $1 AND ended_at < $2 AND (ended_at > $1 OR id > $3)
		ORDER BY ended_at, id
		LIMIT $4`,
	}
)

// removePayload empties an event that waits for nothing: that it came, when and
// what became of it stays, and so does what a repeat is recognised by.
func (tx *tx) removePayload(ctx context.Context, id string) (bool, error) {
	return tx.changes(ctx, `
		UPDATE events
		SET headers = '', body = $2, payload_removed_at = $3
		WHERE id = $1 AND result NOT IN ('received', 'unmatched')`, id, []byte(droppedBody), unixMS(tx.now))
}

// removeReport removes what the widget told of an attempt that waits for nothing.
func (tx *tx) removeReport(ctx context.Context, id string) (bool, error) {
	return tx.changes(ctx, `
		UPDATE link_attempts
		SET report = ''
		WHERE id = $1 AND state NOT IN ('claimed', 'needs_review')`, id)
}

// removeBalance removes a balance unless it is what [tx.foldLatest] would
// take a figure from, or evidence. The account notes how far its history is
// incomplete now: between what is left, something is missing.
func (tx *tx) removeBalance(ctx context.Context, id string) (bool, error) {
	var accountID string
	var asOf int64
	err := tx.QueryRowContext(ctx, `
		DELETE FROM balances
		WHERE id = $1
		AND NOT EXISTS (SELECT 1 FROM accounts WHERE accounts.id = balances.account_id AND balance_id = balances.id)
		AND EXISTS (
			SELECT 1
			FROM balances AS newer
			WHERE newer.account_id = balances.account_id AND newer.as_of <= $2
			AND (newer.as_of, newer.fact) > (balances.as_of, balances.fact)
			AND (newer.available_balance IS NOT NULL OR balances.available_balance IS NULL))
		AND NOT EXISTS (
			SELECT 1
			FROM funds_checks JOIN funds_answers ON funds_answers.check_id = funds_checks.id
			WHERE funds_checks.account_id = balances.account_id
			AND (funds_answers.balance_id = balances.id OR funds_answers.as_of = balances.as_of))
		RETURNING account_id, as_of`, id, unixMS(tx.now.Add(maxSkew))).Scan(&accountID, &asOf)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, tx.exec(ctx, `
		UPDATE accounts
		SET history_from = $2
		WHERE id = $1 AND (history_from IS NULL OR history_from < $2)`, accountID, asOf)
}

// removeRefresh removes an ended refresh unless it is its account's latest of
// its kind, or a funds check waited for it.
func (tx *tx) removeRefresh(ctx context.Context, id string) (bool, error) {
	return tx.changes(ctx, `
		DELETE FROM refreshes
		WHERE id = $1 AND ended_at IS NOT NULL
		AND EXISTS (
			SELECT 1
			FROM refreshes AS newer
			WHERE newer.account_id = refreshes.account_id AND newer.kind = refreshes.kind
			AND newer.id > refreshes.id AND newer.created_at >= refreshes.created_at)
		AND NOT EXISTS (SELECT 1 FROM funds_checks WHERE account_id = refreshes.account_id AND refresh_id = refreshes.id)`, id)
}
