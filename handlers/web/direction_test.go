package web

import "testing"

func TestEachTextOfAPageEndsWhatTurnsRoundWhatFollows(t *testing.T) {
	for page, want := range map[string]string{
		"<p>Amina &amp; <b>Bola</B></p>":                                    "<p>Amina &amp; <b>Bola</B></p>",
		"<p>For <b>A\u202eB</b>.</p>":                                       "<p>For <b>A\u202eB\u202c</b>.</p>",
		"<P Class=x><b>A\u2069\u202eB &lt;</b >.":                           "<P Class=x><b>A\u202eB &lt;\u202c</b >.",
		"<!doctype html><title>A\u202e</title>":                             "<!doctype html><title>A\u202e\u202c</title>",
		"<a title='A\u202e'>x</a>":                                          "<a title='A\u202e'>x</a>",
		"<textarea>A\u202e</textarea><p>B\u202e</p>":                        "<textarea>A\u202e</textarea><p>B\u202e\u202c</p>",
		"<script type='application/json'>\"A\u202e\"</script>B\u202e<br/>C": "<script type='application/json'>\"A\u202e\"</script>B\u202e\u202c<br/>C",
		"<p>For \u2068\u05d3\u2069, today</p>":                              "<p>For \u2068\u05d3\u2069, today</p>",
	} {
		if got := string(selfContained([]byte(page))); got != want {
			t.Errorf("%q is %q, want %q", page, got, want)
		}
	}
}
