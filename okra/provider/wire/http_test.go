package wire

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestRetryAfterIsClamped(t *testing.T) {
	now := at("2026-01-01T00:00:00Z")
	tests := []struct {
		header string
		want   time.Duration
	}{
		{"60", time.Minute},
		{"0", time.Second},
		{"-5", time.Second},
		{"315360000", time.Hour},
		{strings.Repeat("9", 40), time.Hour},
		{"Thu, 01 Jan 2026 00:02:00 GMT", 2 * time.Minute},
		{"Thu, 01 Jan 2025 00:02:00 GMT", time.Second},
		{"Thu, 01 Jan 2099 00:02:00 GMT", time.Hour},
		{"soon", 0},
		{"", 0},
	}
	for _, tt := range tests {
		if got := RetryAfter(tt.header, now); got != tt.want {
			t.Errorf("RetryAfter(%q) = %v, want %v", tt.header, got, tt.want)
		}
	}
}

func TestOnlyPublicAddressesAreDialled(t *testing.T) {
	tests := []struct {
		host, ip string
		want     bool
	}{
		{"api.okra.ng", "8.8.8.8", true},
		{"api.okra.ng", "2606:4700::1111", true},
		{"api.okra.ng", "127.0.0.1", false},
		{"api.okra.ng", "::1", false},
		{"api.okra.ng", "10.1.2.3", false},
		{"api.okra.ng", "172.16.0.1", false},
		{"api.okra.ng", "192.168.1.1", false},
		{"api.okra.ng", "169.254.169.254", false},
		{"api.okra.ng", "100.64.0.1", false},
		{"api.okra.ng", "0.0.0.0", false},
		{"api.okra.ng", "0.1.2.3", false},
		{"api.okra.ng", "224.0.0.1", false},
		{"api.okra.ng", "255.255.255.255", false},
		{"api.okra.ng", "198.18.0.1", false},
		{"api.okra.ng", "fe80::1", false},
		{"api.okra.ng", "fe80::1%eth0", false},
		{"api.okra.ng", "fd00::1", false},
		{"api.okra.ng", "::ffff:10.0.0.1", false},
		{"api.okra.ng", "::ffff:8.8.8.8", true},
		{"api.okra.ng", "64:ff9b::a00:1", false},
		{"api.okra.ng", "2002:a00:1::", false},
		{"api.okra.ng", "2001:db8::1", false},
		{"127.0.0.1", "127.0.0.1", true},
		{"127.0.0.1", "127.0.0.2", false},
		{"10.0.0.5", "10.0.0.5", true},
		{"10.0.0.5", "8.8.8.8", false},
		{"::1", "::1", true},
		{"localhost", "127.0.0.1", true},
		{"localhost", "::1", true},
		{"localhost", "10.0.0.1", false},
		{"localhost", "8.8.8.8", false},
	}
	for _, tt := range tests {
		g := guard{may: Allowed}
		address := netip.AddrPortFrom(netip.MustParseAddr(tt.ip), 443).String()
		if err := g.control(tt.host, address); (err == nil) != tt.want {
			t.Errorf("%s at %s: %v, want %v", tt.host, tt.ip, err, tt.want)
		}
	}
}

func TestAnOutwardClientReachesWhereItMayAndFollowsNobody(t *testing.T) {
	heard := 0
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { heard++ }))
	defer elsewhere.Close()
	host := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer host.Close()
	if resp, err := NewOutwardClient(Public).Get(host.URL); err == nil {
		resp.Body.Close()
		t.Error("an address that is not public was reached")
	}
	resp, err := NewOutwardClient(netip.Addr.IsLoopback).Get(host.URL)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusTemporaryRedirect || heard > 0 {
		t.Errorf("answered %d, and %d were sent elsewhere", resp.StatusCode, heard)
	}
}

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}
