package browser_test

import (
	"context"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// SCREENSHOTS names a folder for pictures of every screen that the browser
// tests visit, with an index.html to leaf through them:
//
//	mkdir -p /tmp/shots && make assets
//	SCREENSHOTS=/tmp/shots go test -tags=nomsgpack ./handlers/browser

// shoot takes a picture of the whole page as it stands, if somebody asked for pictures.
func (b *tab) shoot(name string) {
	b.t.Helper()
	if folder := os.Getenv("SCREENSHOTS"); folder != "" {
		b.picture(filepath.Join(folder, fmt.Sprintf("%s-%d.png", name, b.width)))
	}
}

// shootAll takes a picture in both widths, and in the dark.
func (b *tab) shootAll(name string) {
	b.t.Helper()
	if os.Getenv("SCREENSHOTS") == "" {
		return
	}
	for _, width := range []int{phone, desktop} {
		b.resized(width).shoot(name)
		b.scheme("dark")
		b.resized(width).shoot(name + "-dark")
		b.scheme("light")
	}
	b.do(viewport(b.width))
}

func (b *tab) picture(path string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(path, png, 0o644)
	}
	if err == nil {
		err = leaves(filepath.Dir(path))
	}
	if err != nil {
		b.t.Error(err)
	}
}

// resized is the same tab in another width.
func (b *tab) resized(width int) *tab {
	b.t.Helper()
	r := *b
	r.width = width
	r.do(viewport(width))
	return &r
}

func (b *tab) scheme(value string) {
	b.t.Helper()
	b.emulate(emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: value}}})
}

// emulate shows the page in another medium: on paper, in the dark.
func (b *tab) emulate(media emulation.SetEmulatedMediaParams) {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, media)
		return err
	}))
}

// leaves writes the page that shows all pictures of a folder, each screen in
// its widths and colours side by side.
func leaves(folder string) error {
	files, err := filepath.Glob(filepath.Join(folder, "*.png"))
	if err != nil {
		return err
	}
	screens := map[string][]string{}
	for _, file := range files {
		name := filepath.Base(file)
		screen := strings.TrimSuffix(name[:strings.LastIndex(name, "-")], "-dark")
		screens[screen] = append(screens[screen], name)
	}
	index, err := os.Create(filepath.Join(folder, "index.html"))
	if err != nil {
		return err
	}
	defer index.Close()
	return leaf.Execute(index, screens)
}

var leaf = template.Must(template.New("").Parse(`<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><title>Screens</title>
<style>div { display: flex; gap: 1rem; align-items: start } img { max-height: 90vh; border: 1px solid }</style>
{{range $screen, $pictures := .}}<h2>{{$screen}}</h2><div>{{range $pictures}}<a href="{{.}}"><img src="{{.}}" alt="{{.}}" loading="lazy"></a>{{end}}</div>
{{end}}</html>
`))
