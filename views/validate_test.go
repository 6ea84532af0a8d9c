package views

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"balancelink/views/browsertest"
)

// TestEveryPageIsValidHTML lets html-validate look at the gallery.
func TestEveryPageIsValidHTML(t *testing.T) {
	const tool = "../static/node_modules/html-validate/bin/html-validate.mjs"
	browsertest.Installed(t, "html-validate/bin/html-validate.mjs")
	args := []string{tool, "--config", "../static/.htmlvalidate.json", "--formatter", "text"}
	for name, page := range inEveryLanguage(t) {
		text, _ := render(t, page)
		file := filepath.Join(t.TempDir(), fileName(name)+".html")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, file)
	}
	if out, err := exec.CommandContext(t.Context(), "node", args...).CombinedOutput(); err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
}
