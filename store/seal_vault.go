package store

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/pressly/goose/v3"

	"balancelink/store/progress"
)

// What the program alone may say of its own rows, the hashes of the audit log
// and how far the sealing has come, is under keys that are derived from one
// which lies sealed in the database: under the data key, so that nobody makes
// such a row who has the file without it, and not itself the data key, so that
// a change of that one changes no hash.

// vault is what lies sealed there. It is made once, by the migration.
type vault struct {
	Key   []byte            `json:"key"`
	Upto  int64             `json:"upto"`  // rows of the audit log up to this one are older and have plain hashes
	Hash  string            `json:"hash"`  // of that row
	Staff map[string]string `json:"staff"` // the e-mail addresses by id, as they were then
}

// vaultSealed is where the vault lies: one row. It is put under a new data key
// at once, not in its turn like [sealedColumns].
var vaultSealed = &sealedColumn{table: "vault", name: "sealed", row: "id"}

const vaultRow = "1"

// newVault is one with a key of its own for what comes after a row of the audit log.
func newVault(after link) *vault {
	v := &vault{Key: make([]byte, KeySize), Upto: after.Seq, Hash: after.Hash, Staff: map[string]string{}}
	rand.Read(v.Key) // never fails: crypto/rand ends the program instead
	return v
}

// mac is the keyed hash, hex, of parts for a purpose. Each has its length before
// it, so that no two lists are written alike.
func (v *vault) mac(purpose string, parts ...string) string {
	h := hmac.New(sha256.New, v.Key)
	for _, part := range append([]string{purpose}, parts...) {
		h.Write(binary.AppendUvarint(nil, uint64(len(part))))
		h.Write([]byte(part))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// made says whether a keyed hash is the one for that purpose and these parts.
func (v *vault) made(mac, purpose string, parts ...string) bool {
	return hmac.Equal([]byte(mac), []byte(v.mac(purpose, parts...)))
}

// readVault opens the vault. Without keys, and in a database from before there
// was one, there is none.
func readVault(ctx context.Context, q querier, keys *Keyring) (*vault, error) {
	if keys == nil {
		return nil, nil
	}
	kept, err := one(ctx, q, scanText, `SELECT sealed FROM vault WHERE id = $1`, vaultRow)
	if errors.Is(err, ErrNotFound) {
		return nil, errNoVault
	}
	if err != nil {
		return nil, err
	}
	if id, _, ok := splitSealed([]byte(kept)); ok && keys.find(id) == nil {
		return nil, missingKey(id)
	}
	text, err := keys.open(vaultSealed, vaultRow, []byte(kept))
	if err != nil || len(text) == 0 {
		return nil, errors.Join(errNoVault, err)
	}
	v := &vault{}
	return v, json.Unmarshal(text, v)
}

var errNoVault = errors.New("the key of the audit log is gone or was changed by hand: restore a backup, or begin the log anew with balancelink audit restart")

// keepVault seals the vault under the newest of the keys.
func (tx *tx) keepVault(ctx context.Context, v *vault, keys *Keyring) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	kept, err := keys.seal(vaultSealed, vaultRow, text)
	if err != nil {
		return err
	}
	return tx.exec(ctx, `
		INSERT INTO vault (id, sealed)
		VALUES ($1, $2)
		ON CONFLICT (id) DO UPDATE
		SET sealed = excluded.sealed`, vaultRow, string(kept))
}

// keyedSchema is the version of the migration that brought the vault.
const keyedSchema = 16

// keyed is that migration. It works with the keys: what was chained and sealed
// before has to be taken as it is found, once, and nothing that lies in the
// database asks for it again. from is the version that the database had.
func (s *Store) keyed(from *int64, opt Options) *goose.Migration {
	up := func(ctx context.Context, sqlTx *sql.Tx) error {
		if opt.Keys == nil {
			return errNoKey
		}
		pool := &statements{db: s.write.db, keys: &s.keys, engine: s.engine, plain: s.write.plain}
		tx := &tx{prepared: prepared{Tx: sqlTx, pool: pool}, now: s.now()}
		if err := tx.execAll(ctx, keyedUp); err != nil {
			return err
		}
		return tx.beginVault(ctx, *from, opt)
	}
	down := func(ctx context.Context, sqlTx *sql.Tx) error {
		tx := &tx{prepared: prepared{Tx: sqlTx, pool: s.write}, now: s.now()}
		if _, err := tx.chainPlain(ctx, nil); err != nil {
			return err
		}
		return tx.execAll(ctx, keyedDown)
	}
	return goose.NewGoMigration(keyedSchema, &goose.GoFunc{RunTx: up}, &goose.GoFunc{RunTx: down})
}

const keyedUp = `
CREATE TABLE vault (
    id     TEXT PRIMARY KEY, -- 1
    sealed TEXT NOT NULL     -- see vault in store/seal_vault.go
);
ALTER TABLE audit_head ADD COLUMN mac TEXT NOT NULL DEFAULT ''; -- keyed hash of seq and hash
ALTER TABLE data_keys ADD COLUMN mac TEXT NOT NULL DEFAULT '';  -- keyed hash of the row
ALTER TABLE sealing ADD COLUMN mac TEXT NOT NULL DEFAULT '';    -- likewise
ALTER TABLE erasures ADD COLUMN removed_at BIGINT; -- from the disk; NULL: it may lie in the write-ahead log still
CREATE TABLE readiness (
    looks BIGINT NOT NULL -- how often it was written to, to see whether that can be done: one row
);
INSERT INTO readiness (looks) VALUES (0);
CREATE TABLE deeds (
    n    BIGINT PRIMARY KEY, -- 1, 2, 3, …
    line TEXT   NOT NULL     -- as it lies beside the database, or is to: see store/deeds.go
)`

const keyedDown = `
DROP TABLE deeds;
DROP TABLE readiness;
ALTER TABLE erasures DROP COLUMN removed_at;
ALTER TABLE sealing DROP COLUMN mac;
ALTER TABLE data_keys DROP COLUMN mac;
ALTER TABLE audit_head DROP COLUMN mac;
DROP TABLE vault`

// execAll runs statements that are separated by semicolons.
func (tx *tx) execAll(ctx context.Context, statements string) error {
	for _, statement := range strings.Split(statements, ";\n") {
		if _, err := tx.Tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// beginVault makes the vault over what there is: rows from before there was a
// chain are chained, and values from before there was a sealing are sealed.
func (tx *tx) beginVault(ctx context.Context, from int64, opt Options) error {
	ids, err := collect(ctx, tx, scanText, `SELECT id FROM data_keys ORDER BY used_at, id`)
	if err != nil {
		return err
	}
	plain := from < sealedSchema
	for _, id := range ids {
		switch {
		case id == plainRows:
			plain = true
		case opt.Keys.find(id) == nil:
			return missingKey(id)
		}
	}
	var head link
	if err := tx.QueryRowContext(ctx, `SELECT seq, hash FROM audit_head`).Scan(&head.Seq, &head.Hash); err != nil {
		return err
	}
	if from < chainedSchema {
		if head, err = tx.chainPlain(ctx, nil); err != nil {
			return fmt.Errorf("chaining the audit log: %w", err)
		}
	}
	if tx.vault, err = tx.vaultOver(ctx, head); err != nil {
		return err
	}
	if err := tx.keepVault(ctx, tx.vault, opt.Keys); err != nil {
		return err
	}
	if err := tx.signMarks(ctx); err != nil || !plain {
		return err
	}
	return tx.sealPlain(ctx, opt)
}

// The versions that brought the chain and the sealing.
const (
	chainedSchema = 3
	sealedSchema  = 9
)

// plainRows stood among the keys while there were rows that were not sealed yet.
const plainRows = "plain"

// vaultOver is a new vault behind that row of the audit log, and notes the head.
func (tx *tx) vaultOver(ctx context.Context, head link) (*vault, error) {
	v := newVault(head)
	people, err := collect(
		ctx, tx, func(row scanner) (p [2]string, err error) { return p, row.Scan(&p[0], &p[1]) },
		`SELECT id, email FROM staff`,
	)
	for _, p := range people {
		v.Staff[p[0]] = p[1]
	}
	if err != nil {
		return nil, err
	}
	head.sound = true
	return v, tx.writeHead(ctx, v, head)
}

// signMarks takes the marks of the sealing for what they say.
func (tx *tx) signMarks(ctx context.Context) error {
	if err := tx.exec(ctx, `DELETE FROM data_keys WHERE id = $1`, plainRows); err != nil {
		return err
	}
	ids, err := collect(ctx, tx, scanText, `SELECT id FROM data_keys`)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := tx.exec(
			ctx, `UPDATE data_keys SET mac = $2 WHERE id = $1`, id, tx.vault.mac("data key", id),
		); err != nil {
			return err
		}
	}
	marks, err := collect(ctx, tx, scanMark, `SELECT `+markColumns+` FROM sealing`)
	for _, m := range marks {
		err = errors.Join(err, tx.writeMark(ctx, m))
	}
	return err
}

// RestartAudit begins the audit log's chain anew behind the rows that there are,
// under the first of the keys, and forgets the other keys: when a data key is
// lost, or somebody has been at the vault. It is for whoever has the machine to
// ask for; the act that says so names the head as it was. How far it is stands on the
// board.
func RestartAudit(ctx context.Context, url string, keys *Keyring, board *progress.Board) error {
	s, err := Open(ctx, url, Options{Keys: keys, Board: board, There: true, restart: true})
	if err != nil {
		return err
	}
	return s.Close()
}

func (s *Store) restartAudit(ctx context.Context, keys *Keyring) error {
	return s.inTx(ctx, func(tx *tx) error {
		before, err := readHead(ctx, tx, nil)
		if err != nil {
			return err
		}
		w := s.board.Begin(progress.Chaining, 1)
		defer w.End()
		head, err := tx.chainPlain(ctx, w)
		if err != nil {
			return err
		}
		if tx.vault, err = tx.vaultOver(ctx, head); err != nil {
			return err
		}
		if err := tx.keepVault(ctx, tx.vault, keys); err != nil {
			return err
		}
		if err := tx.execAll(ctx, "DELETE FROM data_keys;\nDELETE FROM sealing"); err != nil {
			return err
		}
		return tx.audit(ctx, Act{
			Actor: Program, Action: ActAuditRestarted, Detail: fmt.Sprintf("before: %d:%s", before.Seq, before.Hash),
		})
	})
}
