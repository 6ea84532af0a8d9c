package store

import (
	"strings"
	"testing"
	"time"
)

func TestAServerThatKeepsLessThanIsPromisedIsRefusedInOneSentence(t *testing.T) {
	now := time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)
	fit := server{version: 140005, encoding: "UTF8", sorted: true, fsync: "on", synchronous: "on", mayMake: true, at: now}
	if why := fit.unfit(now); why != "" {
		t.Errorf("a server as it has to be: %s", why)
	}
	for word, spoil := range map[string]func(*server){
		"14 or later":        func(s *server) { s.version = 130022 },
		"standby":            func(s *server) { s.standby = true },
		"SQL_ASCII":          func(s *server) { s.encoding = "SQL_ASCII" },
		"LC_COLLATE 'C'":     func(s *server) { s.sorted = false },
		"fsync = off":        func(s *server) { s.fsync = "off" },
		"synchronous_commit": func(s *server) { s.synchronous = "off" },
		"owner":              func(s *server) { s.mayMake = false },
		"31s":                func(s *server) { s.at = now.Add(-31 * time.Second) },
	} {
		s := fit
		spoil(&s)
		if why := s.unfit(now); !strings.Contains(why, word) || strings.Contains(why, "\n") {
			t.Errorf("%s: %q", word, why)
		}
	}
}
