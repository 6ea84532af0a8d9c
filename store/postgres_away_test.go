package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pressly/goose/v3"

	"balancelink/store/progress"
)

// A server that says nothing to anybody, and those who poll meanwhile.
func TestOneAsksAServerThatDoesNotAnswerAndNotAllWhoPoll(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	var asked atomic.Int32
	go func() {
		for conn, err := silent.Accept(); err == nil; conn, err = silent.Accept() {
			asked.Add(1)
			defer conn.Close()
		}
	}()
	e := &postgresEngine{url: "postgres://nobody@" + silent.Addr().String() + "/nothing?sslmode=disable", limit: 2 * lookedFor}
	pool, err := e.reader(1, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.db.Close()
	const polls = 6
	before := e.elsewhere(pool)
	for range polls {
		if e.elsewhere(pool) == before-1 {
			t.Error("what cannot be read counts as unchanged")
		}
	}
	if n := asked.Load(); n == 0 || n > polls/2 {
		t.Errorf("of %d polls %d waited for the server", 1+polls, n)
	}
	if since := time.Since(e.looked); since < 0 {
		t.Errorf("it looked %v from now", -since)
	}
}

func TestAServerThatEndsOrTakesAQuestionBackIsAwayAndAProviderIsNot(t *testing.T) {
	for err, want := range map[error]bool{
		fmt.Errorf("store: reading: %w", io.ErrUnexpectedEOF):                     true,
		fmt.Errorf("store: reading: %w", driver.ErrBadConn):                       true,
		&url.Error{Op: "Get", URL: "https://bank", Err: io.ErrUnexpectedEOF}:      false,
		fmt.Errorf("store: reading: %w", &pgconn.PgError{Code: "40P01"}):          true,
		fmt.Errorf("store: reading: %w", &pgconn.PgError{Code: "23505"}):          false,
		errors.New("store: something else is wrong"):                              false,
		fmt.Errorf("store: %w", ErrNotFound):                                      false,
		fmt.Errorf("the bank: %w", &url.Error{Op: "Get", Err: driver.ErrBadConn}): false,
	} {
		if is := Away(err); is != want {
			t.Errorf("%v: away %v, want %v", err, is, want)
		}
	}
}

func TestAMigrationThatTheServerTakesBackIsMadeAgain(t *testing.T) {
	for _, row := range []struct {
		fails int
		with  string
		made  bool
	}{{0, "", true}, {tries, "40P01", true}, {tries + 1, "40P01", false}, {1, "23505", false}} {
		db, err := sql.Open("sqlite", ":memory:")
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		db.SetMaxOpenConns(1)
		runs := 0
		p, err := goose.NewProvider(goose.DialectSQLite3, db, nil, goose.WithGoMigrations(goose.NewGoMigration(1, &goose.GoFunc{
			RunTx: func(context.Context, *sql.Tx) error {
				if runs++; runs <= row.fails {
					return &pgconn.PgError{Code: row.with}
				}
				return nil
			},
		}, nil)))
		if err != nil {
			t.Fatal(err)
		}
		if err := migrateAll(t.Context(), p, 0, (&postgresEngine{}).again, &progress.Board{}); (err == nil) != row.made {
			t.Errorf("failing %d times with %s: %v after %d runs", row.fails, row.with, err, runs)
		}
	}
}
