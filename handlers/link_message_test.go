package handlers_test

import (
	"image"
	"image/color"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"balancelink/handlers/sitetest"
	"balancelink/handlers/sitetest/site"
)

// ngoziWith is a customer of a name, with what else a form holds of them.
func ngoziWith(staff *site.Browser, fields url.Values) (id string) {
	fields.Set("name", "Ngozi Umeh")
	p := staff.Post("/customers", fields)
	p.WantStatus(http.StatusOK)
	return strings.TrimPrefix(p.Path, "/customers/")
}

// hrefs are where the ways to send the message lead, by their names.
func hrefs(p site.Page) map[string]*url.URL {
	all := map[string]*url.URL{}
	for _, a := range p.Find("a[data-message]").EachIter() {
		if u, err := url.Parse(a.AttrOr("href", "")); err == nil {
			all[a.Text()] = u
		}
	}
	return all
}

func TestAPersonalLinkComesWithAMessageThatCanBeSentAtOnce(t *testing.T) {
	s := site.New(t, "BUSINESS_PHONE=0803 100 1002")
	staff := s.SignedIn()
	id := ngoziWith(staff, url.Values{"phone": {"0803 100 1001"}, "email": {"ngozi+bank@example.com"}})
	p := staff.Post("/customers/"+id+"/invitations", url.Values{"code": {"on"}})
	link, code, message := p.TextOf("#link"), p.TextOf("#code"), p.TextOf("#message")
	for _, part := range []string{"Hello Ngozi Umeh, this is Lender Ltd.", link, "It works until ", "Questions? +234 803 100 1002"} {
		if !strings.Contains(message, part) {
			t.Errorf("the message says %q, not %q", message, part)
		}
	}
	ways := hrefs(p)
	for name, want := range map[string]struct{ to, field string }{
		"WhatsApp": {"https://wa.me/2348031001001", "text"},
		"SMS":      {"sms:+2348031001001", "body"},
		"E-mail":   {"mailto:ngozi%2Bbank@example.com", "body"},
	} {
		u := ways[name]
		if u == nil {
			t.Fatalf("there is no way by %s", name)
		}
		if to, _, _ := strings.Cut(u.String(), "?"); strings.ReplaceAll(to, "%40", "@") != want.to {
			t.Errorf("%s leads to %s, want %s", name, to, want.to)
		}
		if got := u.Query().Get(want.field); got != message || strings.Contains(u.RawQuery, "+") {
			t.Errorf("by %s %q is sent, want %q", name, got, message)
		}
		if code == "" || strings.Contains(u.String(), code) {
			t.Errorf("%s tells the code %q with the link", name, code)
		}
	}
	if strings.Contains(message, code) {
		t.Error("the message tells the code with the link")
	}
	if got := scanned(t, p.Find("svg.qr path").AttrOr("d", "")); got != link {
		t.Errorf("the QR code holds %q, want %q", got, link)
	}
	if text := s.Browser().Get(link).Find(`meta[property="og:description"]`).AttrOr("content", ""); !strings.Contains(text, "Lender Ltd") ||
		strings.Contains(text, "Ngozi") {
		t.Errorf("a messenger shows %q of the link", text)
	}
}

func TestTheMessageIsInTheCustomersLanguageAndInTheWordsOfTheBusiness(t *testing.T) {
	for name, row := range map[string]struct {
		set      []string
		language string
		want     string
	}{
		"not known":        {nil, "", "Hello Ngozi Umeh, this is Lender Ltd."},
		"of the business":  {[]string{"DEFAULT_LANGUAGE=fr"}, "", "Bonjour Ngozi Umeh, c’est Lender Ltd."},
		"of the customer":  {nil, "fr", "Bonjour Ngozi Umeh, c’est Lender Ltd."},
		"own words":        {[]string{"LINK_MESSAGE={customer}! {link}"}, "", "Ngozi Umeh! http"},
		"own French words": {[]string{"LINK_MESSAGE={link}", "LINK_MESSAGE_FR=Allez {link}"}, "fr", "Allez http"},
	} {
		t.Run(name, func(t *testing.T) {
			staff := site.New(t, row.set...).SignedIn()
			id := ngoziWith(staff, url.Values{"language": {row.language}})
			p := staff.Post("/customers/"+id+"/invitations", nil)
			p.WantText("#message", row.want)
			if way := hrefs(p)["WhatsApp"]; way == nil || way.Path != "/" {
				t.Errorf("without a number WhatsApp is opened at %v, want at the choice of whom to send it to", way)
			}
		})
	}
}

// scanned is what a phone reads of a QR code, of its path of unit squares. It
// is read square by square: a camera's search for the corners misses one
// picture in a hundred and looks at the next.
func scanned(t *testing.T, path string) string {
	t.Helper()
	const side, unit = 100, 4
	picture := image.NewGray(image.Rect(0, 0, side*unit, side*unit))
	for i := range picture.Pix {
		picture.Pix[i] = 255
	}
	for _, at := range sitetest.QRSquares(path) {
		for dx := range unit {
			for dy := range unit {
				picture.SetGray(at.X*unit+dx, at.Y*unit+dy, color.Gray{})
			}
		}
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
	if err != nil {
		t.Fatal(err)
	}
	squares := map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true}
	read, err := qrcode.NewQRCodeReader().Decode(bitmap, squares)
	if err != nil {
		t.Fatalf("nothing can be read of the QR code: %v", err)
	}
	return read.GetText()
}

// Who was written to in their language reads it on, unless their browser says otherwise.
func TestThePagesOfAPersonalLinkSpeakTheCustomersLanguage(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id := staff.AddCustomer("Amina Bello")
	staff.Post("/customers/"+id+"/edit", url.Values{"name": {"Amina Bello"}, "language": {"fr"}}).WantStatus(http.StatusOK)
	link := staff.Invite(id)
	speaks := func(b *site.Browser, path, wanted, want string) {
		t.Helper()
		p := b.Do("GET", path, nil, http.Header{"Accept-Language": {wanted}})
		if got := p.Find("html").AttrOr("lang", ""); got != want {
			t.Errorf("%s is %s for a browser that wants %q, want %s", path, got, wanted, want)
		}
	}
	speaks(s.Browser(), link, "", "fr")
	speaks(s.Browser(), link, "en-NG,en;q=0.9", "fr")
	speaks(s.With("balancelink_language", "en"), link, "", "en")
	b := s.Browser()
	b.Consent(link)
	speaks(b, "/me", "en-NG", "fr")
	staff.Post("/customers/"+id+"/edit", url.Values{"name": {"Amina Bello"}, "language": {"en"}}).WantStatus(http.StatusOK)
	speaks(b, "/me", "fr-SN", "fr")
	speaks(b, "/me", "pl", "en")
}
