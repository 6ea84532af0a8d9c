package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"

	"balancelink/store/progress"
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

// writeHead notes where the chain ends.
func (tx *tx) writeHead(ctx context.Context, v *vault, h link) error {
	tx.head = &h
	return tx.exec(ctx, setHead, h.columns(v)...)
}

const setHead = `UPDATE audit_head SET seq = $1, hash = $2, mac = $3`

// columns are those of the head, where the chain ends with this. One that goes on from an end
// that somebody else had set stays without its keyed hash: it is never made good.
func (h link) columns(v *vault) []any {
	mac := ""
	if h.sound {
		mac = v.mac("audit head", strconv.FormatInt(h.Seq, 10), h.Hash)
	}
	return []any{h.Seq, h.Hash, mac}
}

// chainPlain gives all rows plain hashes, one after the other, and says where
// they end.
func (tx *tx) chainPlain(ctx context.Context, w *progress.Work) (at link, err error) {
	at.Hash = firstHash
	w.Step(progress.TheAudit, progress.Rows, engineOf(tx).span(ctx, tx, "audit"))
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
		w.Add(int64(len(rows)))
		if len(rows) == 0 {
			return at, tx.exec(ctx, `UPDATE audit_head SET seq = $1, hash = $2`, at.Seq, at.Hash)
		}
	}
}
