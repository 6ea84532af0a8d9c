package views

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Whatever state it is shown in: pages of tests show some forms only.
func TestEveryFormThatPostsSaysForWhomItWasDrawn(t *testing.T) {
	files, err := filepath.Glob("*.templ")
	if err != nil {
		t.Fatal(err)
	}
	forms := 0
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if name == "gallery.templ" {
			continue // its sample of a form does nothing
		}
		lines := strings.Split(string(text), "\n")
		for i, line := range lines {
			posts := strings.Contains(line, "<form") && strings.Contains(line, `method="post"`)
			if !posts && !strings.Contains(line, "hx-post") {
				continue
			}
			if forms++; !posts || strings.TrimSpace(lines[i+1]) != "@forWhom()" {
				t.Errorf("%s:%d: a form that posts begins with @forWhom(): %s", name, i+1, strings.TrimSpace(line))
			}
		}
	}
	if forms < 30 {
		t.Errorf("only %d forms were looked at", forms)
	}
}
