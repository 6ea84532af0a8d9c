package command

import (
	"context"
	"fmt"
	"io"

	"balancelink/store"
	"balancelink/store/progress"
)

const auditUsage = `Usage: balancelink audit verify [ROWS:HEAD …]
       balancelink audit restart

verify checks the audit log in DATABASE_URL with DATA_KEY, also while the server
runs, and changes nothing. ROWS:HEAD is what an earlier check or the server's log
said: the log must still agree with it. The exit status is 1 when a row is not in
order.

restart begins its chain anew behind the rows that there are, under the first key
of DATA_KEY: when the old data key is lost, which makes what is sealed under it
unreadable for good. Stop the server first.
`

// audit checks the chain of the audit log, or begins it anew.
func audit(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	g, status := read(args, environ, stdout, stderr, auditUsage, func(g given) bool {
		return len(g.words) > 0 && (g.words[0] == "verify" || g.words[0] == "restart" && len(g.words) == 1)
	})
	if g == nil {
		return status
	}
	set, words := g.set, g.words
	keys, err := dataKeys(set)
	if err != nil {
		return unusable(stderr, err)
	}
	if err := store.CheckEnvironment(ctx, set.DatabaseURL.Reveal(), set.Environment()); err != nil {
		return ended(stderr, err)
	}
	if words[0] == "restart" {
		err = restartAudit(ctx, set.DatabaseURL.Reveal(), keys, stdout, stderr)
	}
	var c store.Chain
	if err == nil {
		err = telling(ctx, stderr, nothingChanged, func(board *progress.Board) error {
			c, err = store.VerifyAuditOf(ctx, set.DatabaseURL.Reveal(), keys, board, words[1:]...)
			return err
		})
	}
	if err != nil {
		return ended(stderr, err)
	}
	return printAudit(stdout, c)
}

func restartAudit(ctx context.Context, url string, keys *store.Keyring, stdout, stderr io.Writer) error {
	err := telling(ctx, stderr, "the chain is as it was", func(board *progress.Board) error {
		return store.RestartAudit(ctx, url, keys, board)
	})
	if err == nil {
		fmt.Fprintln(stdout, "The audit log goes on under the first key of DATA_KEY.")
	}
	return err
}

// unkeyed is what can be said of a log whose hashes were not checked.
const unkeyed = "Whether the audit log is in order can only be told with DATA_KEY, and of a database that this version has opened once."

// printAudit says how the audit log was found and returns the exit status.
func printAudit(out io.Writer, c store.Chain) int {
	if c.BadRow != 0 {
		fmt.Fprintf(
			out, "Row %d of the audit log is not in order. %s\nThe %d rows before it are: %s\n", c.BadRow, c.Problem,
			c.Rows, c,
		)
		return exitFailed
	}
	if c.Unkeyed {
		fmt.Fprintf(out, "%s\n%s\n", unkeyed, c)
		return exitFailed
	}
	fmt.Fprintf(out, "The audit log is in order: %d rows.\n%s\n", c.Rows, c)
	return 0
}
