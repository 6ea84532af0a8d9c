package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"balancelink/store/phone"
)

// How many tries at passwords and codes are looked at. Each try is counted by up
// to five counters, and looked at when none of them says to wait.
//
//   - One network (an IPv4 /24, an IPv6 /64) at one login, or one device in which
//     its person has signed in before: five, and then after a delay that doubles
//     from a second to a quarter of an hour. Who mistypes waits for seconds; who
//     guesses gets some twenty looked at in the first hour, and four in each after.
//   - A login, from all networks together: twenty, and then one every three
//     minutes. One network alone never uses that up, so nobody keeps others out
//     from a single place. Who guesses from everywhere gets forty in the first hour
//     and no more than 500 in a day, which finds no password that is not among
//     the most common, and these cannot be chosen.
//   - A network, at all logins together: 300, and then one every twelve seconds.
//     It is wide, since an office or a mobile operator may stand behind one
//     address: mistyping does not use it up, trying one password on everybody does.
//
// A known device is asked by its own counter alone: however many strangers guess,
// who signs in there is not delayed. So is who is signed in and confirms it. Who
// keeps out a login from everywhere keeps out new devices; a link to choose a new
// password lets them in (see [Store.UseStaffLink]).
const (
	freeAtLogin = 5
	firstDelay  = time.Second
	lastDelay   = 15 * time.Minute

	loginAtOnce   = 20
	loginEvery    = 3 * time.Minute
	networkAtOnce = 300
	networkEvery  = 12 * time.Second
)

// What is kept of tries. A flood of logins that are made up takes longer to
// push one out, at 200 passwords hashed in a second, than a try at it counts.
const (
	triesKept    = 24 * time.Hour
	subjectsKept = 50_000 // of each kind
	triesBetween = 256    // looks for subjects to forget
)

// The kinds of counters, which begin their subjects.
const (
	byLogin   = "login:"
	bySource  = "source:" // of tries at one login
	byNetwork = "network:"
	byPerson  = "person:"

	byCustomer       = "customer:" // whoever is meant by a login
	byCustomerSource = "customer source:"
)

// Login is what somebody typed to say who they are, hashed: people also type
// passwords there. It is the same whether anybody is known by it or not.
type Login string

// StaffLogin is a login as it is typed where staff sign in.
func StaffLogin(typed string) Login { return loginOf("staff", typed) }

// CustomerLogin is a login as it is typed where customers sign in. The forms of a telephone
// number are one.
func CustomerLogin(typed string) Login { return loginOf("customer", oneForm(typed)) }

// oneForm is what somebody typed, or the number that it is.
func oneForm(typed string) string {
	if number, ok := phone.Parse(typed); ok {
		return number
	}
	return typed
}

func loginOf(kind, typed string) Login {
	return Login(HashSecret(kind + "\n" + strings.ToLower(strings.Join(strings.Fields(typed), " "))))
}

// CustomerMeant is whom a login of customers means: the customer of an id, or, of an empty
// one, whoever has that login, which is nobody.
func CustomerMeant(id string, l Login) Login {
	if id == "" {
		return l
	}
	return loginOf("customer id", id)
}

// Throttle is what bounds the tries at a password or code.
type Throttle []counter

// counter is one of the things that bound tries.
type counter struct {
	subject string
	free    int           // at once
	every   time.Duration // one more each time that this has passed; 0: after a delay that doubles
	quiet   bool          // nobody may learn that it says to wait
}

// ThrottleByNetwork bounds tries at a login from a network.
func ThrottleByNetwork(l Login, network string) Throttle {
	return Throttle{
		{bySource + string(l) + ":" + network, freeAtLogin, 0, false},
		{byLogin + string(l), loginAtOnce, loginEvery, false},
		{byNetwork + network, networkAtOnce, networkEvery, false},
	}
}

// ThrottleByCustomer bounds tries at a login from a network, and beyond that all tries at
// whom it means.
func ThrottleByCustomer(l, meant Login, network string) Throttle {
	return append(
		ThrottleByNetwork(l, network),
		counter{byCustomerSource + string(meant) + ":" + network, freeAtLogin, 0, true},
		counter{byCustomer + string(meant), loginAtOnce, loginEvery, true},
	)
}

// Told is a throttle without what nobody may learn of: for what bounds the tries at one
// customer by itself, as codes do that are sent.
func (t Throttle) Told() Throttle {
	return slices.DeleteFunc(slices.Clone(t), func(c counter) bool { return c.quiet })
}

// ThrottleByDevice bounds tries at a login on a device in which its person has signed in.
func ThrottleByDevice(l Login, device string) Throttle {
	return Throttle{{bySource + string(l) + ":device " + HashSecret(device), freeAtLogin, 0, false}}
}

// ThrottleByPerson bounds tries of somebody who is signed in, at their own password or code.
func ThrottleByPerson(id string) Throttle { return Throttle{{byPerson + id, freeAtLogin, 0, false}} }

// tally is what a counter has counted: wrong tries, the last of them, or of
// those that are forgiven one by one the moment from when on they are.
type tally struct {
	number int
	at     time.Time
}

// ErrUnseen says that a try is not to be looked at, and to be answered as a wrong one is.
var ErrUnseen = errors.New("too many tries at one customer by several logins")

// BeginTry counts a try before it is evaluated, so that many at once are
// no way around the delay. A zero time says: evaluate it, unless it is [ErrUnseen]. Any
// other: not before then, and this one was not counted.
func (s *Store) BeginTry(ctx context.Context, throttle Throttle) (until time.Time, err error) {
	n, unseen := s.tries.Add(1), false
	err = s.inTx(ctx, func(tx *tx) (err error) {
		var counted []tally
		counted, until, unseen, err = tx.weigh(ctx, throttle)
		if err != nil || !until.IsZero() {
			return err
		}
		if err := tx.countTry(ctx, throttle, counted, unseen); err != nil {
			return err
		}
		return tx.forgetTries(ctx, n)
	})
	if err == nil && unseen && until.IsZero() {
		err = ErrUnseen
	}
	return until, err
}

// weigh says what was counted before a try, until when it has to wait, and whether it is
// not to be looked at although it has not to.
func (tx *tx) weigh(
	ctx context.Context, throttle Throttle,
) (counted []tally, until time.Time, unseen bool, err error) {
	for _, c := range throttle {
		t, err := tx.tally(ctx, c)
		if err != nil {
			return nil, until, false, err
		}
		switch wait := c.until(t); {
		case !wait.After(tx.now):
		case c.quiet:
			unseen = true
		case wait.After(until):
			until = wait
		}
		counted = append(counted, t)
	}
	return counted, until, unseen, nil
}

// countTry counts a try. One that is not looked at is written down where it does not count,
// too, so that it takes the same time.
func (tx *tx) countTry(ctx context.Context, throttle Throttle, counted []tally, unseen bool) error {
	for i, c := range throttle {
		t := counted[i]
		switch {
		case !unseen || !c.quiet:
			t = c.count(t, tx.now)
		case t.number == 0:
			t.at = tx.now
		}
		if err := tx.keepTally(ctx, c, t); err != nil {
			return err
		}
	}
	return nil
}

// EndTry takes a try back that turned out right. One that completes the
// sign-in makes its source begin anew at that login; what is shared with others
// never does, since whoever guesses may have an account of their own.
func (s *Store) EndTry(ctx context.Context, throttle Throttle, signedIn bool) error {
	return s.inTx(ctx, func(tx *tx) error {
		for _, c := range throttle {
			query := `UPDATE guesses SET number = number - 1 WHERE subject = $1 AND number > 0`
			if signedIn && c.every == 0 {
				query = `DELETE FROM guesses WHERE subject = $1`
			}
			if err := tx.exec(ctx, query, c.subject); err != nil {
				return err
			}
		}
		return nil
	})
}

// forgive begins a login anew, from everywhere.
func (tx *tx) forgive(ctx context.Context, l Login) error {
	return tx.exec(ctx, `DELETE FROM guesses WHERE subject IN ($1, $2) OR subject LIKE $3 OR subject LIKE $4`,
		byLogin+string(l), byCustomer+string(l),
		bySource+string(l)+":%", byCustomerSource+string(l)+":%")
}

// forgetLogins forgets what was counted of a customer's passwords.
func (tx *tx) forgetLogins(ctx context.Context, customerID string) error {
	known, err := collect(ctx, tx, scanCustomer, `SELECT `+customerColumns+` FROM customers WHERE id = $1`, customerID)
	if err != nil {
		return err
	}
	for _, cu := range known {
		for _, login := range []string{cu.Reference, cu.Email, cu.Phone} {
			err := errors.Join(tx.forgive(ctx, CustomerLogin(login)), tx.forgive(ctx, CodeLogin(login)))
			if err != nil {
				return err
			}
		}
	}
	return errors.Join(
		tx.forgive(ctx, CustomerMeant(customerID, "")),
		tx.exec(ctx, `DELETE FROM guesses WHERE subject = $1`, byPerson+customerID),
	)
}

// tally is what counts of a counter now. What lies in the future was counted
// before the clock was set back and delays nobody.
func (tx *tx) tally(ctx context.Context, c counter) (t tally, err error) {
	err = tx.QueryRowContext(
		ctx, `SELECT number, last_at FROM guesses WHERE subject = $1`, c.subject,
	).Scan(&t.number, timeOf{&t.at})
	if errors.Is(err, sql.ErrNoRows) {
		return tally{}, nil
	}
	if err != nil || t.at.After(tx.now.Add(ClockSlack)) || tx.now.Sub(t.at) > triesKept {
		return tally{}, err
	}
	if c.every > 0 {
		forgiven := max(0, int(tx.now.Sub(t.at)/c.every))
		t.number, t.at = t.number-forgiven, t.at.Add(time.Duration(forgiven)*c.every)
	}
	if t.number <= 0 {
		return tally{}, nil
	}
	return t, nil
}

// until is when the next try may be evaluated.
func (c counter) until(t tally) time.Time {
	switch {
	case t.number < c.free:
		return time.Time{}
	case c.every > 0:
		return t.at.Add(c.every)
	}
	return t.at.Add(min(firstDelay<<min(t.number-c.free, 20), lastDelay))
}

// count is the tally with one try more.
func (c counter) count(t tally, now time.Time) tally {
	if c.every == 0 || t.number == 0 {
		t.at = now
	}
	t.number++
	return t
}

func (tx *tx) keepTally(ctx context.Context, c counter, t tally) error {
	return tx.exec(ctx, `
		INSERT INTO guesses (subject, number, last_at)
		VALUES ($1, $2, $3)
		ON CONFLICT (subject) DO UPDATE
		SET number = excluded.number, last_at = excluded.last_at`, c.subject, t.number, unixMS(t.at))
}

// forgetTries drops what is old, and now and then the oldest subjects beyond
// the number kept: to find those takes a look at all of them, which a flood of
// tries must not cause each time. n is the number of tries since the start.
func (tx *tx) forgetTries(ctx context.Context, n uint64) error {
	err := tx.exec(ctx, `DELETE FROM guesses WHERE last_at < $1`, unixMS(tx.now.Add(-triesKept)))
	if err != nil || n%triesBetween != 1 {
		return err
	}
	for _, kind := range []string{byLogin, bySource, byNetwork, byPerson, byCustomer, byCustomerSource} {
		err := tx.exec(ctx, `
			DELETE FROM guesses
			WHERE subject IN (
				SELECT subject
				FROM guesses
				WHERE subject LIKE $1
				ORDER BY last_at DESC
				LIMIT 1000 OFFSET $2)`, kind+"%", subjectsKept)
		if err != nil {
			return err
		}
	}
	return nil
}
