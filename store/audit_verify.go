package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Chain is what a check of the audit log found.
type Chain struct {
	Rows    int64  // that are in order, from the first on
	Head    string // hash of the last of them
	BadRow  int64  // number of the first row that is not in order; 0: all are
	Problem string // what is wrong with it
	Unkeyed bool   // the hashes were not checked: there was no data key, or the database is of an earlier version
}

// String is rows and head in the form that a check can be given.
func (c Chain) String() string { return fmt.Sprintf("%d:%s", c.Rows, c.Head) }

// VerifyAudit checks the whole chain. noted are heads that were written down
// elsewhere, as [Chain.String] gives them, for the chain to be held against.
func (s *Store) VerifyAudit(ctx context.Context, noted ...string) (Chain, error) {
	c, err := verifyAudit(ctx, s.read.db, s.keys.Load(), noted)
	return s.asOwn(c), err
}

// asOwn is what was found in the database that the store itself has opened: it is
// of no earlier version, whatever it says.
func (s *Store) asOwn(c Chain) Chain {
	if c.Unkeyed && s.vault != nil {
		c.BadRow, c.Problem = 1, noVaultWords
	}
	return c
}

// VerifyAuditOf is [Store.VerifyAudit] of a database that another process may
// have open. It changes nothing.
func VerifyAuditOf(ctx context.Context, url string, keys *Keyring, noted ...string) (Chain, error) {
	path, err := sqlitePath(url)
	if err != nil {
		return Chain{}, err
	}
	pool, err := openPool(uri(path, "mode=ro&_busy_timeout=5000&_query_only=1"), 1, nil)
	if err != nil {
		return Chain{}, err
	}
	c, err := verifyAudit(ctx, pool.db, keys, noted)
	return c, errors.Join(err, pool.db.Close())
}

func verifyAudit(ctx context.Context, db *sql.DB, keys *Keyring, noted []string) (c Chain, err error) {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true}) // rows and head of one moment
	if err != nil {
		return c, fmt.Errorf("store: reading the audit log: %w", err)
	}
	defer tx.Rollback()
	if c, err = checkChain(ctx, tx, keys, noted); err != nil {
		return c, fmt.Errorf("store: checking the audit log: %w", err)
	}
	return c, nil
}

func checkChain(ctx context.Context, q querier, keys *Keyring, noted []string) (Chain, error) {
	want, err := parseNoted(noted)
	if err != nil {
		return Chain{}, err
	}
	c := Chain{Head: firstHash}
	v, err := vaultFor(ctx, q, keys)
	if errors.Is(err, errNoVault) {
		c.BadRow, c.Problem = 1, noVaultWords
		return c, nil
	}
	if err != nil {
		return c, err
	}
	c.Unkeyed = v == nil
	rows, err := q.QueryContext(ctx, `SELECT `+chainColumns+` FROM audit ORDER BY seq`)
	if err != nil {
		return c, err
	}
	defer rows.Close()
	for rows.Next() && c.BadRow == 0 {
		r, err := scanAuditRow(rows)
		if err != nil {
			return c, err
		}
		c.take(v, r, want)
	}
	if err := rows.Err(); err != nil || c.BadRow != 0 {
		return c, err
	}
	h, err := readHead(ctx, q, v)
	if err != nil {
		return c, err
	}
	h.sound = h.sound || c.Unkeyed
	c.end(h, want)
	return c, nil
}

const noVaultWords = "No row can be checked: the key of the audit log is gone or was changed by hand."

// vaultFor is [readVault], or none for a database that is older.
func vaultFor(ctx context.Context, q querier, keys *Keyring) (*vault, error) {
	var version int64
	if err := q.QueryRowContext(
		ctx, `SELECT MAX(version_id) FROM goose_db_version`,
	).Scan(&version); err != nil || version < keyedSchema {
		return nil, err
	}
	return readVault(ctx, q, keys)
}

// parseNoted reads heads as [Chain.String] writes them, by row.
func parseNoted(noted []string) (map[int64]string, error) {
	by := map[int64]string{}
	for _, text := range noted {
		number, hash, _ := strings.Cut(text, ":")
		seq, err := strconv.ParseInt(number, 10, 64)
		if err != nil || seq < 0 || len(hash) != len(firstHash) {
			return nil, fmt.Errorf("%q is not ROWS:HEAD as the log has it", text)
		}
		by[seq] = strings.ToLower(hash)
	}
	return by, nil
}

// take goes on by a row, or says what is wrong with it.
func (c *Chain) take(v *vault, r auditRow, noted map[int64]string) {
	next := c.Rows + 1
	want, known := noted[next]
	switch {
	case r.Seq > next:
		c.BadRow, c.Problem = next, "It is missing."
	case r.Seq < next:
		c.BadRow, c.Problem = r.Seq, "It does not belong here."
	case v != nil && !v.knowsAll(r):
		c.BadRow, c.Problem = next, "The e-mail address of a member of staff whom it names was changed."
	case v != nil && (r.Hash != v.hash(r, c.Head) || r.Seq == v.Upto && r.Hash != v.Hash):
		c.BadRow, c.Problem = next, "It, the hash of the row before it, or the e-mail address of a member of staff whom it names was changed."
	case known && want != r.Hash:
		c.BadRow, c.Problem = next, "Its hash is not the one that was noted: it or a row before it was changed, and the chain made anew."
	default:
		c.Rows, c.Head = next, r.Hash
	}
}

// end compares the last row with the head and with what was noted of rows that
// should have come.
func (c *Chain) end(h link, noted map[int64]string) {
	for seq := range noted {
		h.Seq = max(h.Seq, seq)
	}
	switch {
	case h.Seq > c.Rows:
		c.BadRow, c.Problem = c.Rows+1, fmt.Sprintf(
			"It is missing, and so is every row after it: there should be %d.", h.Seq,
		)
	case h.Seq < c.Rows:
		c.BadRow, c.Problem = h.Seq+1, "It was put in by hand: the chain ended before it."
	case h.Hash != c.Head:
		c.BadRow, c.Problem = c.Rows, "It is not the row that the chain ended with."
	case !h.sound:
		c.BadRow, c.Problem = c.Rows+1, "The end of the chain was set by hand: rows from here on may be missing or put in."
	}
}

// knowsAll says of a row from before the vault whether it names members of staff
// by the addresses that they had.
func (v *vault) knowsAll(r auditRow) bool {
	if r.Seq > v.Upto {
		return true // its hash says so
	}
	return v.Staff[staffID(r.Actor)] == r.ActorEmail && v.Staff[r.Subject] == r.SubjectEmail
}
