package main

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// tree is what mutants change and what catches them: texts by their paths.
type tree struct {
	sources map[string]string // Go and SQL that people wrote
	tests   map[string]string
}

// filesOf lists the files that git knows, or would know if they were added, and
// those that were built for the browser: git ignores them, the program embeds them.
func filesOf(ctx context.Context, root string) ([]string, error) {
	list := exec.CommandContext(ctx, "git", "ls-files", "-coz", "--exclude-standard")
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("listing files with git: %w", err)
	}
	files := os.DirFS(root)
	built, err := fs.Glob(files, "static/dist/*")
	if err != nil {
		return nil, err
	}
	paths := append(strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"), built...)
	return slices.DeleteFunc(paths, func(p string) bool {
		info, err := fs.Stat(files, p)
		return err != nil || !info.Mode().IsRegular() // git still lists what was deleted
	}), nil
}

func readTree(root string, paths []string) (tree, error) {
	t := tree{sources: map[string]string{}, tests: map[string]string{}}
	for _, p := range paths {
		into := t.kind(p)
		if into == nil {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, p))
		if err != nil {
			return tree{}, err
		}
		into[p] = string(text)
	}
	return t, nil
}

// kind returns where a file belongs; nil: nowhere.
func (t tree) kind(p string) map[string]string {
	switch {
	case strings.HasPrefix(p, ".ci/"), strings.HasSuffix(p, "_templ.go"):
		return nil
	case strings.HasSuffix(p, "_test.go"):
		return t.tests
	case strings.HasSuffix(p, ".go"), strings.HasSuffix(p, ".sql"):
		return t.sources
	}
	return nil
}

// dirOf returns the folder of the only test of that name.
func (t tree) dirOf(test string) (string, error) {
	signature := regexp.MustCompile(`(?m)^func ` + test + `\(`)
	var found []string
	for _, p := range slices.Sorted(maps.Keys(t.tests)) {
		if signature.MatchString(t.tests[p]) {
			found = append(found, p)
		}
	}
	if len(found) != 1 {
		return "", notOnce("func "+test, found)
	}
	return path.Dir(found[0]), nil
}
