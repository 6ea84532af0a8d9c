package okrasim

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// showMoney writes decimal text with a currency sign and thousands apart.
func showMoney(text, currency string) string {
	if text == "" {
		return "not told"
	}
	sign := map[string]string{"NGN": "₦", "USD": "$"}[currency]
	if sign == "" || !amountPattern.MatchString(text) {
		return currency + " " + text
	}
	digits, negative := strings.CutPrefix(text, "-")
	whole, cents, _ := strings.Cut(digits, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if negative {
		sign = "−" + sign
	}
	return sign + whole + "." + (cents + "00")[:2]
}

func showTime(t time.Time) string { return t.In(lagos).Format("Mon 2 Jan 2006, 15:04:05 MST") }

// showStatus is an HTTP status with its words.
func showStatus(status int) string {
	if status == 0 {
		return "nothing"
	}
	return fmt.Sprintf("%d %s", status, http.StatusText(status))
}

// outcomeOf is a status in a word for people.
func outcomeOf(status int) string {
	switch {
	case status == 0:
		return "no answer"
	case status < 400:
		return "fine"
	case status == http.StatusUnauthorized:
		return "turned away"
	}
	return "refused"
}
