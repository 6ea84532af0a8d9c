package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"balancelink/handlers/sitetest/site"
	"balancelink/store/storetest"
)

func TestEverySampleOfTheGalleryOpensAndCanOnlyBeLookedAt(t *testing.T) {
	storetest.Long(t)
	s := site.New(t)
	b := s.Browser()
	list := b.Get("/gallery")
	list.WantStatus(http.StatusOK)
	links := list.Find(".gallery a[href^='/gallery/']")
	if links.Length() < 100 {
		t.Errorf("the gallery lists %d samples", links.Length())
	}
	links.Each(func(_ int, a *goquery.Selection) {
		p := b.Get(a.AttrOr("href", ""))
		p.WantStatus(http.StatusOK)
		p.WantText(".sample-banner strong", "Sample, ")
		wantOnlyToLookAt(t, p)
	})
	wantOnlyToLookAt(t, list)
	for _, path := range []string{"/gallery/me/nonsense", "/gallery/nonsense/normal"} {
		b.Get(path).WantStatus(http.StatusNotFound)
	}
	if got := b.Get("/login").Find(".footer a[href='/gallery']").Length(); got != 1 {
		t.Errorf("%d links to the gallery at the foot of a page", got)
	}
}

func wantOnlyToLookAt(t *testing.T, p site.Page) {
	t.Helper()
	policy := p.Header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "form-action 'none'") || !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "script-src 'none'") {
		t.Errorf("%s may post or run scripts: %s", p.Path, policy)
	}
	if n := p.Find("script[src]").Length(); n > 0 {
		t.Errorf("%s names %d scripts", p.Path, n)
	}
}

func TestAnInstallationWithRealMoneyHasNoGallery(t *testing.T) {
	b := site.New(t, site.RealProvider...).Browser()
	for _, path := range []string{"/gallery", "/gallery/me/normal"} {
		b.Get(path).WantStatus(http.StatusNotFound)
	}
	if b.Get("/login").Find("a[href='/gallery']").Length() != 0 {
		t.Error("a page leads to the gallery")
	}
}
