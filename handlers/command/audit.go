package command

import (
	"context"
	"fmt"
	"io"

	"balancelink/handlers/settings"
	"balancelink/store"
)

const auditUsage = `Usage: balancelink audit verify [ROWS:HEAD …]

Checks the audit log in DATABASE_URL, also while the server runs, and changes
nothing. ROWS:HEAD is what an earlier check or the server's log said: the log
must still agree with it. The exit status is 1 when a row is not in order.
`

// audit checks the chain of the audit log.
func audit(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	flags, words := split(args)
	if len(words) == 0 || words[0] != "verify" {
		fmt.Fprint(stderr, auditUsage)
		return exitUsage
	}
	set, err := settings.Read(flags, environ, io.Discard)
	if err != nil {
		fmt.Fprintf(stderr, "balancelink: %v\n", err)
		return exitUsage
	}
	if err := store.CheckEnvironment(ctx, set.DatabaseURL.Reveal(), set.Environment()); err != nil {
		fmt.Fprintf(stderr, "balancelink: %v\n", err)
		return exitConfig
	}
	c, err := store.VerifyAuditOf(ctx, set.DatabaseURL.Reveal(), words[1:]...)
	if err != nil {
		fmt.Fprintf(stderr, "balancelink: %v\n", err)
		return exitFailed
	}
	return printAudit(stdout, c)
}

// printAudit says how the audit log was found and returns the exit status.
func printAudit(out io.Writer, c store.Chain) int {
	if c.BadRow != 0 {
		fmt.Fprintf(out, "Row %d of the audit log is not in order. %s\nThe %d rows before it are: %s\n", c.BadRow, c.Problem, c.Rows, c)
		return exitFailed
	}
	fmt.Fprintf(out, "The audit log is in order: %d rows.\n%s\n", c.Rows, c)
	return 0
}
