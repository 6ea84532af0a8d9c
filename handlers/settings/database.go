package settings

import (
	"errors"
	"net/url"
	"strings"
)

// OnPostgres says whether everything is kept by PostgreSQL, and not in a file.
func (s *Settings) OnPostgres() bool {
	address := s.DatabaseURL.Reveal()
	return strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://")
}

// checkDatabase wants what lies beside a file to be given where there is none. Nothing of
// the address is said: there is a password in it.
func (s *Settings) checkDatabase() error {
	address := s.DatabaseURL.Reveal()
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok && path != "" {
		if s.ErasedFile != "" {
			return errors.New("ERASED_FILE is for PostgreSQL: beside a file of SQLite there is such a list already")
		}
		return nil
	}
	if !s.OnPostgres() {
		return errors.New("DATABASE_URL is no database that this version knows: give sqlite: and the path of a file, or postgres://user:password@host/name")
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || strings.Trim(u.Path, "/") == "":
		return errors.New("DATABASE_URL is no address such as postgres://user:password@host/name")
	case s.SessionKey == "":
		return errors.New("SESSION_KEY is missing: with PostgreSQL there is no folder beside the database that it could be kept in")
	case s.DataKey == "":
		return errors.New("DATA_KEY is missing: with PostgreSQL there is no folder beside the database that it could be kept in")
	case s.ErasedFile == "" && !s.Simulated():
		return errors.New("ERASED_FILE is missing: a copy of the database that is put back would bring those back who were erased since")
	}
	return nil
}
