package store

import (
	"context"
	"time"
)

// What one instance of several does alone: whoever holds the lease of that name.
const (
	LeaseLeader     = "leader"     // the background work
	LeaseSimulation = "simulation" // the simulated providers, whose state is in the process
)

// LeaseFor is how long a lease is held that is not renewed.
const LeaseFor = 10 * time.Second

// forgottenAfter is how long an instance is remembered that ended without a word.
const forgottenAfter = time.Hour

// Instance is a process of the program that serves from the database.
type Instance struct {
	ID        string // that it chose by chance
	Version   string
	StartedAt time.Time
	SeenAt    time.Time // when it last said that it runs
	LeadsFrom time.Time // since when it does the background work; zero: it does not
}

// Away says whether the instance has said nothing for so long that it may have ended.
func (i Instance) Away(now time.Time) bool { return now.Sub(i.SeenAt) > LeaseFor }

// NewInstance is an instance that starts now.
func (s *Store) NewInstance(version string) Instance {
	return Instance{ID: newID(), Version: version, StartedAt: s.now()}
}

// Alone says whether no other process can have the database open while this one has.
func (s *Store) Alone() bool { return s.engine.alone() }

// EndOthers ends the leases and instances of before, and what they had begun. It is right only where the
// process is alone with the database: whoever left them is gone, however that ended.
func (s *Store) EndOthers(ctx context.Context) error {
	return s.inTx(ctx, func(tx *tx) error {
		return tx.execAll(
			ctx, "DELETE FROM leases;\nDELETE FROM instances;\nUPDATE held_files SET state = 'failed' WHERE state = 'running'",
		)
	})
}

// Beat says that an instance runs, takes or renews those leases for it, and says which
// of them it holds, until [LeaseFor] from now. One that another holds it is refused.
// Nobody's page changes by it: [Store.Writes] stays.
func (s *Store) Beat(ctx context.Context, i Instance, leases ...string) (held []string, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		tx.unseen, held = true, nil
		for _, name := range leases {
			got, err := tx.takeLease(ctx, name, i.ID)
			if err != nil {
				return err
			}
			if got {
				held = append(held, name)
			}
		}
		return tx.noteInstance(ctx, i)
	})
	return held, err
}

// takeLease takes or renews a lease that is free, and says whether it is held. One that
// lasts longer than any can is from a clock that was set back.
func (tx *tx) takeLease(ctx context.Context, name, holder string) (bool, error) {
	return tx.changes(ctx, `
		INSERT INTO leases (name, holder, since, until)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT (name) DO UPDATE
		SET since = CASE WHEN leases.holder = excluded.holder THEN leases.since ELSE excluded.since END,
			holder = excluded.holder, until = excluded.until
		WHERE leases.holder = excluded.holder OR leases.until <= excluded.since OR leases.until > excluded.until`,
		name, holder, unixMS(tx.now), unixMS(tx.now.Add(LeaseFor)))
}

func (tx *tx) noteInstance(ctx context.Context, i Instance) error {
	key := ""
	if k := tx.keyring(); k != nil {
		key = k.keys[0].id
	}
	if err := tx.exec(ctx, `
		INSERT INTO instances (id, version, started_at, seen_at, data_key)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (id) DO UPDATE
		SET seen_at = excluded.seen_at, data_key = excluded.data_key`,
		i.ID, i.Version, unixMS(i.StartedAt), unixMS(tx.now), key); err != nil {
		return err
	}
	return tx.exec(ctx, `
		DELETE FROM instances
		WHERE seen_at < $1 OR seen_at > $2`,
		unixMS(tx.now.Add(-forgottenAfter)), unixMS(tx.now.Add(forgottenAfter)))
}

// GiveUp gives a lease back that an instance may hold, which goes on running.
func (s *Store) GiveUp(ctx context.Context, id, lease string) error {
	return s.inTx(ctx, func(tx *tx) error {
		tx.unseen = true
		return tx.exec(ctx, `DELETE FROM leases WHERE name = $1 AND holder = $2`, lease, id)
	})
}

// Leave gives back what an instance holds and forgets it: it ends.
func (s *Store) Leave(ctx context.Context, id string) error {
	return s.inTx(ctx, func(tx *tx) error {
		tx.unseen = true
		if err := tx.exec(ctx, `DELETE FROM leases WHERE holder = $1`, id); err != nil {
			return err
		}
		if err := tx.exec(ctx, `DELETE FROM works WHERE instance = $1`, id); err != nil {
			return err
		}
		return tx.exec(ctx, `DELETE FROM instances WHERE id = $1`, id)
	})
}

// Instances are those that run, oldest first, and those of the last hour that ended
// without a word.
func (s *Store) Instances(ctx context.Context) ([]Instance, error) {
	return collect(ctx, s.read, func(row scanner) (i Instance, err error) {
		err = row.Scan(&i.ID, &i.Version, timeOf{&i.StartedAt}, timeOf{&i.SeenAt}, timeOf{&i.LeadsFrom})
		return i, err
	}, `
		SELECT id, version, started_at, seen_at, since
		FROM instances LEFT JOIN leases ON name = $1 AND holder = id AND until > $2
		ORDER BY started_at, id`, LeaseLeader, unixMS(s.now()))
}
