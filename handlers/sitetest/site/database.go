package site

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"balancelink/store"
)

// DatabaseFile is where the database lies.
func (s *Site) DatabaseFile() string {
	return strings.TrimPrefix(s.Settings.DatabaseURL.Reveal(), "sqlite:")
}

// Exec changes the database behind the program's back.
func (s *Site) Exec(query string, args ...any) {
	s.T.Helper()
	conn := s.Beside()
	defer conn.Close()
	if _, err := conn.ExecContext(s.T.Context(), query, args...); err != nil {
		s.T.Fatal(err)
	}
}

// Spoil changes a sealed value outside of the program.
func (s *Site) Spoil(column string) {
	s.T.Helper()
	table, name, _ := strings.Cut(column, ".")
	kind := "TEXT"
	if column == "events.body" {
		kind = "BLOB"
	}
	s.Exec(`UPDATE ` + table + ` SET ` + name + ` = CAST('s1:' || substr(CAST(` + name + ` AS TEXT), 4, 9) || ` +
		`'AAAABBBBCCCCDDDDEEEEFFFFGGGGHHHHIIII' AS ` + kind + `) WHERE ` + name + ` <> ''`)
}

// Count reads a number beside the site.
func (s *Site) Count(query string) (n int) {
	s.T.Helper()
	db, err := sql.Open("sqlite", "file:"+s.DatabaseFile()+"?_query_only=1&_busy_timeout=5000")
	if err != nil {
		s.T.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRowContext(context.Background(), query).Scan(&n); err != nil {
		s.T.Fatal(err)
	}
	return n
}

// TextsOf are the texts that a query finds in the database's file.
func (s *Site) TextsOf(query string) (all []string) {
	s.T.Helper()
	db, err := sql.Open("sqlite", "file:"+s.DatabaseFile()+"?_query_only=1&_busy_timeout=5000")
	if err != nil {
		s.T.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(s.T.Context(), query)
	if err != nil {
		s.T.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			s.T.Fatal(err)
		}
		all = append(all, text)
	}
	if err := rows.Err(); err != nil {
		s.T.Fatal(err)
	}
	return all
}

// Stored says whether the database's files hold a text in clear.
func (s *Site) Stored(text string) bool {
	s.T.Helper()
	files, err := filepath.Glob(s.DatabaseFile() + "*")
	if err != nil {
		s.T.Fatal(err)
	}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			s.T.Fatal(err)
		}
		if strings.Contains(string(content), text) {
			return true
		}
	}
	return false
}

// Kept says whether a text lies in the database in clear, or in a sealed payload.
func (s *Site) Kept(text string) bool {
	s.T.Helper()
	says := func(e store.Event) bool { return strings.Contains(string(e.Body), text) }
	return s.Stored(text) || slices.ContainsFunc(s.Events(), says)
}

// Beside is a connection to the database that the program does not know of.
func (s *Site) Beside() *sql.Conn {
	s.T.Helper()
	db, err := sql.Open("sqlite", "file:"+s.DatabaseFile()+"?_busy_timeout=5000")
	if err != nil {
		s.T.Fatal(err)
	}
	s.T.Cleanup(func() { db.Close() })
	conn, err := db.Conn(s.T.Context())
	if err != nil {
		s.T.Fatal(err)
	}
	return conn
}
