package web

import (
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"
	"golang.org/x/text/language"

	"balancelink/views/locale"
)

// languageCookie remembers in a browser which language its person chose. It
// says nothing about anybody and outlives the session.
const languageCookie = "balancelink_language"

// pageLanguage is the header by which a page says in which language it is: what
// it fetches for itself comes in that, whatever was chosen elsewhere meanwhile.
const pageLanguage = "Page-Language"

// Say is a text in the language of whoever asks: see [locale.Say].
func Say(c *gin.Context, key string, parts ...any) string {
	return locale.Say(c.Request.Context(), key, parts...)
}

// languages chooses the language of an answer.
type languages struct {
	codes   []string // the one that is set comes first
	matcher language.Matcher
}

func newLanguages(set string, customers []string) languages {
	codes := append(locale.Languages(), customers...)
	if i := slices.Index(codes, set); i > 0 {
		codes = slices.Insert(slices.Delete(codes, i, i+1), 0, set)
	}
	tags := make([]language.Tag, len(codes))
	for i, code := range codes {
		tags[i] = language.Make(code)
	}
	return languages{codes, language.NewMatcher(tags)}
}

// of is the language for a request: that of the page that asks, else what its
// person chose, else what the browser prefers, else what is set.
func (l languages) of(r *http.Request) string {
	if code := l.chosen(r); code != "" {
		return code
	}
	return l.wanted(r)
}

// chosen is the language of the page that asks, else what its person chose; empty: neither
// says any.
func (l languages) chosen(r *http.Request) string {
	if code := r.Header.Get(pageLanguage); slices.Contains(l.codes, code) {
		return code
	}
	if cookie, err := r.Cookie(languageCookie); err == nil && slices.Contains(l.codes, cookie.Value) {
		return cookie.Value
	}
	return ""
}

// wanted is what the browser prefers, else what is set.
func (l languages) wanted(r *http.Request) string {
	wanted := r.Header.Get("Accept-Language")
	if wanted == "" {
		return l.codes[0]
	}
	_, i := language.MatchStrings(l.matcher, wanted)
	return l.codes[i]
}

// InLanguage is the request with the language of its answer in its context.
func (s *Site) InLanguage(r *http.Request) *http.Request {
	ctx := r.Context()
	if said := locale.In(ctx, s.languages.of(r)); said != ctx {
		return r.WithContext(said)
	}
	return r
}

// Speaks says whether customers' pages speak a language.
func (s *Site) Speaks(code string) bool { return slices.Contains(s.languages.codes, code) }

// SpeakTo has the answer speak a customer's own language, as staff keep it; empty: they do
// not know it. What the customer chose in this browser goes before, and so does another
// language than English that the browser wants: English is what telephones come with.
func (s *Site) SpeakTo(c *gin.Context, code string) {
	if !s.Speaks(code) || s.languages.chosen(c.Request) != "" {
		return
	}
	if c.GetHeader("Accept-Language") == "" || s.languages.wanted(c.Request) == locale.English {
		c.Request = c.Request.WithContext(locale.In(c.Request.Context(), code))
	}
}

// ChooseLanguage handles POST /language: remembers in this browser the language
// that was chosen, or with one that there is not that none was, and goes back to
// the page.
func (s *Site) ChooseLanguage(c *gin.Context) error {
	cookie := http.Cookie{
		Name: languageCookie, Value: c.PostForm("language"), Path: "/", MaxAge: 365 * 24 * 60 * 60,
		HttpOnly: true, Secure: s.OverTLS(), SameSite: http.SameSiteLaxMode,
	}
	if !slices.Contains(s.languages.codes, cookie.Value) {
		cookie.Value, cookie.MaxAge = "", -1
	}
	http.SetCookie(c.Writer, &cookie)
	return SeeOther(c, LocalPath(c.PostForm("next")))
}

// amountsCookie remembers in a browser that amounts are hidden. It says nothing
// about anybody and outlives the session: whoever hid them finds them hidden.
const amountsCookie = "balancelink_amounts"

// ShowAmounts handles POST /amounts: hides the amounts of all pages in this
// browser, or shows them again, and goes back to the page.
func (s *Site) ShowAmounts(c *gin.Context) error {
	cookie := http.Cookie{
		Name: amountsCookie, Value: "hidden", Path: "/", MaxAge: 365 * 24 * 60 * 60,
		HttpOnly: true, Secure: s.OverTLS(), SameSite: http.SameSiteLaxMode,
	}
	if c.PostForm("amounts") != "hidden" {
		cookie.Value, cookie.MaxAge = "", -1
	}
	http.SetCookie(c.Writer, &cookie)
	return SeeOther(c, LocalPath(c.PostForm("next")))
}
