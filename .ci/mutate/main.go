// Mutate proves that the proofs can fail: it breaks a copy of the tree with one
// mutant of .ci/mutants at a time and demands that the test which the mutant
// names catches it. See README.md there for how a mutant is written. From the
// root of the module:
//
//	go run ./.ci/mutate            try all but those on demand
//	go run ./.ci/mutate all        try all
//	go run ./.ci/mutate NAME...    try these
//	go run ./.ci/mutate -check     only see that each finds its place and its test
//	go run ./.ci/mutate -list      say what there is
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	var a ask
	flag.BoolVar(&a.check, "check", false, "only see that each mutant finds its place and its test")
	flag.BoolVar(&a.list, "list", false, "say what mutants there are")
	flag.Parse()
	a.names = flag.Args()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	if err := run(ctx, ".", a, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

// ask is what the program is asked to do.
type ask struct {
	check, list bool
	names       []string // of mutants; empty: all, but to try those on demand must be named
}

func run(ctx context.Context, root string, a ask, out io.Writer) error {
	mutants, err := readMutants(root)
	if err != nil {
		return err
	}
	if mutants, err = choose(mutants, a.names, a.check || a.list); err != nil {
		return err
	}
	if a.list {
		listAll(mutants, out)
		return nil
	}
	paths, err := filesOf(ctx, root)
	if err != nil {
		return err
	}
	if a.check {
		return checkAll(root, paths, mutants, out)
	}
	return tryAll(ctx, root, paths, mutants, out)
}

func listAll(mutants []mutant, out io.Writer) {
	for _, m := range mutants {
		fmt.Fprintf(out, "%s: %s\n\tmust break %s\n", m.name, m.about, m.test)
		if m.onDemand != "" {
			fmt.Fprintf(out, "\ton demand: %s\n", m.onDemand)
		}
	}
}

// checkAll builds nothing and says nothing of the mutants that are well.
func checkAll(root string, paths []string, mutants []mutant, out io.Writer) error {
	t, err := readTree(root, paths)
	if err != nil {
		return err
	}
	lost := 0
	for _, m := range mutants {
		_, misplaced := m.breaks(t.sources)
		_, untested := t.dirOf(m.test)
		if err := errors.Join(misplaced, untested); err != nil {
			lost++
			complain(out, m, err)
		}
	}
	if lost > 0 {
		return fmt.Errorf("%d of %d must be made anew", lost, len(mutants))
	}
	return nil
}

func tryAll(ctx context.Context, root string, paths []string, mutants []mutant, out io.Writer) error {
	l, err := newLab(root, paths)
	if err != nil {
		return err
	}
	defer l.close()
	survivors := 0
	for _, m := range mutants {
		began := time.Now()
		err := l.try(ctx, m)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			survivors++
			complain(out, m, err)
			continue
		}
		fmt.Fprintf(out, "mutate: %s is caught by %s in %.0f s\n", m.name, m.test, time.Since(began).Seconds())
	}
	if survivors > 0 {
		return fmt.Errorf("%d of %d are not caught", survivors, len(mutants))
	}
	fmt.Fprintf(out, "mutate: all %d are caught\n", len(mutants))
	return nil
}

func complain(out io.Writer, m mutant, err error) {
	fmt.Fprintf(out, "mutate: %s: %v\n", m.name, err)
}
