package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// What is only ever done in one direction must not be undone by an older copy of
// the database: a consent that was withdrawn, a member of staff who was shut out,
// a password that was replaced, a code that was used. Each is a numbered line
// beside the tombstones, on the disk before it is answered for, and the database
// knows the number of its last: one that does not know the file's last is an
// older copy, in which all that came since is done again before anything is
// served. A line holds ids and no more: the new password, say, is not there, and
// whoever had one chooses another by a link.

// deed is such a line.
type deed struct {
	N    int64  `json:"n"`
	What string `json:"what"`
	ID   string `json:"id,omitempty"`
	To   string `json:"to,omitempty"`
	At   int64  `json:"at"` // Unix milliseconds
}

// The deeds, by whose id they have.
const (
	deedWithdrawn        = "consent withdrawn" // customer
	deedVisitWithdrawn   = "visit withdrawn"   // visit, of what was agreed to in it: To is the customer
	deedUnlinked         = "unlinked"          // account
	deedCustomerPassword = "customer password" // customer: set or removed
	deedDisabled         = "disabled"          // member of staff: To is yes or no
	deedRole             = "role"              // member of staff: To is the role
	deedPassword         = "password"          // member of staff: replaced
	deedFactor           = "second factor"     // member of staff: set or removed
	deedCode             = "recovery code"     // its hash: used
	deedKeyRevoked       = "key revoked"       // key of the API: To is who of the staff
	deedEndpointRemoved  = "endpoint removed"  // endpoint
	// nobody's: a session, a link, or that something is sent to an endpoint. In an older copy all
	// end.
	deedEnded = "ended"
)

// forGood notes what the transaction does in one direction.
func (tx *tx) forGood(ctx context.Context, what, id, to string) error {
	d := deed{What: what, ID: id, To: to, At: tx.now.UnixMilli()}
	if slices.ContainsFunc(
		tx.deeds, func(before deed) bool { return before.What == what && before.ID == id && before.To == to },
	) {
		return nil
	}
	if len(tx.deeds) == 0 { // one after the other, until they lie in the file: see inTx
		tx.erased.order.Lock()
		tx.ordered = true
	}
	var last int64
	if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(n), 0) FROM deeds`).Scan(&last); err != nil {
		return err
	}
	d.N = max(last, tx.erased.last) + 1
	line, err := json.Marshal(d)
	if err != nil {
		return err
	}
	if err := tx.exec(ctx, `DELETE FROM deeds WHERE n < $1`, tx.erased.last); err != nil { // those lie in the file
		return err
	}
	tx.deeds = append(tx.deeds, d)
	return tx.exec(ctx, `INSERT INTO deeds (n, line) VALUES ($1, $2)`, d.N, string(line))
}

// endAny runs a statement that ends sessions. If it ended any, no older copy may
// revive them.
func (tx *tx) endAny(ctx context.Context, query string, args ...any) error {
	ended, err := tx.changes(ctx, query, args...)
	if err != nil || !ended {
		return err
	}
	return tx.forGood(ctx, deedEnded, "", "")
}

// keepDeeds writes what was committed to the file.
func (s *Store) keepDeeds(deeds []deed) error {
	if len(deeds) == 0 {
		return nil
	}
	if err := s.erased.note(deeds); err != nil {
		return fmt.Errorf("store: it is done, but an older copy would undo it: %w", err)
	}
	return nil
}

// note adds deeds to the file, which is made short again when most of its lines
// were followed by others of their kind.
func (g *erasedList) note(deeds []deed) error {
	for _, d := range deeds {
		if err := g.append(d); err != nil {
			return err
		}
		g.last = max(g.last, d.N)
		g.lines++
		g.latest[d.key()] = true
	}
	if g.path != "" && g.lines > 2*len(g.latest)+deedsSlack {
		return g.shorten()
	}
	return nil
}

// deedsSlack is how many lines are too many before the file is made short again.
const deedsSlack = 500

func (d deed) key() string { return d.What + "\x00" + d.ID }

// shorten leaves the last deed of each kind and id in the file.
func (g *erasedList) shorten() error {
	g.mu.Lock() // no tombstone comes between
	defer g.mu.Unlock()
	tombs, deeds, err := g.read()
	if err != nil {
		return err
	}
	deeds = latest(deeds)
	var text []byte
	add := func(line any) {
		b, jsonErr := json.Marshal(line)
		text, err = append(append(text, b...), '\n'), errors.Join(err, jsonErr)
	}
	for _, t := range tombs {
		add(t)
	}
	for _, d := range deeds {
		add(d)
	}
	if err != nil {
		return err
	}
	if err := writeOver(g.path, text, strings.TrimSuffix(g.path, erasedOf)); err != nil {
		return err
	}
	g.lines = len(deeds)
	return nil
}

// latest are the last deeds of each kind and id, in order.
func latest(deeds []deed) []deed {
	by := map[string]deed{}
	for _, d := range deeds {
		if d.N > by[d.key()].N {
			by[d.key()] = d
		}
	}
	var all []deed
	for _, d := range by {
		all = append(all, d)
	}
	slices.SortFunc(all, func(a, b deed) int { return cmp.Compare(a.N, b.N) })
	return all
}

// openDeeds brings file and database together: what the file lacks is added to
// it, and what an older copy does not know is done again.
func (s *Store) openDeeds(ctx context.Context, inFile []deed, restored bool) (again bool, err error) {
	g := s.erased
	known, err := collect(ctx, s.write, func(row scanner) (d deed, err error) {
		var line string
		if err := row.Scan(&d.N, &line); err != nil {
			return d, err
		}
		return d, json.Unmarshal([]byte(line), &d)
	}, `SELECT n, line FROM deeds ORDER BY n`)
	if err != nil {
		return false, fmt.Errorf("store: %w", err)
	}
	for _, d := range inFile {
		g.last = max(g.last, d.N)
		g.latest[d.key()] = true
	}
	g.lines = len(inFile)
	before := int64(0)
	for _, d := range known {
		before = max(before, d.N)
		if d.N > g.last {
			if err := g.note([]deed{d}); err != nil {
				return false, fmt.Errorf("store: %w", err)
			}
		}
	}
	newer := slices.DeleteFunc(latest(inFile), func(d deed) bool { return d.N <= before })
	if len(newer) == 0 && !restored {
		return false, nil
	}
	return true, s.inTx(ctx, func(tx *tx) error {
		for _, d := range newer {
			// the copy may be from before there was such a one
			if err := tx.again(ctx, d); err != nil && !errors.Is(err, ErrNotFound) {
				return fmt.Errorf("doing again %q: %w", d.What, err)
			}
		}
		if err := tx.leap(ctx); err != nil {
			return err
		}
		return tx.endAll(ctx)
	})
}

// again does in an older copy what was done since.
func (tx *tx) again(ctx context.Context, d deed) error {
	switch d.What {
	case deedWithdrawn:
		_, err := tx.withdraw(ctx, Program, OfCustomer(d.ID))
		return err
	case deedVisitWithdrawn:
		_, err := tx.withdraw(ctx, Program, Scope{CustomerID: d.To, VisitID: d.ID})
		return err
	case deedUnlinked:
		a, err := findAccount(ctx, tx, Whole(), d.ID)
		if err != nil {
			return err
		}
		return tx.unlink(ctx, Program, a)
	case deedCustomerPassword:
		_, err := tx.dropCustomerPassword(ctx, d.ID)
		return err
	case deedDisabled:
		at := d.At
		if d.To != "yes" {
			return tx.exec(ctx, `UPDATE staff SET disabled_at = NULL WHERE id = $1`, d.ID)
		}
		return tx.exec(ctx, `UPDATE staff SET disabled_at = COALESCE(disabled_at, $2) WHERE id = $1`, d.ID, at)
	case deedRole:
		return tx.exec(ctx, `UPDATE staff SET role = $2 WHERE id = $1`, d.ID, d.To)
	case deedFactor: // the one of then must not let anybody in, nor its absence
		if err := tx.dropSecondFactor(ctx, d.ID); err != nil {
			return err
		}
		return tx.exec(ctx, `UPDATE staff SET password_hash = '' WHERE id = $1`, d.ID)
	case deedPassword:
		return tx.exec(ctx, `UPDATE staff SET password_hash = '' WHERE id = $1`, d.ID)
	case deedCode:
		return tx.exec(
			ctx, `UPDATE recovery_codes SET used_at = COALESCE(used_at, $2) WHERE code_hash = $1`, d.ID, d.At,
		)
	case deedKeyRevoked:
		return tx.endKey(ctx, d.ID, d.To, d.At)
	case deedEndpointRemoved:
		return tx.removeEndpoint(ctx, d.ID)
	case deedEnded:
		return nil
	}
	return errors.New("this version does not know it")
}

// endAll ends the sessions and links that an older copy of the database knows, and that
// anything is sent to endpoints: they may have been ended since.
func (tx *tx) endAll(ctx context.Context) error {
	for _, query := range []string{`DELETE FROM sessions`, `DELETE FROM staff_links`} {
		if err := tx.exec(ctx, query); err != nil {
			return err
		}
	}
	err := tx.exec(
		ctx, `UPDATE invitations SET revoked_at = $1 WHERE used_at IS NULL AND revoked_at IS NULL`, unixMS(tx.now),
	)
	if err != nil {
		return err
	}
	if err := errors.Join(tx.dropMails(ctx), tx.stopEndpoints(ctx)); err != nil {
		return err
	}
	if err := tx.forGood(ctx, deedEnded, "", ""); err != nil {
		return err
	}
	return tx.audit(ctx, Act{Actor: Program, Action: ActRestored})
}
