package command

import (
	"context"
	"fmt"
	"io"

	"balancelink/store"
	"balancelink/store/progress"
)

const verifyUsage = `Usage: balancelink verify

Looks through the database in DATABASE_URL, also while the server runs, and
changes nothing: whether the file is whole, whether every account shows the
balances that were received for it, and, with DATA_KEY, whether the audit log is
in order. The exit status is 1 when something is not. How far it is it says on
stderr. Ctrl-C stops it; the next one begins anew.
`

// verify looks for what is wrong in the database.
func verify(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	g, status := read(args, environ, stdout, stderr, verifyUsage, func(g given) bool { return len(g.words) == 0 })
	if g == nil {
		return status
	}
	set := g.set
	keys, err := dataKeys(set)
	if err != nil {
		return unusable(stderr, err)
	}
	if err := store.CheckEnvironment(ctx, set.DatabaseURL.Reveal(), set.Environment()); err != nil {
		return ended(stderr, err)
	}
	var v store.Verification
	err = telling(ctx, stderr, nothingChanged, func(board *progress.Board) error {
		v, err = store.Verify(ctx, set.DatabaseURL.Reveal(), keys, board)
		return err
	})
	if err != nil {
		return ended(stderr, err)
	}
	for _, c := range v.Contradictions {
		fmt.Fprintf(stdout, "%s %s\n", c.ID, c.What)
		status = exitFailed
	}
	if status == 0 {
		says := "The file is whole and its %d rows agree.\n"
		if set.OnPostgres() {
			says = "Its %d rows agree. Whether the server's files are whole pg_amcheck says.\n"
		}
		fmt.Fprintf(stdout, says, v.Rows)
	}
	return max(status, printAudit(stdout, v.Audit))
}
