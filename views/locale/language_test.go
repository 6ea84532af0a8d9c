package locale

import (
	"regexp"
	"strings"
	"testing"
)

func TestALanguageThatThereIsNotIsEnglish(t *testing.T) {
	for _, code := range []string{"", "tlh", "../fr", "EN"} {
		if got := Language(In(t.Context(), code)); got != English {
			t.Errorf("%q is %s", code, got)
		}
	}
	if got := Language(In(In(t.Context(), "fr"), "en")); got != English {
		t.Errorf("English within French is %s", got)
	}
}

func TestPartsMayStandInAnotherOrder(t *testing.T) {
	var got []string
	for _, p := range Pieces("%[2]s before %[1]s, then %s.") {
		got = append(got, p.Text, string(rune('0'+p.Part)))
	}
	if g, want := strings.Join(got, "|"), "|/||1| before |/||0|, then |/||1|.|/"; g != want {
		t.Errorf("pieces = %s, want %s", g, want)
	}
}

var (
	looseSign = regexp.MustCompile(`[ \x{a0}][:;?!»]|« |[\pL\pN][;?!»]|\pL:`)
	tutoyer   = regexp.MustCompile(`(?i)(?:^|[^\pL-])(tu|te|toi|ton|tes|ta|tien|tienne)(?:[^\pL]|$)`)
)

func TestFrenchIsTypesetAndPolite(t *testing.T) {
	for key, e := range entriesOf(t, "fr") {
		for _, text := range append([]string{e.Text}, e.Forms["one"], e.Forms["other"]) {
			if found := looseSign.FindString(text); found != "" {
				t.Errorf("%q: before %q stands a narrow no-break space (U+202F) in %q", key, strings.TrimSpace(found), text)
			}
			if found := tutoyer.FindString(text); found != "" {
				t.Errorf("%q says %q to a customer: %q", key, found, text)
			}
		}
	}
}

func TestASentenceEndsOnceWhateverFillsIt(t *testing.T) {
	for key, row := range map[string]struct {
		parts []any
		want  string
	}{
		"Ask %s.":            {[]any{"Foods Ltd."}, "Ask Foods Ltd."},
		"Ask %s. They know.": {[]any{"Foods Ltd."}, "Ask Foods Ltd. They know."},
		"Ask %s first.":      {[]any{"Foods Ltd."}, "Ask Foods Ltd. first."},
		"%d of %s.":          {[]any{2, "Foods Ltd."}, "2 of Foods Ltd."},
	} {
		if got := Say(t.Context(), key, row.parts...); got != row.want {
			t.Errorf("%q is said as %q", key, got)
		}
	}
}
