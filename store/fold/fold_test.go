package fold

import (
	"slices"
	"testing"
	"unicode"
	"unicode/utf8"
)

// Each row are writings of one text.
func TestWhatPeopleTakeForTheSameIsTheSame(t *testing.T) {
	for want, writings := range map[string][]string{
		"eric":            {"Éric", "E\u0301ric", "ERIC", "Eric", "ÉRIC", "\u202eÉric\u202c", "Ｅｒｉｃ", "E\u200dric", "Er\u00adic"},
		"olalojo":         {"Ọláló\u0323jọ", "O\u0323la\u0301lo\u0301jo\u0323", "OLALOJO"},
		"saadatu bala":    {"Sa'adatu  Bala", "Sa’adatu\u00a0Bala", "Saʼadatu\tBala", " sa`adatu\u2003bala ", "Sa´adatu Bala"},
		"ade ojo":         {"Ade-Ojo", "Ade\u2011Ojo", "Ade – Ojo", "ADE OJO", "Ade\u2212Ojo"},
		"strasse":         {"Straße", "STRASSE", "Stra\u00dfe"},
		"dauda kyari":     {"Ɗauda Ƙyari", "ɗauda ƙyari"},
		"a bello st paul": {"A. Bello, St. Paul", "a bello st paul"},
		"ifeoma":          {"İfeoma", "ıfeoma", "Ifeoma"},
		"office":          {"oﬃce"},
		"":                {"", " ", "\u200b\u2060", "'", "--", "\u3164", "\u2800", "\u115f\u1160", "\u0301"},
	} {
		for _, w := range writings {
			if got := Text(w); got != want {
				t.Errorf("%+q is %q, want %q", w, got, want)
			}
		}
	}
	if a, b := Words("Balogun, Adaeze"), Words("adaeze  BALÓGUN"); a != b {
		t.Errorf("%q and %q: another order is another name", a, b)
	}
}

func TestEveryCharacterFoldsOnceAndAsItsCapital(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		folded := Text(string(r))
		if again := Text(folded); again != folded {
			t.Errorf("%U is %+q, and that is %+q", r, folded, again)
		}
		if upper := unicode.ToUpper(r); upper != r && Text(string(upper)) != folded {
			t.Errorf("%U is %+q, and its capital %U is %+q", r, folded, upper, Text(string(upper)))
		}
	}
}

func TestAWordBeginsBehindAnApostropheToo(t *testing.T) {
	for text, want := range map[string][]string{
		"Jean d'Almeida": {"jean", "dalmeida", "almeida"}, "Ade-Ojo": {"ade", "ojo"}, "O’Neil O'Hara": {"oneil", "ohara", "neil", "hara"},
		"eric.sow@example.com": {"eric", "sow@example", "com", "example", "com"}, "'": nil, "@": {"@"}, "": nil,
	} {
		if got := Starts(text); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestTermsAreWhatStandsBetweenSpaces(t *testing.T) {
	for text, want := range map[string][]string{
		"":                nil,
		" \u200b ":        nil,
		"Balogun  ÀDE-Bó": {"balogun", "ade bo"},
		"'":               {"'"},
		"LN-7 --":         {"ln 7", "--"},
	} {
		if got := Terms(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestATextIsKeptAsItIsSeen(t *testing.T) {
	for text, want := range map[string]string{
		"LN-\u200b1001": "LN-1001", "\u202dLN\u202c-1001": "LN-1001", " LN\u00a0\u200b 1001\u00ad ": "LN 1001", "Éric": "Éric", "\u3164": "",
	} {
		if got := Shown(text); got != want {
			t.Errorf("%+q is seen as %+q, want %+q", text, got, want)
		}
	}
}

func TestANameThatCannotBeSeenIsNone(t *testing.T) {
	for text, want := range map[string]bool{
		"Ada": true, "李": true, "7": true, "é": true, "\u202eAda": true,
		"": false, "\u200b": false, "\u3164": false, "\uffa0": false, "\u115f": false, "\u2800": false, "\u034f": false, "\ufe0f": false, "\U000e0041": false,
		"\u0301": false, "-": false, "…": false, "\u202e\u202c": false,
	} {
		if got := Named(text); got != want {
			t.Errorf("%+q is a name: %t, want %t", text, got, want)
		}
	}
}

// What was folded is compared with what is folded later.
func FuzzFoldingTwiceIsFoldingOnce(f *testing.F) {
	for _, text := range []string{"Éric", "Sa’adatu  Bala", "İ", "ß", "\u0345", "ﷺ", "ŉ", "ΰ", "\xff"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once := Text(text)
		if twice := Text(once); twice != once && utf8.ValidString(text) {
			t.Errorf("%+q: %+q, then %+q", text, once, twice)
		}
	})
}
