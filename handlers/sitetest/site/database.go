package site

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"balancelink/store"
	"balancelink/store/storetest"
)

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
	rows := map[string]string{} // ids, and what is to stand there
	conn := s.Beside()
	defer conn.Close()
	found, err := conn.QueryContext(s.T.Context(), `SELECT `+idOf(table)+`, `+name+` FROM `+table)
	if err != nil {
		s.T.Fatal(err)
	}
	for found.Next() {
		var id, kept string
		if err := found.Scan(&id, &kept); err != nil {
			s.T.Fatal(err)
		}
		if len(kept) > sealedHead {
			rows[id] = kept[:sealedHead] + "AAAABBBBCCCCDDDDEEEEFFFFGGGGHHHHIIII"
		}
	}
	if err := found.Close(); err != nil {
		s.T.Fatal(err)
	}
	for id, kept := range rows {
		var value any = kept
		if column == "events.body" {
			value = []byte(kept)
		}
		if _, err := conn.ExecContext(
			s.T.Context(), `UPDATE `+table+` SET `+name+` = $2 WHERE `+idOf(table)+` = $1`, id, value,
		); err != nil {
			s.T.Fatal(err)
		}
	}
}

// sealedHead is how much of a sealed value names its key: "s1:" and eight digits.
const sealedHead = 12

// idOf is the column with the ids of a table's rows.
func idOf(table string) string {
	if table == "second_factors" {
		return "staff_id"
	}
	return "id"
}

// Count reads a number beside the site.
func (s *Site) Count(query string) (n int) {
	s.T.Helper()
	db := storetest.Database(s.T, s.Database)
	defer db.Close()
	if err := db.QueryRowContext(context.Background(), query).Scan(&n); err != nil {
		s.T.Fatal(err)
	}
	return n
}

// TextsOf are the texts that a query finds in the database's file.
func (s *Site) TextsOf(query string) []string {
	s.T.Helper()
	db := storetest.Database(s.T, s.Database)
	defer db.Close()
	return storetest.Texts(s.T, db, query)
}

// Stored says whether the database's files hold a text in clear.
func (s *Site) Stored(text string) bool {
	s.T.Helper()
	return storetest.Holds(s.T, s.Database, text)
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
	db := storetest.Database(s.T, s.Database)
	conn, err := db.Conn(s.T.Context())
	if err != nil {
		s.T.Fatal(err)
	}
	return conn
}
