package settings

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"balancelink/store/phone"
)

// LinkMessage is what differs from one message with a personal link to the next.
type LinkMessage struct {
	Customer, Business string
	Phone              string // of the business, as people read it; may be empty
	Until              string // when the link stops working, as people read it
	Link               string
}

// parts are the names that stand in a text for what differs, each before what it is.
func (m LinkMessage) parts() []string {
	return []string{
		"{customer}", m.Customer, "{business}", m.Business, "{phone}", m.Phone, "{until}", m.Until, "{link}", m.Link,
	}
}

// In is the message that a text makes.
func (m LinkMessage) In(text string) string { return strings.NewReplacer(m.parts()...).Replace(text) }

// checkPurpose wants what customers agree to to say the same in both languages, and to
// be the end of a sentence.
func (s *Settings) checkPurpose() error {
	for _, v := range s.all() {
		of := strings.HasPrefix(v.name, "CONSENT_PURPOSE")
		if of && (strings.HasSuffix(v.text, ".") || strings.ContainsAny(v.text, "{}")) {
			return fmt.Errorf("%s is the end of a sentence: give it without a full stop and without braces", v.name)
		}
	}
	if (s.ConsentPurpose == "") != (s.ConsentPurposeFR == "") {
		return errors.New("CONSENT_PURPOSE and CONSENT_PURPOSE_FR belong together: customers would be told one purpose in English and another in French")
	}
	return nil
}

var inBraces = regexp.MustCompile(`\{[^{}]*\}`)

// checkMessages wants a message to hold the link, and nothing in braces that would be
// sent as it stands there.
func (s *Settings) checkMessages() error {
	if number, ok := phone.Parse(s.BusinessPhone); ok {
		s.BusinessPhone = number
	} else if s.BusinessPhone != "" {
		return fmt.Errorf("BUSINESS_PHONE is %q, which is no telephone number", s.BusinessPhone)
	}
	for _, v := range s.all() {
		if !strings.HasPrefix(v.name, "LINK_MESSAGE") || v.text == "" {
			continue
		}
		for _, name := range inBraces.FindAllString(v.text, -1) {
			if !slices.Contains(LinkMessage{}.parts(), name) {
				return fmt.Errorf(
					"%s holds %s, which stands for nothing; what does is {customer}, {business}, {phone}, {until} and {link}",
					v.name, name,
				)
			}
		}
		if !strings.Contains(v.text, "{link}") {
			return fmt.Errorf("%s lacks {link}: whoever is sent it could open nothing", v.name)
		}
	}
	return nil
}
