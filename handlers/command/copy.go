package command

import (
	"context"
	"fmt"
	"io"
	"strings"

	"balancelink/okra/provider"
	"balancelink/store"
	"balancelink/store/progress"
)

const copyUsage = `Usage: balancelink copy FROM [TO]

Copies everything from one database into another, which is empty: from SQLite to
PostgreSQL, or back. Stop the program at both first. FROM and TO are sqlite:PATH
or postgres://user@host/name; without TO it is the database in DATABASE_URL, and
the word DATABASE_URL stands for that one too, so that no password is written
here. DATA_KEY has to be the one in use, and ERASED_FILE is PostgreSQL's.

It is done when both have the same rows and the same audit log, in order, and
nothing contradicts itself; otherwise nothing is in TO. The audit log of neither
says that it was copied. How far it is it says on stderr. Ctrl-C stops it.
`

// theSetting is the word that stands for the address in DATABASE_URL.
const theSetting = "DATABASE_URL"

// transfer copies everything into another database.
func transfer(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	g, status := read(args, environ, stdout, stderr, copyUsage, func(g given) bool {
		return len(g.words) == 1 || len(g.words) == 2
	})
	if g == nil {
		return status
	}
	set := g.set
	t := store.Transfer{Erased: set.ErasedFile, Env: set.Environment()}
	for i, at := range []*string{&t.From, &t.To} {
		if *at = append(g.words, theSetting)[i]; *at == theSetting {
			*at = set.DatabaseURL.Reveal()
			continue
		}
		if !isAddress(*at) {
			fmt.Fprintln(stderr, "balancelink: FROM and TO are sqlite:PATH or postgres://user@host/name")
			return exitUsage
		}
	}
	if strings.HasPrefix(t.From, "sqlite:") { // whose folder has the key of a simulation
		set.DatabaseURL = provider.Secret(t.From)
	}
	var err error
	if t.Keys, err = dataKeys(set); err != nil {
		return unusable(stderr, err)
	}
	var done store.Transferred
	err = telling(ctx, stderr, "nothing was copied", func(board *progress.Board) error {
		t.Board = board
		done, err = t.Run(ctx)
		return err
	})
	if err == nil {
		fmt.Fprintf(
			stdout, "Copied %d rows of %d tables. The audit log is in order at both: %d rows.\n%s\n",
			done.Rows, done.Tables, done.Audit.Rows, done.Audit,
		)
	}
	return ended(stderr, err)
}

// isAddress says whether a text looks like the address of a database.
func isAddress(text string) bool {
	for _, begin := range []string{"sqlite:", "postgres://", "postgresql://"} {
		if rest, is := strings.CutPrefix(text, begin); is && rest != "" {
			return true
		}
	}
	return false
}
