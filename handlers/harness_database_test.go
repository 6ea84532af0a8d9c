package handlers_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"balancelink/store"
)

// databaseFile is where the database lies.
func (s *site) databaseFile() string {
	return strings.TrimPrefix(s.Settings.DatabaseURL.Reveal(), "sqlite:")
}

// exec changes the database behind the program's back.
func (s *site) exec(query string, args ...any) {
	s.t.Helper()
	conn := s.beside()
	defer conn.Close()
	if _, err := conn.ExecContext(s.t.Context(), query, args...); err != nil {
		s.t.Fatal(err)
	}
}

// count reads a number beside the site.
func (s *site) count(query string) (n int) {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+s.databaseFile()+"?_query_only=1&_busy_timeout=5000")
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRowContext(context.Background(), query).Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}

// textsOf are the texts that a query finds in the database's file.
func (s *site) textsOf(query string) (all []string) {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+s.databaseFile()+"?_query_only=1&_busy_timeout=5000")
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(s.t.Context(), query)
	if err != nil {
		s.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			s.t.Fatal(err)
		}
		all = append(all, text)
	}
	if err := rows.Err(); err != nil {
		s.t.Fatal(err)
	}
	return all
}

// stored says whether the database's files hold a text in clear.
func (s *site) stored(text string) bool {
	s.t.Helper()
	files, err := filepath.Glob(s.databaseFile() + "*")
	if err != nil {
		s.t.Fatal(err)
	}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			s.t.Fatal(err)
		}
		if strings.Contains(string(content), text) {
			return true
		}
	}
	return false
}

// kept says whether a text lies in the database in clear, or in a sealed payload.
func (s *site) kept(text string) bool {
	s.t.Helper()
	return s.stored(text) || slices.ContainsFunc(s.events(), func(e store.Event) bool { return strings.Contains(string(e.Body), text) })
}

// beside is a connection to the database that the program does not know of.
func (s *site) beside() *sql.Conn {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+s.databaseFile()+"?_busy_timeout=5000")
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { db.Close() })
	conn, err := db.Conn(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return conn
}
