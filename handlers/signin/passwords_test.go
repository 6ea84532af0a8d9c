package signin

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func TestPasswordsThatAreGuessedFirstAreRefused(t *testing.T) {
	for password, want := range map[string]string{
		"eleven char": "at least 12", strings.Repeat("ab3 ", 65): "at most 256", "ab\xffcdefghijklm": "cannot be used",
		"Officer@Lender.example": "too easy", "officer123456": "too easy", "LENDER Ltd!!": "too easy", "lenderltd2026": "too easy",
		"Password1234": "too common", "passwordpassword": "too common", "123456789012": "too common", "QwertyUiop123": "too common",
		"aaaaaaaaaaaa": "too common", "Letmein!!!!!": "too common", "ababababababab": "too common",
	} {
		if got := wrongPassword(t.Context(), password, "officer@lender.example", "Lender Ltd"); !strings.Contains(got, want) {
			t.Errorf("%q: %q, want %q in it", password, got, want)
		}
	}
	for _, password := range []string{
		"correct horse battery", "seven green bottles", "            ø", "наш пароль длинный", strings.Repeat("abcdefghijklmno1", 16), "officer of the deck", "no digits at all",
	} {
		if got := wrongPassword(t.Context(), password, "officer@lender.example", "Lender Ltd"); got != "" {
			t.Errorf("%q is refused: %s", password, got)
		}
	}
}

func TestOfTwoHundredPasswordsAtOnceFourAreHashedAtATime(t *testing.T) {
	p := NewPasswords(PasswordCost{KiB: 64, Passes: 1})
	var now, most, hashed atomic.Int64
	four := make(chan struct{})
	var reached sync.Once
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			err := p.bounded(t.Context(), func() error {
				defer now.Add(-1)
				n := now.Add(1)
				for was := most.Load(); n > was && !most.CompareAndSwap(was, n); was = most.Load() {
				}
				if n == 4 {
					reached.Do(func() { close(four) })
				}
				<-four // nobody is done before four have begun
				hashed.Add(1)
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if most.Load() != 4 || hashed.Load() != 200 {
		t.Errorf("%d were hashed, %d at once; want 200 and 4", hashed.Load(), most.Load())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	full := make(chan struct{})
	defer close(full)
	var busy sync.WaitGroup
	for range 4 {
		busy.Add(1)
		go p.bounded(t.Context(), func() error { busy.Done(); <-full; return nil })
	}
	busy.Wait()
	if err := p.bounded(ctx, func() error { t.Error("hashed for somebody who hung up"); return nil }); err == nil {
		t.Error("who hung up waits")
	}
}
