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
// its number, all its fields, and the e-mail addresses of the members of staff
// whom it names; audit_head repeats the last number and hash. Both are keyed
// (see vault): a row that is changed, removed, put in or moved by hand breaks
// the chain, so does cutting off the end, and nobody mends it who does not have
// the data key. Rows from before the vault have plain hashes, the last of which
// lies in the vault.
//
// What it cannot do: whoever may write to the file can put an older state of it
// in its place, or one from before the vault, which the program then takes over
// as it finds it. A head that was noted elsewhere since shows both: the program
// writes rows and head to its log at start and once a day, for that log to be
// shipped to another machine, and "balancelink audit verify ROWS:HEAD" holds
// the chain against it.

// link is a row's place in the chain.
type link struct {
	Seq   int64
	Hash  string // hex
	sound bool   // of a head: it is the one that the program wrote
}

// firstHash stands before the first row.
var firstHash = strings.Repeat("0", 2*sha256.Size)

// auditRow is an act as its row has it.
type auditRow struct {
	Act
	Seq  int64
	At   int64 // Unix milliseconds
	Hash string

	ActorEmail   string // when the actor is a member of staff
	SubjectEmail string // when the subject is one
}

// hash is what a row's hash has to be after the row with the hash before.
func (v *vault) hash(r auditRow, before string) string {
	if r.Seq <= v.Upto {
		return r.plainHash(before)
	}
	return v.mac("audit row", before, strconv.FormatInt(r.Seq, 10), strconv.FormatInt(r.At, 10),
		r.Actor, string(r.Action), r.Customer, r.Subject, r.Detail, r.ActorEmail, r.SubjectEmail)
}

// plainHash is the hash of a row from before the vault. Numbers have a fixed
// length and texts their own before them, so that no two rows are written alike.
func (r auditRow) plainHash(before string) string {
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

// chainColumns are a row's, and the addresses that its hash covers.
const chainColumns = auditColumns + `,
	COALESCE((SELECT email FROM staff WHERE SUBSTR(audit.actor, 1, 6) = 'staff:' AND staff.id = SUBSTR(audit.actor, 7)), ''),
	COALESCE((SELECT email FROM staff WHERE staff.id = audit.subject), '')`

func scanAuditRow(row scanner) (r auditRow, err error) {
	err = row.Scan(
		&r.Seq, &r.At, &r.Actor, &r.Action, &r.Customer, &r.Subject, &r.Detail, &r.Hash, &r.ActorEmail, &r.SubjectEmail,
	)
	return r, err
}

// readHead reads where the chain ends, and whether the program wrote that.
// Without a vault nobody can tell.
func readHead(ctx context.Context, q querier, v *vault) (h link, err error) {
	if v == nil {
		err = q.QueryRowContext(ctx, `SELECT seq, hash FROM audit_head`).Scan(&h.Seq, &h.Hash)
	} else {
		var mac string
		err = q.QueryRowContext(ctx, `SELECT seq, hash, mac FROM audit_head`).Scan(&h.Seq, &h.Hash, &mac)
		h.sound = v.made(mac, "audit head", strconv.FormatInt(h.Seq, 10), h.Hash)
	}
	if errors.Is(err, sql.ErrNoRows) {
		err = errors.New("the head of the audit log is gone: somebody removed it by hand")
	}
	return h, err
}

// writeHead notes where the chain ends. One that goes on from an end that
// somebody else had set stays without its keyed hash: it is never made good.
func (tx *tx) writeHead(ctx context.Context, v *vault, h link) error {
	mac := ""
	if h.sound {
		mac = v.mac("audit head", strconv.FormatInt(h.Seq, 10), h.Hash)
	}
	return tx.exec(ctx, `UPDATE audit_head SET seq = $1, hash = $2, mac = $3`, h.Seq, h.Hash, mac)
}

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

// chainPlain gives all rows plain hashes, one after the other, and says where
// they end.
func (tx *tx) chainPlain(ctx context.Context) (at link, err error) {
	at.Hash = firstHash
	for {
		rows, err := collect(ctx, tx, scanAuditRow, `
			SELECT `+chainColumns+`
			FROM audit
			WHERE seq > $1
			ORDER BY seq
			LIMIT 1000`, at.Seq)
		if err != nil {
			return at, err
		}
		for _, r := range rows {
			at = link{Seq: r.Seq, Hash: r.plainHash(at.Hash)}
			if err := tx.exec(ctx, `UPDATE audit SET hash = $2 WHERE seq = $1`, r.Seq, at.Hash); err != nil {
				return at, err
			}
		}
		if len(rows) == 0 {
			return at, tx.exec(ctx, `UPDATE audit_head SET seq = $1, hash = $2`, at.Seq, at.Hash)
		}
	}
}
