package settings_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"balancelink/handlers/settings"
)

// The table of the README is what --help prints: the same settings, and the same
// default where it is not another in simulation.
func TestTheReadmeHasEverySettingWithItsDefault(t *testing.T) {
	var help bytes.Buffer
	settings.Load([]string{"--help"}, nil, &help)
	printed := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^  --([a-z0-9-]+)(?: \(default (.*)\))?$`).FindAllStringSubmatch(help.String(), -1) {
		printed[strings.ToUpper(strings.ReplaceAll(m[1], "-", "_"))] = m[2]
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| (`[A-Z_`, ]+`)[^|]*\\|([^|]*)\\|").FindAllStringSubmatch(string(readme), -1) {
		for _, name := range strings.Split(strings.ReplaceAll(m[1], "`", ""), ", ") {
			listed[name] = strings.TrimSpace(m[2])
		}
	}
	if len(printed) < 30 {
		t.Fatalf("--help lists %d settings", len(printed))
	}
	for name, def := range printed {
		said, ok := listed[name]
		if !ok {
			t.Errorf("README has no row for %s", name)
		} else if def != "" && !strings.Contains(said, "`"+def+"`") {
			t.Errorf("README says %q is the default of %s, --help says %q", said, name, def)
		}
	}
	for name := range listed {
		if _, ok := printed[name]; !ok {
			t.Errorf("README has a row for %s, which is no setting", name)
		}
	}
}

// Every file that a README leads to is there.
func TestTheReadmesLeadSomewhere(t *testing.T) {
	const root = "../.."
	paths := []string{"README.md", "handlers/README.md", "handlers/command/README.md", "handlers/settings/README.md", "store/README.md", "okra/README.md"}
	for _, path := range paths {
		text, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Error(err)
			continue
		}
		for _, m := range regexp.MustCompile(`\]\(([^)#]+)\)`).FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(root, filepath.Dir(path), m[1])); err != nil && !strings.Contains(m[1], "://") {
				t.Errorf("%s leads to %s, which is not there", path, m[1])
			}
		}
	}
	if text, err := os.ReadFile(filepath.Join(root, "README.md")); err != nil || len(text) > 9000 {
		t.Errorf("README has %d bytes, want 9,000 at most: the rest belongs to the folders' (%v)", len(text), err)
	}
}
