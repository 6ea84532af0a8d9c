package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Of what the program promises a server may keep less than it is told to. Each of these
// is looked at when a database is opened, and is one sentence for the operator.

// leastVersion is the oldest version of PostgreSQL that was tried, as the server writes it.
const leastVersion = 140000

// clocksApart is by how much the database's clock may differ from ours.
const clocksApart = 30 * time.Second

// makeIt is what makes a database as it has to be.
const makeIt = "make it with CREATE DATABASE … TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"

// server is what a server says of itself.
type server struct {
	version     int
	encoding    string
	sorted      bool // by the numbers of the characters
	fsync       string
	synchronous string
	standby     bool
	mayMake     bool // tables
	at          time.Time
}

const askServer = `
	SELECT CAST(current_setting('server_version_num') AS INTEGER), current_setting('server_encoding'),
		'B' < 'a' AND '~' > 'z' AND LOWER('É') = 'É',
		current_setting('fsync'), current_setting('synchronous_commit'), pg_is_in_recovery(),
		COALESCE(has_schema_privilege(current_schema(), 'CREATE'), FALSE),
		CAST(FLOOR(EXTRACT(EPOCH FROM clock_timestamp()) * 1000) AS BIGINT)`

// CheckServer says in one sentence why a database of PostgreSQL cannot be used; nil: it
// can. It changes nothing.
func CheckServer(ctx context.Context, url string) error {
	e := &postgresEngine{url: url}
	pool, err := e.open(1, nil, readOnly)
	if err != nil {
		return err
	}
	return errors.Join(e.check(ctx, pool.db), pool.db.Close())
}

// check says in one sentence why the database cannot be used; nil: it can.
func (e *postgresEngine) check(ctx context.Context, db *sql.DB) error {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	var s server
	err := db.QueryRowContext(ctx, askServer).Scan(
		&s.version, &s.encoding, &s.sorted, &s.fsync, &s.synchronous, &s.standby, &s.mayMake, timeOf{&s.at},
	)
	if err != nil {
		return unreached(err)
	}
	if why := s.unfit(time.Now()); why != "" {
		return fmt.Errorf("%w: %s", ErrUnfit, why)
	}
	e.ahead.Store(int64(time.Until(s.at)))
	return nil
}

// unfit is why a server is not fit; empty: it is.
func (s server) unfit(now time.Time) string {
	apart := s.at.Sub(now).Round(time.Second)
	switch {
	case s.version < leastVersion:
		return fmt.Sprintf("it is PostgreSQL %d, and must be 14 or later", s.version/10000)
	case s.standby:
		return "it is a standby, which takes no writes: name the primary"
	case s.encoding != "UTF8":
		return fmt.Sprintf("its encoding is %s, in which not every name can be written: %s", s.encoding, makeIt)
	case !s.sorted:
		return "it sorts texts by the rules of a language, and pages would leave rows out: " + makeIt
	case s.fsync == "off":
		return "its server has fsync = off: what was acknowledged would be lost with the power; set it to on"
	case s.synchronous == "off":
		return "synchronous_commit is off: what was acknowledged would be lost with the power; set it to on"
	case !s.mayMake:
		return "this user may make no tables in it: make the user its owner"
	case apart.Abs() > clocksApart:
		return fmt.Sprintf("its clock and this machine's differ by %s: set both by a time server", apart.Abs())
	}
	return ""
}

// unreached says what is wrong with an address, if that is why a database was not reached.
func unreached(err error) error {
	if err == nil {
		return nil
	}
	switch state := sqlState(err); {
	case strings.HasPrefix(state, "28"):
		return fmt.Errorf("%w: the server refuses this user or its password (SQLSTATE %s)", ErrUnfit, state)
	case state == "3D000":
		return fmt.Errorf("%w: the server has no database of that name: %s", ErrUnfit, makeIt)
	}
	return fmt.Errorf("store: the database in DATABASE_URL does not answer: %w", err)
}
