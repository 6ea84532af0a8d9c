package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
)

// Which keys rows are under stands in data_keys, so that no start has to search
// for it. A new key is taken into use in one transaction: from then on
// everything is sealed under it, and what there is follows in batches. Once all
// of it has followed, the other keys leave data_keys and may be thrown away.

// ErrKeyMissing says that rows are sealed under a key that was not given.
var ErrKeyMissing = errors.New("DATA_KEY lacks the key")

// plainRows stands among the keys while there may be rows that are not sealed yet.
const plainRows = "plain"

// sealBatch is how many rows are sealed in one transaction.
const sealBatch = 200

// Sealing says how far the rows have come under the newest key.
type Sealing struct {
	Key     string   // id of the newest key
	Column  string   // table.column that this step was about; empty: none was left
	Rows    int      // that this step sealed
	Broken  []error  // each a [*SealError]: rows of this step that do not open and were left as they are
	Done    bool     // nothing is left to do
	Retired []string // ids of the keys that are not needed any more since this step
}

// unlock takes the keys into use before anything else is read, and seals what
// lies there in clear.
func (s *Store) unlock(ctx context.Context, opt Options) error {
	if opt.Keys == nil {
		return nil
	}
	if err := s.UseKeys(ctx, opt.Keys); err != nil {
		return err
	}
	return s.sealPlain(ctx, opt.Sealing)
}

// UseKeys puts other keys in the place of those in use, the newest first. Rows
// go over to that one by [Store.SealSome]. Keys without one that rows are
// sealed under are refused with [ErrKeyMissing], and nothing is changed.
func (s *Store) UseKeys(ctx context.Context, k *Keyring) error {
	err := s.inTx(ctx, func(tx *tx) error {
		needed, err := tx.neededKeys(ctx)
		if err != nil {
			return err
		}
		for _, id := range needed {
			if id != plainRows && k.find(id) == nil {
				return fmt.Errorf("%w %s, under which this database is sealed; give it too, behind the newest one", ErrKeyMissing, id)
			}
		}
		return tx.beginSealing(ctx, k.keys[0].id, needed)
	})
	if err == nil {
		s.keys.Store(k)
	}
	return err
}

// neededKeys are the ids of the keys that rows may be under.
func (tx *tx) neededKeys(ctx context.Context) ([]string, error) {
	return collect(ctx, tx, scanText, `SELECT id FROM data_keys ORDER BY used_at, id`)
}

// beginSealing notes a key as the newest. Columns that are on their way under it
// go on where they were; those that left rows behind begin again.
func (tx *tx) beginSealing(ctx context.Context, newest string, needed []string) error {
	if !slices.Contains(needed, newest) {
		if err := tx.noteKey(ctx, newest, needed); err != nil {
			return err
		}
	}
	for _, c := range sealedColumns {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO sealing (what, key_id, upto, broken, done)
			VALUES ($1, $2, '', 0, FALSE)
			ON CONFLICT (what) DO UPDATE
			SET key_id = excluded.key_id, upto = '', broken = 0, done = FALSE
			WHERE sealing.key_id <> excluded.key_id OR sealing.broken > 0`, c.String(), newest)
		if err != nil {
			return err
		}
	}
	return nil
}

// noteKey writes down that rows may be under a key from now on. The first one is
// no change that anybody made.
func (tx *tx) noteKey(ctx context.Context, id string, before []string) error {
	if _, err := tx.ExecContext(ctx, `INSERT INTO data_keys (id, used_at) VALUES ($1, $2)`, id, unixMS(tx.now)); err != nil {
		return err
	}
	if slices.Equal(before, []string{plainRows}) {
		return nil
	}
	return tx.audit(ctx, Act{Actor: Program, Action: ActDataKeyUsed, Detail: "key " + id})
}

// sealPlain seals a database from before the sealing. Until the write-ahead log
// is empty too it counts as unfinished.
func (s *Store) sealPlain(ctx context.Context, told func(Sealing)) error {
	var plain bool
	err := s.write.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM data_keys WHERE id = $1)`, plainRows).Scan(&plain)
	if err != nil || !plain {
		return err
	}
	for {
		step, err := s.sealNext(ctx, true)
		if err != nil {
			return err
		}
		if told != nil {
			told(step)
		}
		if step.Done {
			break
		}
	}
	if err := s.truncateWAL(ctx); err != nil {
		return err
	}
	_, err = s.retire(ctx)
	return err
}

// SealSome seals some more rows under the newest key, those from under older
// keys, and says how far that has come. What does not open stays as it is, and
// the older keys stay needed.
func (s *Store) SealSome(ctx context.Context) (Sealing, error) {
	if s.keys.Load() == nil {
		return Sealing{Done: true}, nil
	}
	step, err := s.sealNext(ctx, false)
	if err != nil || !step.Done {
		return step, err
	}
	step.Retired, err = s.retire(ctx)
	return step, err
}

// sealNext seals the next batch of the first column that is not through.
func (s *Store) sealNext(ctx context.Context, plain bool) (step Sealing, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		step = Sealing{Key: tx.keyring().keys[0].id}
		var upto string
		err := tx.QueryRowContext(ctx, `SELECT what, upto FROM sealing WHERE NOT done ORDER BY what LIMIT 1`).Scan(&step.Column, &upto)
		if errors.Is(err, sql.ErrNoRows) {
			step.Done = true
			return nil
		}
		if err != nil {
			return err
		}
		return tx.sealRows(ctx, &step, upto, plain)
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

// sealRows seals the rows of a column behind that one, and notes how far it came.
func (tx *tx) sealRows(ctx context.Context, step *Sealing, after string, plain bool) error {
	i := slices.IndexFunc(sealedColumns, func(c *sealedColumn) bool { return c.String() == step.Column })
	if i < 0 {
		return fmt.Errorf("%s is sealed and this version does not know it", step.Column)
	}
	c := sealedColumns[i]
	values, err := collect(ctx, tx, scanKept, `
		SELECT `+c.row+`, `+c.name+`
		FROM `+c.table+`
		WHERE `+c.row+` > $1
		ORDER BY `+c.row+`
		LIMIT $2`, after, sealBatch)
	if err != nil {
		return err
	}
	for _, v := range values {
		if err := tx.sealAnew(ctx, step, c, v, plain); err != nil {
			return fmt.Errorf("sealing %s of row %s: %w", c, v.row, err)
		}
		after = v.row
	}
	_, err = tx.ExecContext(ctx, `UPDATE sealing SET upto = $2, broken = broken + $3, done = $4 WHERE what = $1`,
		c.String(), after, len(step.Broken), len(values) < sealBatch)
	return err
}

// sealAnew puts a value under the newest key, unless it is. plain says that one
// in clear is from before the sealing; otherwise somebody put it there.
func (tx *tx) sealAnew(ctx context.Context, step *Sealing, c *sealedColumn, v keptValue, plain bool) error {
	id, _, sealed := splitSealed(v.kept)
	if c.keepsPlain(v.kept) || sealed && id == step.Key {
		return nil
	}
	value := v.kept
	if sealed || !plain {
		var err error
		if value, err = tx.keyring().open(c, v.row, v.kept); err != nil {
			step.Broken = append(step.Broken, err)
			return nil
		}
	}
	kept, err := tx.keyring().seal(c, v.row, value)
	if err != nil {
		return err
	}
	var into any = kept
	if !c.binary {
		into = string(kept)
	}
	step.Rows++
	_, err = tx.ExecContext(ctx, `UPDATE `+c.table+` SET `+c.name+` = $2 WHERE `+c.row+` = $1`, v.row, into)
	return err
}

// retire lets go of the keys that no row is under any more. While a row does not
// open it may be under any of them: then all stay.
func (s *Store) retire(ctx context.Context) (ids []string, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		newest := tx.keyring().keys[0].id
		var left int
		err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM sealing WHERE NOT done OR broken > 0`).Scan(&left)
		if err != nil || left > 0 {
			return err
		}
		needed, err := tx.neededKeys(ctx)
		if err != nil || len(needed) == 1 {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM data_keys WHERE id <> $1`, newest); err != nil {
			return err
		}
		ids = slices.DeleteFunc(needed, func(id string) bool { return id == newest || id == plainRows })
		for _, id := range ids {
			if err := tx.audit(ctx, Act{Actor: Program, Action: ActDataKeyRetired, Detail: "key " + id}); err != nil {
				return err
			}
		}
		return nil
	})
	return ids, err
}
