package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// The audit log is a chain: each row's hash covers the hash of the row before,
// its number and all its fields, and audit_head repeats the last number and
// hash. A row that is changed, removed, put in or moved by hand breaks it, and
// so does cutting off the end.
//
// What it cannot do: whoever may write to the file, knows this and takes the
// trouble can change a row, work out every later hash anew and set the head to
// match. A head that was noted elsewhere before then shows it: the program
// writes rows and head to its log at start and once a day, for that log to be
// shipped to another machine, and "balancelink audit verify ROWS:HEAD" holds
// the chain against it. What was written since the last such note stays open
// to that person.

// link is a row's place in the chain.
type link struct {
	Seq  int64
	Hash string // hex
}

// firstHash stands before the first row.
var firstHash = strings.Repeat("0", 2*sha256.Size)

// auditRow is an act as its row has it.
type auditRow struct {
	Act
	Seq  int64
	At   int64 // Unix milliseconds
	Hash string
}

// hash is what the row's hash has to be after the row with the hash before.
// Numbers have a fixed length and texts their own before them, so that no two
// rows are written alike.
func (r auditRow) hash(before string) string {
	b := make([]byte, 0, 512)
	b = append(b, before...)
	b = binary.BigEndian.AppendUint64(b, uint64(r.Seq))
	b = binary.BigEndian.AppendUint64(b, uint64(r.At))
	for _, text := range []string{r.Actor, string(r.Action), r.Customer, r.Subject, r.Detail} {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

const auditColumns = `audit.seq, audit.at, audit.actor, audit.action, audit.customer_id, audit.subject, audit.detail, audit.hash`

func scanAuditRow(row scanner) (r auditRow, err error) {
	err = row.Scan(&r.Seq, &r.At, &r.Actor, &r.Action, &r.Customer, &r.Subject, &r.Detail, &r.Hash)
	return r, err
}

func readHead(ctx context.Context, q querier) (h link, err error) {
	err = q.QueryRowContext(ctx, `SELECT seq, hash FROM audit_head`).Scan(&h.Seq, &h.Hash)
	if errors.Is(err, sql.ErrNoRows) {
		err = errors.New("the head of the audit log is gone: somebody removed it by hand")
	}
	return h, err
}

// Chain is what a check of the audit log found.
type Chain struct {
	Rows    int64  // that are in order, from the first on
	Head    string // hash of the last of them
	BadRow  int64  // number of the first row that is not in order; 0: all are
	Problem string // what is wrong with it
}

// String is rows and head in the form that a check can be given.
func (c Chain) String() string { return fmt.Sprintf("%d:%s", c.Rows, c.Head) }

// VerifyAudit checks the whole chain. noted are heads that were written down
// elsewhere, as [Chain.String] gives them, for the chain to be held against.
func (s *Store) VerifyAudit(ctx context.Context, noted ...string) (Chain, error) {
	return verifyAudit(ctx, s.read.db, noted)
}

// VerifyAuditOf is [Store.VerifyAudit] of a database that another process may
// have open. It changes nothing.
func VerifyAuditOf(ctx context.Context, url string, noted ...string) (Chain, error) {
	path, err := sqlitePath(url)
	if err != nil {
		return Chain{}, err
	}
	pool, err := openPool("file:"+path+"?mode=ro&_busy_timeout=5000&_query_only=1", 1, nil)
	if err != nil {
		return Chain{}, err
	}
	c, err := verifyAudit(ctx, pool.db, noted)
	return c, errors.Join(err, pool.db.Close())
}

func verifyAudit(ctx context.Context, db *sql.DB, noted []string) (c Chain, err error) {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true}) // rows and head of one moment
	if err != nil {
		return c, fmt.Errorf("store: reading the audit log: %w", err)
	}
	defer tx.Rollback()
	if c, err = checkChain(ctx, tx, noted); err != nil {
		return c, fmt.Errorf("store: checking the audit log: %w", err)
	}
	return c, nil
}

func checkChain(ctx context.Context, q querier, noted []string) (Chain, error) {
	want, err := parseNoted(noted)
	if err != nil {
		return Chain{}, err
	}
	c := Chain{Head: firstHash}
	rows, err := q.QueryContext(ctx, `SELECT `+auditColumns+` FROM audit ORDER BY seq`)
	if err != nil {
		return c, err
	}
	defer rows.Close()
	for rows.Next() && c.BadRow == 0 {
		r, err := scanAuditRow(rows)
		if err != nil {
			return c, err
		}
		c.take(r, want)
	}
	if err := rows.Err(); err != nil || c.BadRow != 0 {
		return c, err
	}
	h, err := readHead(ctx, q)
	if err != nil {
		return c, err
	}
	c.end(h, want)
	return c, nil
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
func (c *Chain) take(r auditRow, noted map[int64]string) {
	next := c.Rows + 1
	want, known := noted[next]
	switch {
	case r.Seq > next:
		c.BadRow, c.Problem = next, "It is missing."
	case r.Seq < next:
		c.BadRow, c.Problem = r.Seq, "It does not belong here."
	case r.Hash != r.hash(c.Head):
		c.BadRow, c.Problem = next, "It, or the hash of the row before it, was changed."
	case known && want != r.Hash:
		c.BadRow, c.Problem = next, "Its hash is not the one that was noted: it or a row before it was changed, and the chain made anew."
	default:
		c.Rows, c.Head = next, r.Hash
	}
}

// end compares the last row with the head and with what was noted of rows that
// should have come.
func (c *Chain) end(h link, noted map[int64]string) {
	if h.Hash == "" && h.Seq == 0 {
		h.Hash = firstHash
	}
	for seq := range noted {
		h.Seq = max(h.Seq, seq)
	}
	switch {
	case h.Seq > c.Rows:
		c.BadRow, c.Problem = c.Rows+1, fmt.Sprintf("It is missing, and so is every row after it: there should be %d.", h.Seq)
	case h.Seq < c.Rows:
		c.BadRow, c.Problem = h.Seq+1, "It was put in by hand: the chain ended before it."
	case h.Hash != c.Head:
		c.BadRow, c.Problem = c.Rows, "It is not the row that the chain ended with."
	}
}

// chainOldRows gives the rows from before there was a chain their hashes.
func (s *Store) chainOldRows(ctx context.Context) error {
	return s.inTx(ctx, func(tx *tx) error {
		h, err := readHead(ctx, tx)
		if err != nil || h.Hash != "" {
			return err
		}
		at := link{0, firstHash}
		for at.Seq < h.Seq {
			if at, err = tx.chainSome(ctx, at); err != nil {
				return fmt.Errorf("chaining the audit log: %w", err)
			}
		}
		tx.head, tx.grown = &at, true
		return nil
	})
}

func (tx *tx) chainSome(ctx context.Context, after link) (link, error) {
	rows, err := collect(ctx, tx, scanAuditRow, `
		SELECT `+auditColumns+`
		FROM audit
		WHERE seq > $1
		ORDER BY seq
		LIMIT 1000`, after.Seq)
	if err == nil && len(rows) == 0 {
		err = fmt.Errorf("row %d is missing", after.Seq+1)
	}
	for _, r := range rows {
		after = link{r.Seq, r.hash(after.Hash)}
		if _, err := tx.ExecContext(ctx, `UPDATE audit SET hash = $2 WHERE seq = $1`, r.Seq, after.Hash); err != nil {
			return after, err
		}
	}
	return after, err
}
