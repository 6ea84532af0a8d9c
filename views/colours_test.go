package views

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheGalleryShowsTheColoursOfTheStylesheet(t *testing.T) {
	css, err := os.ReadFile("../static/css/app.css")
	if err != nil {
		t.Fatal(err)
	}
	root, _, _ := strings.Cut(string(css), "\n}")
	var want, got []string
	for _, m := range regexp.MustCompile(`--([\w-]+): #`).FindAllStringSubmatch(root, -1) {
		want = append(want, m[1])
	}
	for _, c := range colours(t.Context()) {
		got = append(got, c.Value)
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("colours (-stylesheet +gallery):\n%s", diff)
	}
}
