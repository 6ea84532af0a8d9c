package handlers_test

import (
	"testing"
	"time"

	"balancelink/okra/okrasim"
	"balancelink/store"
)

func TestAWindowThatIsOpenGoesWhenItsHostIsTakenOver(t *testing.T) {
	s := newSite(t)
	_, _, customer, _ := newChromium(t, s).linking("Efe Oghenekaro")
	s.outage("sold")
	s.callFails()
	s.advance(2 * time.Minute)
	s.eventually("trust is lost", func() bool { return s.acted(store.ActTrustLost) == 1 })
	customer.waitFor("#attempt h2", "Linking is paused for your safety")
	if n := eval[int](customer, `document.querySelectorAll("iframe, [id^=okra-base]").length`); n != 0 {
		t.Errorf("%d windows and sheets are left: %s", n, eval[string](customer, `[...document.querySelectorAll("iframe, [id^=okra-base]")].map((e) => e.outerHTML).join()`))
	}
	s.outage(okrasim.NoOutage)
}
