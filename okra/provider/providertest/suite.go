package providertest

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"balancelink/okra/provider"
)

const attempt = "nonceOfAnAttempt-1"

func (s *suite) adapter() provider.Provider { return s.Adapter(nil, false) }

// linked is a person whose first data have come.
func (s *suite) linked() Linked {
	s.Helper()
	l := s.Link(attempt)
	s.Settle()
	return l
}

func (s *suite) confirms() {
	l, a := s.linked(), s.adapter()
	want, err := a.Confirm(s.Context(), l.Claim)
	if err != nil {
		s.Fatal(err)
	}
	var shared []string
	for _, a := range want.Accounts {
		shared = append(shared, a.ID)
	}
	slices.Sort(shared)
	told := slices.Sorted(slices.Values(append([]string{l.Ref.Account}, l.Others...)))
	if want.Record != l.Claim.Record || !slices.Equal(shared, told) {
		s.Errorf("the link is %+v, want of accounts %q", want, told)
	}
	if a.Traits().Echoes && want.Attempt != attempt {
		s.Errorf("it is of attempt %q", want.Attempt)
	}
	forged := l.Claim
	forged.Attempt, forged.Accounts, forged.BankName = "another", []string{"another"}, "Another Bank"
	if got, err := a.Confirm(s.Context(), forged); err != nil || !reflect.DeepEqual(got, want) {
		s.Errorf("with a forged claim it is %+v (%v)", got, err)
	}
	forged.Customer = "another"
	if got, err := a.Confirm(s.Context(), forged); err == nil && !reflect.DeepEqual(got, want) {
		s.Errorf("with a forged customer it is %+v", got)
	}
}

func (s *suite) knowsNoStrangers() {
	l := s.linked()
	strange := l.Claim
	last := byte('0')
	if strings.HasSuffix(strange.Record, "0") {
		last = '1'
	}
	strange.Record = "0000" + strange.Record[4:len(strange.Record)-1] + string(last)
	none := []provider.Kind{
		provider.KindNoRecord, provider.KindNotYet, provider.KindBadRequest, provider.KindNotShared,
		provider.KindForeign,
	}
	if link, err := s.adapter().Confirm(s.Context(), strange); !slices.Contains(none, provider.KindOf(err)) {
		s.Errorf("the link is %+v (%v)", link, err)
	}
}

// ask asks the bank, and looks by a new adapter until there is an answer.
func (s *suite) ask(l Linked) (provider.Answer, error) {
	s.Helper()
	asked, err := s.adapter().Ask(s.Context(), l.Ref, provider.QuestionBalance)
	if err != nil {
		return provider.Answer{}, err
	}
	if len(asked.Ticket) > provider.MaxTicket {
		s.Errorf("a ticket of %d bytes", len(asked.Ticket))
	}
	if asked.Answer != nil {
		return *asked.Answer, nil
	}
	s.Settle()
	return s.look(l, asked.Ticket)
}

// look looks for an answer and, where webhooks say how a question ended, hears them.
// Without these the answer has to be the same.
func (s *suite) look(l Linked, ticket string) (provider.Answer, error) {
	s.Helper()
	looking := provider.Looking{Question: provider.QuestionBalance, Ticket: ticket}
	got, err := s.adapter().Look(s.Context(), l.Ref, looking)
	if !got.Ended && (!s.adapter().Traits().Explains || provider.KindOf(err) != provider.KindFetchFailed) {
		return got, err
	}
	told, err := s.told(ticket)
	if err != nil {
		return told, err
	}
	looking.Untold = true
	got, err = s.adapter().Look(s.Context(), l.Ref, looking)
	if err != nil || got.Balance == nil || told.Balance == nil || got.Balance.Figure != told.Balance.Figure {
		s.Errorf("a webhook tells %+v of the balance, and an untold look finds %+v (%v)", told.Balance, got, err)
	}
	return told, err
}

// told is what webhooks say of how a question ended.
func (s *suite) told(ticket string) (provider.Answer, error) {
	s.Helper()
	for _, d := range s.hear() {
		e, _, err := s.adapter().Receive(d.Body)
		switch {
		case err != nil:
			s.Fatal(err)
		case e.Ticket != ticket:
		case e.NeedsLogin:
			return provider.Answer{}, &provider.Error{Kind: provider.KindNeedsLogin}
		case e.Failed:
			return provider.Answer{}, &provider.Error{Kind: provider.KindFetchFailed}
		case e.Balance != nil:
			return provider.Answer{Balance: e.Balance}, nil
		}
	}
	s.Fatalf("no webhook tells how the question %q ended", ticket)
	return provider.Answer{}, nil
}

// hear returns all webhooks that have come.
func (s *suite) hear() []Delivery {
	s.heard = append(s.heard, s.Heard()...)
	return s.heard
}

func (s *suite) wantAnswer(l Linked, minor int64) {
	s.Helper()
	got, err := s.ask(l)
	if err != nil || got.Running || got.Fault != nil || got.Balance == nil {
		s.Fatalf("the answer is %+v (%v)", got, err)
	}
	b := got.Balance
	if !b.Figure.Known || b.Figure.Minor != minor || b.Account != "" && b.Account != l.Ref.Account {
		s.Errorf("the balance is %+v, want %d", b, minor)
	}
	if got.Proof == provider.ProofNone || b.AsOfKind == provider.AsOfUnknown {
		s.Errorf("the answer proves nothing: %+v of %s", got, b.AsOfKind)
	}
}

func (s *suite) keepsTickets() {
	l := s.linked()
	s.Set(l, 777_77)
	s.wantAnswer(l, 777_77)
	if !s.Meet(l, Slow) {
		return
	}
	s.Settle()
	asked, err := s.adapter().Ask(s.Context(), l.Ref, provider.QuestionBalance)
	if err != nil || asked.Answer != nil {
		s.Fatalf("of a slow bank: %+v (%v)", asked, err)
	}
	got, err := s.adapter().Look(s.Context(), l.Ref, provider.Looking{
		Question: provider.QuestionBalance, Ticket: asked.Ticket,
	})
	if kind := provider.KindOf(err); !got.Running && kind != provider.KindNotYet || got.Balance != nil {
		s.Errorf("while the bank is at it: %+v (%v)", got, err)
	}
}

func (s *suite) copiesProveNothing() {
	l := s.linked()
	all, err := s.adapter().Saved(s.Context(), []provider.Ref{l.Ref})
	if err != nil || len(all) != 1 {
		s.Fatalf("saved: %+v (%v)", all, err)
	}
	if all[0].Proof != provider.ProofNone {
		s.Errorf("the copy has proof %d", all[0].Proof)
	}
	b := all[0].Balance
	if b != nil && b.AsOf.IsZero() && b.AsOfKind != provider.AsOfUnknown {
		s.Errorf("nobody says of when the copy is, and it is %q", b.AsOfKind)
	}
	if none, err := s.adapter().Saved(s.Context(), nil); err != nil || len(none) != 0 {
		s.Errorf("of no account: %+v (%v)", none, err)
	}
}

// deliveries are webhooks of a link and of a refresh.
func (s *suite) deliveries() []Delivery {
	s.Helper()
	l := s.linked()
	s.Set(l, 42_00)
	if _, err := s.ask(l); err != nil {
		s.Fatal(err)
	}
	s.Settle()
	all := s.hear()
	if len(all) == 0 {
		s.Fatal("no webhook came")
	}
	return all
}

func (s *suite) receivesAnything() {
	a := s.adapter()
	bodies := [][]byte{
		nil, []byte(" "), []byte("null"), []byte("true"), []byte("{}"), []byte("[]"), []byte(`"x"`), []byte("{"),
		[]byte("\x00"),
		[]byte("\xef\xbb\xbf{}"), []byte(`{"a":1,"a":2}`), bytes.Repeat([]byte("["), 20_000), []byte(`{} {}`),
		{0xff, 0xfe},
		[]byte(`{"event":7,"data":[]}`), []byte(`{"method":{},"status":[]}`),
		[]byte(`{"event":"mono.events.account_updated","data":null}`),
	}
	for _, d := range s.deliveries() {
		for cut := 0; cut < len(d.Body); cut += 7 {
			changed := bytes.Clone(d.Body)
			changed[cut] ^= 0x11
			bodies = append(bodies, d.Body[:cut], changed)
		}
		bodies = append(bodies, d.Body)
	}
	for _, body := range bodies {
		e, redacted, err := a.Receive(body)
		if err != nil {
			if !errors.Is(err, provider.ErrBadJSON) && !errors.Is(err, provider.ErrBadShape) {
				s.Errorf("%.60q: %v", body, err)
			}
			continue
		}
		if !json.Valid(redacted) {
			s.Fatalf("%.200q is kept as %.200q", body, redacted)
		}
		again, kept, err := a.Receive(redacted)
		again.Key = e.Key
		if e.Unread != "" && again.Unread != "" { // of what was no object, in other words
			again.Unread = e.Unread
		}
		if err != nil || !reflect.DeepEqual(again, e) || !bytes.Equal(kept, redacted) {
			s.Fatalf("%s\nis %+v\nand read again\n%s\nit is %+v (%v)", body, e, redacted, again, err)
		}
		if len(e.Key) == 0 || len(e.Key) > 32 {
			s.Errorf("the key is %q", e.Key)
		}
	}
}

func (s *suite) wantsProof() {
	a, bare := s.adapter(), s.Adapter(nil, true)
	for _, d := range s.deliveries() {
		if !a.Authentic(d.Header) {
			s.Errorf("a delivery with %v is refused", d.Header)
		}
		if bare.Authentic(d.Header) {
			s.Error("without a secret a delivery is taken")
		}
		for name := range d.Header {
			for _, value := range []string{"", "Bearer ", d.Header.Get(name) + "x"} {
				forged := d.Header.Clone()
				forged.Set(name, value)
				if bare.Authentic(forged) {
					s.Errorf("without a secret %s: %q is taken", name, value)
				}
			}
		}
	}
	if a.Authentic(http.Header{}) || bare.Authentic(http.Header{}) || bare.Authentic(nil) {
		s.Error("a delivery without a header is taken")
	}
}

func (s *suite) keysDeliveries() {
	a, bodies := s.adapter(), map[string]string{}
	for _, d := range s.deliveries() {
		first, _, err := a.Receive(d.Body)
		second, _, err2 := s.adapter().Receive(d.Body)
		if err = errors.Join(err, err2); err != nil || first.Key != second.Key {
			s.Errorf("the keys are %q and %q (%v)", first.Key, second.Key, err)
		}
		if other, ok := bodies[first.Key]; ok && other != string(d.Body) {
			s.Errorf("two events have key %q:\n%s\n%s", first.Key, other, d.Body)
		}
		bodies[first.Key] = string(d.Body)
	}
}

func (s *suite) knowsRecords() {
	a := s.adapter()
	if record := s.linked().Claim.Record; !a.ValidRecord(record) {
		s.Errorf("%q is no record", record)
	}
	for _, id := range []string{
		"", " ", "a b", "a/b", "../a", "a\x00", "a\n", "é", strings.Repeat("a", 300), "?a", "%2e",
	} {
		if a.ValidRecord(id) {
			s.Errorf("%q is a record", id)
		}
	}
}

func (s *suite) forgetsTwice() {
	l, a := s.linked(), s.adapter()
	if err := a.Forget(s.Context(), l.Forget); err != nil {
		s.Fatal(err)
	}
	s.Settle()
	err := a.Forget(s.Context(), l.Forget)
	if kind := provider.KindOf(err); err != nil && kind != provider.KindNoRecord && kind != provider.KindBadRequest {
		s.Errorf("the second time: %v", err)
	}
	if link, err := a.Confirm(s.Context(), l.Claim); err == nil {
		s.Errorf("a forgotten sign-in is %+v", link)
	}
}

func (s *suite) namesTrouble() {
	l, figure := s.linked(), int64(99_00)
	for trouble, want := range kinds {
		if !s.Meet(l, trouble) {
			s.Logf("no such trouble here: %s", trouble)
			continue
		}
		s.Settle()
		got, err := s.ask(l)
		if err == nil && got.Fault != nil {
			err = got.Fault
		}
		if _, ok := errors.AsType[*provider.Error](err); !ok || provider.KindOf(err) != want {
			s.Errorf("%s: %+v (%v), want %s", trouble, got, err, want)
		}
		if got.Balance != nil && got.Fault == nil {
			s.Errorf("%s: a balance is told: %+v", trouble, got.Balance)
		}
		if err != nil {
			for _, secret := range []string{s.Key(), l.NUBAN} {
				if strings.Contains(err.Error(), secret) {
					s.Errorf("%s: the error tells %s", trouble, secret)
				}
			}
		}
		s.Meet(l, Well)
		s.Settle()
		figure++
		s.Set(l, figure)
		s.wantAnswer(l, figure)
	}
}

func (s *suite) keepsBudget() {
	l := s.linked()
	const perMinute = 5
	a := s.Adapter(provider.NewBudget(perMinute, nil), false)
	for range perMinute {
		if ok, _, _ := a.Ready(provider.ForConfirm); !ok {
			s.Fatal("a call within the budget may not be made")
		}
		a.Ask(s.Context(), l.Ref, provider.QuestionBalance)
	}
	if ok, next, _ := a.Ready(provider.ForConfirm); ok || !next.After(time.Now()) {
		s.Errorf("a call beyond the budget may be made: %v, and at %v", ok, next)
	}
	a = s.Adapter(provider.NewBudget(100, nil), false)
	s.Meet(l, Denied)
	a.Confirm(s.Context(), l.Claim)
	if ok, _, pause := a.Ready(provider.ForConfirm); ok || pause.Kind != provider.KindRefused {
		s.Errorf("after a refusal: %v, %+v", ok, pause)
	}
	if ok, _, _ := s.adapter().Ready(provider.ForSchedule); !ok {
		s.Error("without a budget a call may not be made")
	}
}
