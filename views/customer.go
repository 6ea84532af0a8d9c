package views

import (
	"strconv"
	"strings"
)

func sectionID(i int) string { return "bank-" + strconv.Itoa(i+1) }

// telURL is a phone number as a dialler takes it.
func telURL(phone string) string { return "tel:" + strings.ReplaceAll(phone, " ", "") }

// unbroken keeps a number on one line.
func unbroken(number string) string { return strings.ReplaceAll(number, " ", noBreak) }

func orDash(s string) string {
	if s == "" {
		return "—"
	}
	return s
}

// none says that there is no customer at all, whatever is searched for.
func (p Customers) none() bool { return len(p.Rows) == 0 && p.Total == 0 }
