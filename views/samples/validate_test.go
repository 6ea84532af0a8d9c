package samples

import (
	"fmt"
	"html"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"balancelink/store/storetest"
	"balancelink/views/browsertest"
)

// TestEveryPageIsValidHTML lets html-validate look at the gallery, once at pages
// that differ in nothing but words.
func TestEveryPageIsValidHTML(t *testing.T) {
	storetest.Long(t)
	t.Parallel()
	const tool = "../../static/node_modules/html-validate/bin/html-validate.mjs"
	browsertest.Installed(t, "html-validate/bin/html-validate.mjs")
	args := []string{tool, "--config", "../../static/.htmlvalidate.json", "--formatter", "text"}
	pages, checked := inEveryLanguage(t), map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(pages)) {
		text, doc := render(t, pages[name])
		lang, form := doc.Find("html").AttrOr("lang", ""), wordless(text)
		if checked[lang] && checked[form] {
			continue // the same page in other words
		}
		checked[lang], checked[form] = true, true
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

// wording is the texts of a page, and the attributes whose values are words.
var wording = regexp.MustCompile(`(>)([^<]*\S[^<]*)(<)|( (?:lang|title|alt|placeholder|aria-label|content|value|data-ages)=")([^"]+)(")`)

// entities is what templ writes for the characters of HTML.
var entities = regexp.MustCompile(`&(amp|lt|gt|#34|#39);`)

// wordless is a page with nothing of its words but what HTML could take for its
// own, and whether its title is longer than the 70 characters that it may have.
func wordless(page string) string {
	_, title, _ := strings.Cut(page, "<title>")
	title, _, _ = strings.Cut(title, "</title>")
	return fmt.Sprint(utf8.RuneCountInString(html.UnescapeString(title)) > 70) + wording.ReplaceAllStringFunc(page, func(part string) string {
		p := wording.FindStringSubmatch(part)
		raw, signs := entities.ReplaceAllString(p[2]+p[5], ""), ""
		for _, sign := range []string{"&", ">", `"`, "'", "=", "`"} {
			if strings.Contains(raw, sign) {
				signs += sign
			}
		}
		return p[1] + p[4] + "x" + signs + p[3] + p[6]
	})
}
