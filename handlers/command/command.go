// Package command holds what an operator does from the command line, besides
// serving: each command looks at the database or repairs something in it, and
// ends.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"

	"balancelink/handlers"
	"balancelink/handlers/settings"
	"balancelink/store"
	"balancelink/store/progress"
)

// command runs with the arguments behind its name and returns the exit status.
type command func(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int

// commands are all commands by name.
var commands = map[string]command{
	"audit":    audit,
	"backup":   backup,
	"copy":     transfer,
	"restore":  restore,
	"restored": restored,
	"staff":    Staff,
	"verify":   verify,
}

// dataKeys are the keys that the database is sealed under; nil: none was given.
func dataKeys(set settings.Settings) (*store.Keyring, error) {
	if err := set.FindDataKey(); err != nil || set.DataKey == "" {
		return nil, err
	}
	return handlers.DataKeys(set)
}

// telling runs what may take long, and says on stderr meanwhile how far it is. What is
// cut short by whoever waits for it is said to be that: left says what there is then.
func telling(ctx context.Context, stderr io.Writer, left string, run func(*progress.Board) error) error {
	board := &progress.Board{}
	stop := progress.Tell(board, stderr)
	err := run(board)
	stop()
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return fmt.Errorf("stopped: %s", left)
	}
	return err
}

const nothingChanged = "nothing was changed"

// Exit statuses besides 0.
const (
	exitFailed = 1
	exitUsage  = 2
	exitConfig = 78 // as of a start that a setting stops
)

// unusable says which setting is wrong.
func unusable(stderr io.Writer, err error) int {
	fmt.Fprintf(stderr, "balancelink: %v\n", err)
	return exitConfig
}

// given is what a command was started with.
type given struct {
	set   settings.Settings
	words []string // behind its name that are no settings
}

// read reads that. Who asked for the usage gets it, and who wrote words that do not fit is
// told it; then, and where a setting is wrong, it is nil and the program ends with the status.
func read(
	args, environ []string, stdout, stderr io.Writer, usage string, fit func(given) bool,
) (g *given, status int) {
	flags, words := split(args)
	set, err := settings.Read(flags, environ, io.Discard)
	g = &given{set, words}
	switch {
	case errors.Is(err, settings.ErrHelp):
		fmt.Fprint(stdout, usage)
		return nil, 0
	case !fit(*g):
		fmt.Fprint(stderr, usage)
		return nil, exitUsage
	case err != nil:
		return nil, unusable(stderr, err)
	}
	return g, 0
}

// Run runs the command that args begin with. When they begin with none it says
// that it handled nothing.
func Run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) (status int, handled bool) {
	if len(args) == 0 {
		return 0, false
	}
	c, known := commands[args[0]]
	if !known {
		return 0, false
	}
	return c(ctx, args[1:], environ, stdout, stderr), true
}
