package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"balancelink/store/progress"
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
	w := s.board.Begin(progress.Auditing, 1)
	defer w.End()
	c, err := verifyAudit(ctx, s.read, s.keys.Load(), noted, w)
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
// have open. It changes nothing. How far it is stands on the board.
func VerifyAuditOf(
	ctx context.Context, url string, keys *Keyring, board *progress.Board, noted ...string,
) (c Chain, err error) {
	pool, err := lookAt(ctx, url)
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, pool.db.Close()) }()
	if err := isKnown(ctx, pool); err != nil {
		return c, err
	}
	w := board.Begin(progress.Auditing, 1)
	defer w.End()
	if !isPostgres(url) {
		return verifyAudit(ctx, pool, keys, noted, w)
	}
	err = pool.atOnce(ctx, func(q *prepared) error {
		c, err = verifyAuditIn(ctx, q, keys, noted, w)
		return err
	})
	return c, err
}

// chainBatch is how many rows are checked in one transaction: the write-ahead log can be
// emptied in between.
const chainBatch = 5000

// chainCheck is a check of the chain under way.
type chainCheck struct {
	Chain
	keys  *Keyring
	noted map[int64]string
	batch int   // rows that are checked together
	after int64 // the last row that was checked
	work  *progress.Work
}

func newChainCheck(keys *Keyring, noted []string, w *progress.Work) (*chainCheck, error) {
	by, err := parseNoted(noted)
	return &chainCheck{
		Chain: Chain{Head: firstHash}, keys: keys, noted: by, batch: chainBatch, after: math.MinInt64, work: w,
	}, err
}

// verifyAudit checks the chain, some rows at a time. Rows that are there stay as they are,
// so that nothing is lost by that; the last of them are read with the head, as of one moment.
func verifyAudit(
	ctx context.Context, pool *statements, keys *Keyring, noted []string, w *progress.Work,
) (Chain, error) {
	return walkAudit(keys, noted, w, pool.engine.span(ctx, pool, "audit"), func(k *chainCheck) (more bool, err error) {
		err = pool.atOnce(ctx, func(q *prepared) error {
			more, err = k.goOn(ctx, q)
			return err
		})
		return more, err
	})
}

// verifyAuditIn checks the whole chain in one transaction.
func verifyAuditIn(
	ctx context.Context, q *prepared, keys *Keyring, noted []string, w *progress.Work,
) (Chain, error) {
	return walkAudit(keys, noted, w, q.engineOf().span(ctx, q, "audit"), func(k *chainCheck) (bool, error) {
		return k.goOn(ctx, q)
	})
}

// walkAudit checks a chain of about so many rows, some at a time.
func walkAudit(
	keys *Keyring, noted []string, w *progress.Work, rows int64, some func(*chainCheck) (more bool, err error),
) (Chain, error) {
	check, err := newChainCheck(keys, noted, w)
	w.Step(progress.TheAudit, progress.Rows, rows)
	for more := true; more && err == nil; {
		more, err = some(check)
	}
	if err != nil {
		return check.Chain, fmt.Errorf("store: checking the audit log: %w", err)
	}
	return check.Chain, nil
}

// goOn checks the next rows, and the end when they are the last. It says whether there may
// be more.
func (k *chainCheck) goOn(ctx context.Context, q querier) (more bool, err error) {
	v, err := vaultFor(ctx, q, k.keys)
	if errors.Is(err, errNoVault) {
		k.BadRow, k.Problem = 1, noVaultWords
		return false, nil
	}
	if err != nil {
		return false, err
	}
	k.Unkeyed = v == nil
	rows, err := collect(ctx, q, scanAuditRow, `
		SELECT `+chainColumns+`
		FROM audit
		WHERE seq > $1
		ORDER BY seq
		LIMIT $2`, k.after, k.batch)
	if err != nil {
		return false, err
	}
	for _, r := range rows {
		if k.take(v, r, k.noted); k.BadRow != 0 {
			return false, nil
		}
		k.after = r.Seq
	}
	k.work.Add(int64(len(rows)))
	if len(rows) == k.batch {
		return true, nil
	}
	return false, k.atEnd(ctx, q, v)
}

// atEnd checks where the chain ends, and that no row is in none of its places.
func (k *chainCheck) atEnd(ctx context.Context, q querier, v *vault) error {
	h, err := readHead(ctx, q, v)
	if err != nil {
		return err
	}
	h.sound = h.sound || k.Unkeyed
	if k.end(h, k.noted); k.BadRow != 0 {
		return nil
	}
	var astray bool
	err = q.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM audit WHERE seq IS NULL)`).Scan(&astray)
	if astray {
		k.BadRow, k.Problem = k.Rows+1, putInWords
	}
	return err
}

const putInWords = "It was put in by hand: the chain ended before it."

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
		c.BadRow, c.Problem = h.Seq+1, putInWords
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
