package store

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// tombstone is one erased customer in the file beside the database.
type tombstone struct {
	Customer string   `json:"customer"`
	At       int64    `json:"at"` // Unix milliseconds
	By       string   `json:"by"`
	Reason   string   `json:"reason"`
	Key      string   `json:"key"` // of the hashes
	Hashes   []string `json:"hashes"`
}

// erasedList is who was erased, in a file that an older copy of the database does not
// overwrite. By which ids the provider may still speak of them is looked up in the
// database for every webhook: another instance may have erased them just now.
type erasedList struct {
	path string // empty: there is no file, and nothing outlives the database
	key  string

	mu sync.Mutex // guards the file

	order  sync.Mutex // of the deeds, from their numbers to the file
	last   int64      // number of the last deed in the file
	lines  int        // deeds in the file
	latest map[string]bool
}

// hash is a provider's id as it is kept of an erased customer.
func (g *erasedList) hash(id string) string {
	mac := hmac.New(sha256.New, []byte(g.key))
	mac.Write([]byte(id))
	return hex.EncodeToString(mac.Sum(nil))
}

// read returns the file's tombstones and deeds. A last line that a crash cut off
// was never answered for and does not count.
func (g *erasedList) read() (tombs []tombstone, deeds []deed, err error) {
	if g.path == "" {
		return nil, nil, nil
	}
	text, err := os.ReadFile(g.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	text = wholeLines(text)
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, len(text)+1)
	for n := 1; lines.Scan(); n++ {
		if len(lines.Bytes()) == 0 {
			continue
		}
		var t tombstone
		var d deed
		err := errors.Join(json.Unmarshal(lines.Bytes(), &t), json.Unmarshal(lines.Bytes(), &d))
		switch {
		case err == nil && t.Customer != "":
			tombs = append(tombs, t)
		case err == nil && d.N > 0 && d.What != "":
			deeds = append(deeds, d)
		default:
			return nil, nil, fmt.Errorf(
				"%s: line %d is no tombstone; without it somebody who was erased could come back", g.path, n,
			)
		}
	}
	return tombs, deeds, lines.Err()
}

// append writes a tombstone or a deed to the file and waits until it lies on the disk.
func (g *erasedList) append(what any) error {
	if g.path == "" {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	line, err := json.Marshal(what)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(g.path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(f)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	end := int64(len(wholeLines(text)))
	_, err = f.WriteAt(append(line, '\n'), end)
	return errors.Join(
		err, f.Truncate(end+int64(len(line))+1), f.Sync(), f.Close(),
		adopt(strings.TrimSuffix(g.path, erasedOf), g.path), syncFolder(filepath.Dir(g.path)),
	)
}

// wholeLines are the lines of the list that no crash cut off: see [erasedList.read].
func wholeLines(text []byte) []byte { return text[:bytes.LastIndexByte(text, '\n')+1] }

// openGraves brings file and database together before anything is served: who
// was erased according to the file is erased again, in case the database is an
// older copy, and what the file lacks is added to it.
func (s *Store) openGraves(ctx context.Context, path string, restored bool) error {
	s.erased = &erasedList{path: path, latest: map[string]bool{}}
	inFile, deeds, err := s.erased.read()
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	if err := s.chooseKey(ctx, inFile); err != nil {
		return err
	}
	known := map[string]bool{}
	again := false
	for _, t := range inFile {
		known[t.Customer] = true
		done, err := s.eraseAgain(ctx, t)
		if err != nil {
			return err
		}
		again = again || done
	}
	if err := s.completeFile(ctx, known); err != nil {
		return err
	}
	redone, err := s.openDeeds(ctx, deeds, restored || again)
	if err != nil {
		return err
	}
	if again || redone {
		return s.Clean(ctx)
	}
	return nil
}

// chooseKey finds the key of the hashes: the file's, for the file is never
// older than the database; else the database's; else a new one.
func (s *Store) chooseKey(ctx context.Context, inFile []tombstone) error {
	return s.inTx(ctx, func(tx *tx) error {
		keys, err := collect(ctx, tx, scanText, `SELECT value FROM erasure_key`)
		if err != nil {
			return err
		}
		switch {
		case len(inFile) > 0:
			s.erased.key = inFile[len(inFile)-1].Key
		case len(keys) > 0:
			s.erased.key = keys[0]
		default:
			s.erased.key = rand.Text()
		}
		if len(keys) == 1 && keys[0] == s.erased.key {
			return nil
		}
		if err := tx.exec(ctx, `DELETE FROM erasure_key`); err != nil {
			return err
		}
		return tx.exec(ctx, `INSERT INTO erasure_key (value) VALUES ($1)`, s.erased.key)
	})
}

// eraseAgain erases a customer of the file whom the database does not know to be erased.
func (s *Store) eraseAgain(ctx context.Context, t tombstone) (done bool, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		done = false
		_, err := erasureOf(ctx, tx, t.Customer)
		if !errors.Is(err, ErrNotFound) {
			return err
		}
		done = true
		return tx.erase(ctx, s.erased, &t)
	})
	return done, err
}

// completeFile adds the tombstones that the file lacks: the program ended
// between a commit and the file, or the file was lost.
func (s *Store) completeFile(ctx context.Context, known map[string]bool) error {
	all, err := collect(
		ctx, s.write, scanErasure,
		`SELECT customer_id, erased_at, erased_by, reason, removed_at FROM erasures ORDER BY erased_at`,
	)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	for _, e := range all {
		if known[e.CustomerID] {
			continue
		}
		t := tombstone{Customer: e.CustomerID, At: e.At.UnixMilli(), By: e.By, Reason: e.Reason, Key: s.erased.key}
		if t.Hashes, err = collect(
			ctx, s.write, scanText, `SELECT hash FROM erased_ids WHERE customer_id = $1`, e.CustomerID,
		); err != nil {
			return fmt.Errorf("store: %w", err)
		}
		if err := s.erased.append(t); err != nil {
			return fmt.Errorf("store: %w", err)
		}
	}
	return nil
}
