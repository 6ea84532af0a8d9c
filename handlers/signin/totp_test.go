package signin

import "testing"

func TestCodesAreThoseOfRFC6238(t *testing.T) {
	seed := []byte("12345678901234567890")
	for at, want := range map[int64]string{
		59: "94287082", 1111111109: "07081804", 1111111111: "14050471", 1234567890: "89005924", 2000000000: "69279037", 20000000000: "65353130",
	} {
		if got := TOTP(seed, at/30, 8); got != want {
			t.Errorf("the code at %d is %s, want %s", at, got, want)
		}
	}
}
