package samples

import (
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/PuerkitoBio/goquery"
)

// trade are words that only those who run this know, or that nobody says.
var trade = regexp.MustCompile(`(?i)\bwebhooks?\b|\bprovider\b|\bpayload\b|\bAPI\b|\bpoll(s|ed)?\b|\bnonce\b|\bcallback\b|\bwhoever\b|\bof (yours|theirs)\b|\bthereby\b|\bwhom\b|\bupon\b`)

// TestCustomersReadPlainWords holds the pages of customers to words that they
// know, and to sentences that are read with ease: 60 by Flesch is plain English.
func TestCustomersReadPlainWords(t *testing.T) {
	var all strings.Builder
	for name, page := range gallery(t.Context()) {
		_, doc := render(t, page)
		ofCustomers := doc.Find("form[action='/me/logout']").Length() > 0 || strings.HasPrefix(name, "connect/")
		if !ofCustomers || doc.Find(".tag, details.more").Length() > 0 { // cards as staff have them
			continue
		}
		if word := trade.FindString(words(doc.Find("main").Text())); word != "" {
			t.Errorf("%s: customers read %q", name, word)
		}
		doc.Find("main p, main li").Each(func(_ int, s *goquery.Selection) {
			if text := words(s.Text()); strings.Contains(text, " ") {
				all.WriteString(strings.TrimRight(text, ".…:") + ". ")
			}
		})
	}
	ease, age := readingEase(all.String()), readingAge(all.String())
	t.Logf("the reading ease is %.0f, and the reading age %.1f", ease, age)
	if ease < 60 || age > 9 {
		t.Errorf("the reading ease is %.0f and the reading age %.1f, want 60 at least and 9 at most: write shorter sentences, of shorter words", ease, age)
	}
}

// readingEase is Flesch's measure of an English text.
func readingEase(text string) float64 {
	sentences, count, syllables := counted(text)
	return 206.835 - 1.015*count/sentences - 84.6*syllables/count
}

// readingAge is at what age people read a text, by Flesch and Kincaid: their grade of the
// school, which begins at five.
func readingAge(text string) float64 {
	sentences, count, syllables := counted(text)
	return 0.39*count/sentences + 11.8*syllables/count - 15.59 + 5
}

// counted are the sentences, the words and the syllables of a text.
func counted(text string) (sentences, count, syllables float64) {
	for _, word := range strings.Fields(text) {
		if strings.ContainsAny(word[len(word)-1:], ".!?:") {
			sentences++
		}
		if strings.ContainsFunc(word, unicode.IsLetter) {
			count++
			syllables += float64(max(1, len(vowels.FindAllString(strings.ToLower(strings.TrimRight(word, "e.,;:!?")), -1))))
		}
	}
	return sentences, count, syllables
}

var vowels = regexp.MustCompile(`[aeiouy]+`)

func TestReadingEaseTellsPlainFromHard(t *testing.T) {
	plain := readingEase("We ask your bank. You can stop at any time.")
	hard := readingEase("Notwithstanding aforementioned authorisation, institutional verification necessitates additional documentation.")
	if plain < 80 || hard > 0 {
		t.Errorf("plain is %.0f and hard %.0f", plain, hard)
	}
}
