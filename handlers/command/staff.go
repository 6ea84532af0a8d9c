package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"balancelink/handlers/settings"
	"balancelink/handlers/signin"
	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/store/progress"
)

const staffUsage = `balancelink staff lets people in again who are locked out. Stop the server
first, and run it with the same DATABASE_URL, DATA_KEY and PUBLIC_URL.

Usage:
  balancelink staff list                list everybody
  balancelink staff link EMAIL          print a one-time link to choose a new password
  balancelink staff reset-totp EMAIL    remove the second factor
  balancelink staff enable EMAIL        let somebody in who was disabled
  balancelink staff role EMAIL ROLE     make somebody owner, admin, officer, viewer or auditor
`

// Staff runs "balancelink staff" with the arguments behind those words and
// returns the exit status. Flags such as --database-url=… are settings.
func Staff(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	g, status := read(args, environ, stdout, stderr, staffUsage, func(g given) bool {
		return parse(g.words, g.set) != nil
	})
	if g == nil {
		return status
	}
	if g.words[0] == "link" {
		if err := g.set.CheckPublicURL(); err != nil {
			return unusable(stderr, err)
		}
	}
	keys, err := dataKeys(g.set)
	if err != nil {
		return unusable(stderr, err)
	}
	switch err := staff(ctx, g.set, keys, parse(g.words, g.set), stdout, stderr); {
	case err == nil:
		return 0
	case errors.Is(err, store.ErrInUse):
		fmt.Fprintln(stderr, "balancelink: the server is running: it has the database to itself; stop it first")
	case store.WrongSetting(err):
		return unusable(stderr, err)
	case errors.Is(err, store.ErrNotFound):
		fmt.Fprintln(stderr, "balancelink: no member of staff has that e-mail address; see balancelink staff list")
	case errors.Is(err, store.ErrLastOwner):
		fmt.Fprintln(stderr, "balancelink: this is the last owner; make another person an owner first")
	default:
		fmt.Fprintf(stderr, "balancelink: %v\n", err)
	}
	return exitFailed
}

// action is what the words ask for.
type action func(context.Context, *store.Store, io.Writer) error

func staff(
	ctx context.Context, set settings.Settings, keys *store.Keyring, run action, stdout, stderr io.Writer,
) (err error) {
	var db *store.Store
	err = telling(ctx, stderr, "the next time it goes on from there", func(board *progress.Board) error {
		db, err = store.Open(
			ctx, set.DatabaseURL.Reveal(), store.Options{
				Env: set.Environment(), Keys: keys, Board: board, ErasedFile: set.ErasedFile, There: true,
				ConsentValid: set.ConsentValid, ConsentUnused: set.ConsentUnused,
			},
		)
		return err
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return run(ctx, db, stdout)
}

// split takes flags and words apart.
func split(args []string) (flags, words []string) {
	for _, a := range args {
		if strings.HasPrefix(a, "-") {
			flags = append(flags, a)
		} else {
			words = append(words, a)
		}
	}
	return flags, words
}

// parse is what the words ask for; nil: they are no command.
func parse(words []string, set settings.Settings) action {
	if len(words) == 0 {
		return nil
	}
	name, rest := words[0], words[1:]
	switch {
	case name == "list" && len(rest) == 0:
		return list
	case name == "link" && len(rest) == 1:
		return func(ctx context.Context, db *store.Store, out io.Writer) error {
			return link(ctx, db, out, rest[0], set.PublicURL)
		}
	case name == "reset-totp" && len(rest) == 1:
		return toMember(rest[0], "has no second factor any more", func(
			ctx context.Context, db *store.Store, id string,
		) error {
			return db.RemoveSecondFactor(ctx, store.Program, id, "")
		})
	case name == "enable" && len(rest) == 1:
		return toMember(rest[0], "may sign in again", func(ctx context.Context, db *store.Store, id string) error {
			return db.EnableStaff(ctx, store.Program, id)
		})
	case name == "role" && len(rest) == 2 && web.IsRole(rest[1]):
		return toMember(rest[0], "is "+rest[1]+" now", func(ctx context.Context, db *store.Store, id string) error {
			return db.SetStaffRole(ctx, store.Program, id, store.Role(rest[1]))
		})
	}
	return nil
}

// toMember does something to the member of staff with that e-mail address and says so.
func toMember(
	email, done string, do func(context.Context, *store.Store, string) error,
) action {
	return func(ctx context.Context, db *store.Store, out io.Writer) error {
		m, err := db.StaffByEmail(ctx, email)
		if err != nil {
			return err
		}
		if err := do(ctx, db, m.ID); err != nil {
			return err
		}
		fmt.Fprintf(out, "%s %s\n", m.Email, done)
		return nil
	}
}

func list(ctx context.Context, db *store.Store, out io.Writer) error {
	all, err := db.AllStaff(ctx)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		fmt.Fprintln(out, "There is nobody yet: a start of the server prints a set-up link.")
	}
	for _, m := range all {
		fmt.Fprintf(out, "%-40s %-8s %s\n", m.Email, m.Role, state(m))
	}
	return nil
}

func state(m store.Staff) string {
	words := "active"
	switch {
	case !m.DisabledAt.IsZero():
		words = "disabled since " + m.DisabledAt.Format(time.DateOnly)
	case m.PasswordHash == "":
		words = "invited, no password yet"
	}
	if m.SecondFactor {
		words += ", second factor"
	}
	return words
}

func link(ctx context.Context, db *store.Store, out io.Writer, email, publicURL string) error {
	m, err := db.StaffByEmail(ctx, email)
	if err != nil {
		return err
	}
	url, err := signin.PasswordLink(ctx, db, m, publicURL)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s\n\nIt works once, for 72 hours, when the server runs again.\n", url)
	if !m.DisabledAt.IsZero() {
		fmt.Fprintf(out, "%s is disabled: balancelink staff enable %s\n", m.Email, m.Email)
	}
	return nil
}
