package store_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"balancelink/store"
	"balancelink/store/limits"
)

const aDay = 24 * time.Hour

// key makes a key that is good for a day.
func (d *db) key(scopes ...store.KeyScope) (store.APIKey, string) {
	d.t.Helper()
	k, whole, err := d.AddAPIKey(d.t.Context(), store.ByStaff("s"), "bl_sim_", store.APIKey{Name: "Core", Scopes: scopes}, aDay)
	d.ok(err)
	return k, whole
}

func TestAKeyLetsInUntilItExpiresOrIsRevoked(t *testing.T) {
	d := newDB(t)
	k, whole := d.key(store.ReadBalances)
	if !strings.HasPrefix(whole, k.Mark+"_") || !strings.HasPrefix(whole, "bl_sim_") || len(whole) != len("bl_sim_")+8+1+43 {
		t.Errorf("the key %q of mark %q", whole, k.Mark)
	}
	if got := must(d.UseAPIKey(t.Context(), whole)); got.ID != k.ID || !got.Allows(store.ReadBalances) || got.Allows(store.WriteFunds) {
		t.Errorf("used: %+v", got)
	}
	for name, wrong := range map[string]string{"no key": "", "its mark": k.Mark, "another": whole[:len(whole)-1] + "~"} {
		if _, err := d.UseAPIKey(t.Context(), wrong); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %v, want ErrNotFound", name, err)
		}
	}
	d.advance(aDay - time.Second)
	must(d.UseAPIKey(t.Context(), whole))
	d.advance(time.Second)
	if _, err := d.UseAPIKey(t.Context(), whole); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("expired: %v, want ErrNotFound", err)
	}
	other, whole := d.key()
	for range 2 {
		d.ok(d.RevokeAPIKey(t.Context(), store.ByStaff("s"), other.ID))
	}
	if _, err := d.UseAPIKey(t.Context(), whole); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("revoked: %v, want ErrNotFound", err)
	}
	if got := must(d.APIKeyByID(t.Context(), other.ID)); got.RevokedBy != "s" || !got.RevokedAt.Equal(d.clock()) {
		t.Errorf("revoked: %+v", got)
	}
	if n := len(d.logged(store.AuditQuery{Action: store.ActKeyRevoked, Limit: 10})); n != 1 {
		t.Errorf("%d rows say that it was revoked", n)
	}
}

func TestOfAKeyOnlyItsHashIsKept(t *testing.T) {
	d := newDB(t)
	_, whole := d.key()
	_, secret, _ := strings.Cut(strings.TrimPrefix(whole, "bl_sim_"), "_")
	if d.contains(secret) {
		t.Error("the secret of the key lies in the database")
	}
}

func TestThatAKeyIsUsedIsWrittenOnceAMinute(t *testing.T) {
	d := newDB(t)
	k, whole := d.key()
	d.advance(90 * time.Second)
	must(d.UseAPIKey(t.Context(), whole))
	first, writes := must(d.APIKeyByID(t.Context(), k.ID)).UsedAt, d.Writes()
	if !first.Equal(d.clock().Truncate(time.Minute)) {
		t.Errorf("used at %v, it is %v", first, d.clock())
	}
	d.advance(20 * time.Second)
	must(d.UseAPIKey(t.Context(), whole))
	if d.Writes() != writes {
		t.Error("within a minute it is written again")
	}
	d.advance(time.Minute)
	must(d.UseAPIKey(t.Context(), whole))
	if got := must(d.APIKeyByID(t.Context(), k.ID)).UsedAt; !got.After(first) {
		t.Errorf("a minute later it is still %v", got)
	}
}

func TestOnlySoManyKeysWorkAtOnce(t *testing.T) {
	d := newDB(t)
	var last store.APIKey
	for range limits.Keys {
		last, _ = d.key()
	}
	add := func() error {
		_, _, err := d.AddAPIKey(t.Context(), store.ByStaff("s"), "bl_sim_", store.APIKey{Name: "One more"}, aDay)
		return err
	}
	if err := add(); !errors.Is(err, store.ErrManyKeys) {
		t.Errorf("one more: %v, want ErrManyKeys", err)
	}
	d.ok(d.RevokeAPIKey(t.Context(), store.ByStaff("s"), last.ID))
	d.ok(add())
}
