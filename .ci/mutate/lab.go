package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// lab is a copy of the tree, in which to break things.
type lab struct {
	root string
	tree tree
}

func newLab(root string, paths []string) (*lab, error) {
	copied, err := os.MkdirTemp("", "mutate-")
	if err != nil {
		return nil, err
	}
	l := &lab{root: copied}
	if err := l.fill(root, paths); err != nil {
		return nil, errors.Join(fmt.Errorf("copying the tree: %w", err), l.close())
	}
	return l, nil
}

func (l *lab) close() error { return os.RemoveAll(l.root) }

func (l *lab) fill(root string, paths []string) (err error) {
	for _, p := range paths {
		if err := copyFile(filepath.Join(root, p), filepath.Join(l.root, p)); err != nil {
			return err
		}
	}
	l.tree, err = readTree(l.root, paths)
	return err
}

func copyFile(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, text, info.Mode().Perm())
}

// try breaks the copy and runs the mutant's test there; nil: the test caught it.
func (l *lab) try(ctx context.Context, m mutant) (err error) {
	broken, err := m.breaks(l.tree.sources)
	if err != nil {
		return err
	}
	dir, err := l.tree.dirOf(m.test)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.write(broken, l.tree.sources)) }()
	if err := l.write(broken, broken); err != nil {
		return err
	}
	log, failed := l.test(ctx, dir, m.test)
	return verdict(m.test, log, failed)
}

// write puts the texts of some of the files where the copy has them.
func (l *lab) write(some, texts map[string]string) error {
	for p := range some {
		if err := os.WriteFile(filepath.Join(l.root, p), []byte(texts[p]), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// test runs one test, compiled as make build does, so that what did not change
// is compiled already.
func (l *lab) test(ctx context.Context, dir, name string) (log string, err error) {
	cmd := exec.CommandContext(ctx, "go", "test", "-tags=nomsgpack", "-trimpath", "-vet=off", "-count=1",
		"-timeout=5m", "-run=^"+name+"$", "./"+dir)
	cmd.Dir = l.root
	cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0", "TESTS=all",
		size("KILL_CYCLES", "60"), size("POWER_CUTS", "30"), size("DELIVERIES", "3000"), size("FORGERIES", "200"))
	// The go command does not hand a signal on to the test that it runs.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// size is how large a proof is. Mutants are coarse: small proofs see them.
func size(name, small string) string { return name + "=" + cmp.Or(os.Getenv(name), small) }

func verdict(test, log string, failed error) error {
	switch {
	case failed == nil:
		return fmt.Errorf("SURVIVES %s", test)
	case !strings.Contains(log, "--- FAIL: "+test+" ("):
		return fmt.Errorf("breaks something else than %s: %w\n%s", test, failed, tail(log, 20))
	}
	return nil
}

func tail(log string, n int) string {
	lines := strings.Split(strings.TrimSpace(log), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
