package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"balancelink/handlers/settings"
	"balancelink/store"
	"balancelink/store/progress"
)

const backupUsage = `Usage: balancelink backup FILE

Copies the database in DATABASE_URL to FILE, also while the server runs; of
PostgreSQL pg_dump does so, which has to be in PATH. FILE must not exist. The
copy is checked before it gets its name. Beside it come its SHA-256 (FILE.sha256)
and, if anybody was erased, the list of them (FILE.erased): keep the three
together. How far it is it says on stderr. Ctrl-C stops it and leaves nothing
behind; the next one begins anew.
`

const restoreUsage = `Usage: balancelink restore FILE [ERASED_FILE …]

Puts the copy in FILE, made by balancelink backup, in the place of the database
in DATABASE_URL. Stop the server first. Of SQLite the database that was there
stays beside it. A database of PostgreSQL has to be empty, pg_restore has to be
in PATH, and ERASED_FILE … are those of other instances. Everybody has to sign in
again, and personal links have to be made anew.
`

const restoredUsage = `Usage: balancelink restored [ERASED_FILE …]

After the server's own tools have put the database of PostgreSQL in DATABASE_URL
back to an earlier moment: does all that a restore does then. Who was erased
since is erased again, by ERASED_FILE and those of other instances; everybody has
to sign in again, and personal links have to be made anew. Stop the server at all
instances first, and do not start it before this is done.
`

// dumpOf makes and puts back copies of PostgreSQL.
func dumpOf(set settings.Settings, keys *store.Keyring, board *progress.Board) store.Dump {
	return store.Dump{
		URL: set.DatabaseURL.Reveal(), Erased: set.ErasedFile, Env: set.Environment(), Keys: keys, Board: board,
	}
}

// backup copies the database.
func backup(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	return withFiles(args, environ, stdout, stderr, backupUsage, justOne, func(
		set settings.Settings, files []string, keys *store.Keyring,
	) error {
		url := set.DatabaseURL.Reveal()
		if err := store.CheckEnvironment(ctx, url, set.Environment()); err != nil {
			return err
		}
		var c store.Copy
		err := telling(ctx, stderr, "no copy was made", func(board *progress.Board) (err error) {
			if set.OnPostgres() {
				c, err = dumpOf(set, keys, board).Backup(ctx, files[0])
			} else {
				c, err = store.Backup(ctx, url, files[0], keys, board)
			}
			return err
		})
		if c.File != "" {
			describe(stdout, "Copied to", c)
		}
		return err
	})
}

// restore puts a copy in the database's place.
func restore(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	return withFiles(args, environ, stdout, stderr, restoreUsage, func(set settings.Settings, files int) bool {
		return files == 1 || files > 1 && set.OnPostgres()
	}, func(set settings.Settings, files []string, keys *store.Keyring) error {
		if !set.OnPostgres() {
			return restoreFile(ctx, set, files[0], keys, stdout, stderr)
		}
		var c store.Copy
		err := telling(ctx, stderr, nothingChanged, func(board *progress.Board) (err error) {
			c, err = dumpOf(set, keys, board).Restore(ctx, files[0], files[1:]...)
			return err
		})
		if err == nil {
			describe(stdout, "Restored from", c)
		}
		return err
	})
}

// restoreFile puts a copy in the place of a file of SQLite.
func restoreFile(
	ctx context.Context, set settings.Settings, file string, keys *store.Keyring, stdout, stderr io.Writer,
) error {
	if err := store.CheckEnvironment(ctx, "sqlite:"+file, set.Environment()); err != nil {
		return err
	}
	var kept string
	var c store.Copy
	err := telling(ctx, stderr, nothingChanged, func(board *progress.Board) (err error) {
		kept, c, err = store.Restore(ctx, set.DatabaseURL.Reveal(), file, keys, board)
		return err
	})
	if kept != "" {
		fmt.Fprintf(stdout, "The database that was there is kept as %s\n", kept)
	}
	if err == nil {
		describe(stdout, "Restored from", c)
	}
	return err
}

// restored does what a restore does once the database is there.
func restored(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	anyNumber := func(settings.Settings, int) bool { return true }
	return withFiles(args, environ, stdout, stderr, restoredUsage, anyNumber, func(
		set settings.Settings, lists []string, keys *store.Keyring,
	) error {
		if !set.OnPostgres() {
			return errors.New("this is for PostgreSQL: a file of SQLite is put back by balancelink restore FILE")
		}
		err := telling(ctx, stderr, nothingChanged, func(board *progress.Board) error {
			return dumpOf(set, keys, board).Restored(ctx, lists...)
		})
		if err == nil {
			fmt.Fprintln(stdout, "Done again is what the database did not know. Everybody has to sign in again.")
		}
		return err
	})
}

func justOne(_ settings.Settings, files int) bool { return files == 1 }

// withFiles runs what takes the database and files, of which there may be so many.
func withFiles(
	args, environ []string, stdout, stderr io.Writer, usage string,
	may func(set settings.Settings, files int) bool,
	run func(set settings.Settings, files []string, keys *store.Keyring) error,
) int {
	g, status := read(args, environ, stdout, stderr, usage, func(g given) bool { return may(g.set, len(g.words)) })
	if g == nil {
		return status
	}
	set := g.set
	keys, err := dataKeys(set)
	if err != nil {
		return unusable(stderr, err)
	}
	err = run(set, g.words, keys)
	if errors.Is(err, store.ErrInUse) && !set.OnPostgres() {
		fmt.Fprintln(stderr, "balancelink: the server is running: it has the database to itself; stop it first")
		return exitFailed
	}
	return ended(stderr, err)
}

// ended says why what was done to a database failed, and what the program ends with.
func ended(stderr io.Writer, err error) int {
	switch {
	case errors.Is(err, store.ErrInUse):
		fmt.Fprintf(stderr, "balancelink: %v; stop it first, and where it was killed wait %s\n", err, store.LeaseFor)
	case store.WrongSetting(err):
		return unusable(stderr, err)
	case err != nil:
		fmt.Fprintf(stderr, "balancelink: %v\n", err)
	default:
		return 0
	}
	return exitFailed
}

// describe says what is in a copy.
func describe(out io.Writer, done string, c store.Copy) {
	fmt.Fprintf(out, "%s %s: %d bytes, %d rows.\n", done, c.File, c.Size, c.Rows)
	if len(c.Environments) > 0 {
		fmt.Fprintf(out, "It belongs to ENV=%s.\n", strings.Join(c.Environments, " and "))
	}
	if c.Audit.BadRow != 0 {
		fmt.Fprintf(
			out, "Row %d of the audit log in it is not in order. %s The %d rows before it are: %s\n", c.Audit.BadRow,
			c.Audit.Problem, c.Audit.Rows, c.Audit,
		)
		return
	}
	if c.Audit.Unkeyed {
		fmt.Fprintf(out, "%s\n%s\n", unkeyed, c.Audit)
		return
	}
	fmt.Fprintf(out, "The audit log in it is in order: %d rows.\n%s\n", c.Audit.Rows, c.Audit)
}
