package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Which keys rows are under stands in data_keys, and how far each column has come
// in sealing, so that no start has to search for it. Both are marks under the
// key of the vault: what somebody else wrote there counts for nothing. A new key is
// taken into use in one transaction: from then on everything is sealed under it, and
// what there is follows in batches. Once all of it has followed, the other keys leave
// data_keys and may be thrown away.

// ErrKeyMissing says that rows are sealed under a key that was not given.
var ErrKeyMissing = errors.New("DATA_KEY lacks the key")

func missingKey(id string) error {
	return fmt.Errorf(
		"%w %s, under which this database is sealed; give it too, behind the newest one", ErrKeyMissing, id,
	)
}

// sealBatch is how many rows are sealed in one transaction.
const sealBatch = 200

// Sealing says how far the rows have come under the newest key.
type Sealing struct {
	Key     string   // id of the newest key
	Column  string   // table.column that this step was about; empty: none was left
	Looked  int      // rows that this step looked at
	Rows    int      // that it sealed
	Broken  []error  // each a [*SealError]: rows of this step that do not open and were left as they are
	Done    bool     // nothing is left to do
	Waits   bool     // nothing was done: another instance does not use the newest key yet
	Retired []string // ids of the keys that are not needed any more since this step
}

// unlock takes the keys into use before anything else is read.
func (s *Store) unlock(ctx context.Context, k *Keyring) error {
	if k == nil {
		return nil
	}
	v, err := readVault(ctx, s.write, k)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	s.vault = v
	return s.UseKeys(ctx, k)
}

// UseKeys puts other keys in the place of those in use, the newest first. Rows
// go over to that one by [Store.SealSome]. Keys without one that rows are
// sealed under are refused with [ErrKeyMissing], and nothing is changed.
func (s *Store) UseKeys(ctx context.Context, k *Keyring) error {
	use := k
	err := s.inTx(ctx, func(tx *tx) error {
		needed, err := neededKeys(ctx, tx, tx.vault)
		if err != nil {
			return err
		}
		use = s.inUse(k, needed)
		for _, id := range needed {
			if k.find(id) == nil {
				return missingKey(id)
			}
		}
		if err := tx.keepVault(ctx, tx.vault, use); err != nil {
			return err
		}
		return tx.beginSealing(ctx, use.keys[0].id, needed)
	})
	if err == nil {
		s.keys.Store(use)
	}
	return err
}

// neededKeys are the ids of the keys that rows may be under, the one that was taken into
// use last behind the others.
func neededKeys(ctx context.Context, q querier, v *vault) ([]string, error) {
	rows, err := collect(ctx, q, func(row scanner) (m [2]string, err error) { return m, row.Scan(&m[0], &m[1]) },
		`SELECT id, mac FROM data_keys ORDER BY used_at, id`)
	var ids []string
	for _, row := range rows {
		if v.made(row[1], "data key", row[0]) {
			ids = append(ids, row[0])
		}
	}
	return ids, err
}

// beginSealing notes a key as the newest. Columns that are on their way under it
// go on where they were; those that left rows behind begin again.
func (tx *tx) beginSealing(ctx context.Context, newest string, needed []string) error {
	if !slices.Contains(needed, newest) {
		if err := tx.noteKey(ctx, newest, needed); err != nil {
			return err
		}
	}
	marks, err := tx.marks(ctx)
	for _, m := range marks {
		if m.key != newest || m.broken > 0 {
			err = errors.Join(err, tx.writeMark(ctx, mark{what: m.what, key: newest}))
		}
	}
	return err
}

// mark says how far a column has come under a key.
type mark struct {
	what, key, upto string
	broken          int
	done            bool
	mac             string
}

const markColumns = `what, key_id, upto, broken, done, mac`

func scanMark(row scanner) (m mark, err error) {
	err = row.Scan(&m.what, &m.key, &m.upto, &m.broken, &m.done, &m.mac)
	return m, err
}

func (m mark) column() *sealedColumn {
	return sealedColumns[slices.IndexFunc(sealedColumns, func(c *sealedColumn) bool { return c.String() == m.what })]
}

func (m mark) parts() []string {
	return []string{m.what, m.key, m.upto, strconv.Itoa(m.broken), strconv.FormatBool(m.done)}
}

// marks are those of all columns, in order. One that the program did not write
// is as if its column had not begun.
func (tx *tx) marks(ctx context.Context) ([]mark, error) {
	found, err := collect(ctx, tx, scanMark, `SELECT `+markColumns+` FROM sealing`)
	var all []mark
	for _, c := range sealedColumns {
		m := mark{what: c.String()}
		for _, f := range found {
			if f.what == m.what && tx.vault.made(f.mac, "sealing", f.parts()...) {
				m = f
			}
		}
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b mark) int { return strings.Compare(a.what, b.what) })
	return all, err
}

func (tx *tx) writeMark(ctx context.Context, m mark) error {
	return tx.exec(ctx, `
		INSERT INTO sealing (what, key_id, upto, broken, done, mac)
		VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (what) DO UPDATE
		SET key_id = excluded.key_id, upto = excluded.upto, broken = excluded.broken, done = excluded.done, mac = excluded.mac`,
		m.what, m.key, m.upto, m.broken, m.done, tx.vault.mac("sealing", m.parts()...))
}

// noteKey writes down that rows may be under a key from now on, later than any other
// whatever the clock says. The first one is no change that anybody made.
func (tx *tx) noteKey(ctx context.Context, id string, before []string) error {
	last, err := one(ctx, tx, scanNumber, `SELECT COALESCE(MAX(used_at), 0) FROM data_keys`)
	if err != nil {
		return err
	}
	err = tx.exec(ctx, `
		INSERT INTO data_keys (id, used_at, mac)
		VALUES ($1, $2, $3)
		ON CONFLICT (id) DO UPDATE
		SET used_at = excluded.used_at, mac = excluded.mac`, id, max(tx.now.UnixMilli(), last+1), tx.vault.mac("data key", id))
	if err != nil || len(before) == 0 {
		return err
	}
	return tx.audit(ctx, Act{Actor: Program, Action: ActDataKeyUsed, Detail: "key " + id})
}

// sealPlain seals what lies in clear in a database from before the sealing.
func (tx *tx) sealPlain(ctx context.Context, opt Options) error {
	for _, c := range sealedColumns {
		if c.later {
			continue
		}
		m := mark{what: c.String(), key: opt.Keys.keys[0].id}
		for !m.done {
			step := Sealing{Key: m.key, Column: m.what}
			if err := tx.sealRows(ctx, &step, &m, opt.Keys, true); err != nil {
				return err
			}
			if opt.Sealing != nil {
				opt.Sealing(step)
			}
		}
	}
	if opt.Sealing != nil {
		opt.Sealing(Sealing{Key: opt.Keys.keys[0].id, Done: true})
	}
	return nil
}

// SealSome seals some more rows under the newest key, those from under older
// keys, and says how far that has come. What does not open stays as it is, and
// the older keys stay needed.
func (s *Store) SealSome(ctx context.Context) (Sealing, error) {
	if s.keys.Load() == nil {
		return Sealing{Done: true}, nil
	}
	step, err := s.sealNext(ctx)
	if err != nil || !step.Done {
		return step, err
	}
	step.Retired, err = s.retire(ctx)
	return step, err
}

// ToSeal is about how many rows [Store.SealSome] has to look at yet.
func (s *Store) ToSeal(ctx context.Context) (rows int64, err error) {
	if s.keys.Load() == nil {
		return 0, nil
	}
	err = s.inTx(ctx, func(tx *tx) error {
		rows = 0
		marks, err := tx.marks(ctx)
		for _, m := range marks {
			if m.key != tx.keyring().keys[0].id {
				m = mark{what: m.what}
			}
			if c := m.column(); !m.done {
				rows += engineOf(tx).behind(ctx, tx, c.table, c.row, m.upto)
			}
		}
		return err
	})
	return rows, err
}

// sealNext seals the next batch of the first column that is not through.
func (s *Store) sealNext(ctx context.Context) (step Sealing, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		step = Sealing{Key: tx.keyring().keys[0].id}
		if step.Waits, err = tx.sealedElsewhere(ctx); err != nil || step.Waits {
			return err
		}
		marks, err := tx.marks(ctx)
		if err != nil {
			return err
		}
		for _, m := range marks {
			if m.key != step.Key {
				m = mark{what: m.what, key: step.Key}
			}
			if !m.done {
				step.Column = m.what
				return tx.sealRows(ctx, &step, &m, tx.keyring(), false)
			}
		}
		step.Done = true
		return nil
	})
	return step, err
}

// keptValue is a value of a sealed column as it lies there.
type keptValue struct {
	row  string
	kept []byte
}

func scanKept(row scanner) (v keptValue, err error) {
	err = row.Scan(&v.row, &v.kept)
	return v, err
}

// sealRows seals the rows of a column behind its mark, and moves the mark. plain
// says that values in clear are from before the sealing; otherwise somebody put
// them there.
func (tx *tx) sealRows(ctx context.Context, step *Sealing, m *mark, keys *Keyring, plain bool) error {
	c := m.column()
	values, err := collect(ctx, tx, scanKept, `
		SELECT `+c.row+`, `+c.name+`
		FROM `+c.table+`
		WHERE `+c.row+` > $1
		ORDER BY `+c.row+`
		LIMIT $2`, m.upto, sealBatch)
	if err != nil {
		return err
	}
	step.Looked += len(values)
	err = tx.each(ctx, len(values), func(tx *laneTx, i int) error {
		v := values[i]
		if err := tx.sealAnew(ctx, step, c, v, keys, plain); err != nil {
			return fmt.Errorf("sealing %s of row %s: %w", c, v.row, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(values) > 0 {
		m.upto = values[len(values)-1].row
	}
	m.broken, m.done = m.broken+len(step.Broken), len(values) < sealBatch
	return tx.writeMark(ctx, *m)
}

// sealAnew puts a value under the newest key, unless it is.
func (tx *tx) sealAnew(
	ctx context.Context, step *Sealing, c *sealedColumn, v keptValue, keys *Keyring, plain bool,
) error {
	id, _, sealed := splitSealed(v.kept)
	if c.keepsPlain(v.kept) || sealed && id == step.Key {
		return nil
	}
	value := v.kept
	if sealed || !plain {
		var err error
		if value, err = keys.open(c, v.row, v.kept); err != nil {
			step.Broken = append(step.Broken, err)
			return nil
		}
	}
	kept, err := keys.seal(c, v.row, value)
	if err != nil {
		return err
	}
	var into any = kept
	if !c.binary {
		into = string(kept)
	}
	step.Rows++
	return tx.exec(ctx, `UPDATE `+c.table+` SET `+c.name+` = $2 WHERE `+c.row+` = $1`, v.row, into)
}

// retire lets go of the keys that no row is under any more. While a row does not
// open it may be under any of them: then all stay.
func (s *Store) retire(ctx context.Context) (ids []string, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		newest := tx.keyring().keys[0].id
		marks, err := tx.marks(ctx)
		if err != nil ||
			slices.ContainsFunc(marks, func(m mark) bool { return m.key != newest || !m.done || m.broken > 0 }) {
			return err
		}
		needed, err := neededKeys(ctx, tx, tx.vault)
		if err != nil || len(needed) == 1 {
			return err
		}
		if err := tx.exec(ctx, `DELETE FROM data_keys WHERE id <> $1`, newest); err != nil {
			return err
		}
		ids = slices.DeleteFunc(needed, func(id string) bool { return id == newest })
		for _, id := range ids {
			if err := tx.audit(ctx, Act{Actor: Program, Action: ActDataKeyRetired, Detail: "key " + id}); err != nil {
				return err
			}
		}
		return nil
	})
	return ids, err
}
