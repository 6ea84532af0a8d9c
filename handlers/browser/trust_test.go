package browser_test

import (
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
	"balancelink/okra/okrasim"
	"balancelink/store"
)

func TestAWindowThatIsOpenGoesWhenItsHostIsTakenOver(t *testing.T) {
	s := site.New(t)
	_, _, customer, _ := newChromium(t, s).linking("Efe Oghenekaro")
	s.Outage("sold")
	s.CallFails()
	s.Advance(2 * time.Minute)
	s.Eventually("trust is lost", func() bool { return s.Acted(store.ActTrustLost) == 1 })
	customer.waitFor("#attempt h2", "Linking is paused for your safety")
	if n := eval[int](customer, `document.querySelectorAll("iframe, [id^=okra-base]").length`); n != 0 {
		t.Errorf("%d windows and sheets are left: %s", n, eval[string](customer, `[...document.querySelectorAll("iframe, [id^=okra-base]")].map((e) => e.outerHTML).join()`))
	}
	s.Outage(okrasim.NoOutage)
}
