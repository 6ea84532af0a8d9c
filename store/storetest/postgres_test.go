package storetest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var testFunc = regexp.MustCompile(`(?m)^func (Test\w+)\(`)

func TestEveryTestThatIsLeftOutByItsNameIsThereAndSaysWhy(t *testing.T) {
	const root = "../.."
	there := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if e != nil && e.IsDir() && e.Name() == "node_modules" {
			return fs.SkipDir
		}
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, found := range testFunc.FindAllStringSubmatch(string(text), -1) {
			there[found[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	oneInstance, err := os.ReadFile(filepath.Join(root, "handlers/sitetest/site/one_instance.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range []map[string]string{OnlySQLite(), Named(string(oneInstance))} {
		if len(list) == 0 {
			t.Error("a list names no test")
		}
		for name, why := range list {
			if !there[name] || why == "" {
				t.Errorf("%s is no test, or there is no reason: %q", name, why)
			}
		}
	}
}
