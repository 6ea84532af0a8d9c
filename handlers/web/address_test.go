package web

import (
	"net/http/httptest"
	"strings"
	"testing"

	"balancelink/handlers/settings"
)

func TestTheSenderIsWhomTheNamedProxiesSay(t *testing.T) {
	t.Parallel()
	const proxy = "10.0.0.2:1000"
	for name, tt := range map[string]struct {
		trusted, remote string
		forwarded       []string // headers
		want            string
	}{
		"nobody is trusted":               {"", "203.0.113.7:1000", []string{"198.51.100.1"}, "203.0.113.7"},
		"none is trusted":                 {"none", "203.0.113.7:1000", []string{"198.51.100.1"}, "203.0.113.7"},
		"another is trusted":              {"10.0.0.2", "203.0.113.7:1000", []string{"198.51.100.1"}, "203.0.113.7"},
		"an address":                      {"10.0.0.2", proxy, []string{"198.51.100.1"}, "198.51.100.1"},
		"a network is trusted":            {"192.168.0.0/16, 10.0.0.0/8", proxy, []string{"198.51.100.1"}, "198.51.100.1"},
		"spaces":                          {"10.0.0.2", proxy, []string{" \t198.51.100.1  "}, "198.51.100.1"},
		"with a port":                     {"10.0.0.2", proxy, []string{"198.51.100.1:4711"}, "198.51.100.1"},
		"IPv6":                            {"10.0.0.2", proxy, []string{"2001:DB8::1"}, "2001:db8::1"},
		"IPv6 in brackets":                {"10.0.0.2", proxy, []string{"[2001:db8::1]"}, "2001:db8::1"},
		"IPv6 in brackets with a port":    {"10.0.0.2", proxy, []string{"[2001:db8::1]:4711"}, "2001:db8::1"},
		"in quotes":                       {"10.0.0.2", proxy, []string{`"[2001:db8::1]:4711"`}, "2001:db8::1"},
		"with a zone":                     {"10.0.0.2", proxy, []string{"fe80::1%eth0"}, "fe80::1"},
		"with a zone, brackets, port":     {"10.0.0.2", proxy, []string{"[fe80::1%25eth0]:80"}, "fe80::1"},
		"IPv4 as IPv6":                    {"10.0.0.2", proxy, []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		"IPv4 as IPv6 with a port":        {"10.0.0.2", proxy, []string{"[::ffff:198.51.100.1]:80"}, "198.51.100.1"},
		"a proxy that is IPv4 as IPv6":    {"10.0.0.2", "[::ffff:10.0.0.2]:1000", []string{"198.51.100.1"}, "198.51.100.1"},
		"it is named as IPv6":             {"::ffff:10.0.0.2", proxy, []string{"198.51.100.1"}, "198.51.100.1"},
		"its network is named as IPv6":    {"::ffff:10.0.0.0/104", proxy, []string{"198.51.100.1"}, "198.51.100.1"},
		"an IPv6 proxy":                   {"2001:db8:ffff::/48", "[2001:db8:ffff::9]:1000", []string{"2001:db8::1"}, "2001:db8::1"},
		"a proxy with a zone":             {"fe80::2", "[fe80::2%eth0]:1000", []string{"2001:db8::1"}, "2001:db8::1"},
		"what the sender made up":         {"10.0.0.2", proxy, []string{"192.0.2.9, 198.51.100.1"}, "198.51.100.1"},
		"a proxy that the sender made up": {"10.0.0.2", proxy, []string{"192.0.2.9, 10.0.0.2, 198.51.100.1"}, "198.51.100.1"},
		"garbage that the sender made up": {"10.0.0.2", proxy, []string{"<script>, 198.51.100.1"}, "198.51.100.1"},
		"commas that the sender made up":  {"10.0.0.2", proxy, []string{",,, 198.51.100.1"}, "198.51.100.1"},
		"two proxies":                     {"10.0.0.0/8", proxy, []string{"192.0.2.9, 198.51.100.1, 10.0.0.3"}, "198.51.100.1"},
		"two proxies with ports":          {"10.0.0.0/8", proxy, []string{"198.51.100.1:4711, 10.0.0.3:80"}, "198.51.100.1"},
		"several headers":                 {"10.0.0.0/8", proxy, []string{"192.0.2.9", "198.51.100.1", "10.0.0.3"}, "198.51.100.1"},
		"the sender's own header":         {"10.0.0.2", proxy, []string{"10.0.0.2, 192.0.2.9", "198.51.100.1"}, "198.51.100.1"},
		"an empty header first":           {"10.0.0.2", proxy, []string{"", "198.51.100.1"}, "198.51.100.1"},
		"everybody is a proxy":            {"10.0.0.0/8", proxy, []string{"10.0.0.9, 10.0.0.3"}, "10.0.0.9"},
		"no header":                       {"10.0.0.2", proxy, nil, "10.0.0.2"},
		"an empty one":                    {"10.0.0.2", proxy, []string{""}, "10.0.0.2"},
		"an empty part at the end":        {"10.0.0.2", proxy, []string{"192.0.2.9, "}, "10.0.0.2"},
		"an empty header at the end":      {"10.0.0.2", proxy, []string{"192.0.2.9", ""}, "10.0.0.2"},
		"garbage":                         {"10.0.0.2", proxy, []string{"somebody"}, "10.0.0.2"},
		"unknown":                         {"10.0.0.2", proxy, []string{"192.0.2.9, unknown"}, "10.0.0.2"},
		"garbage behind two proxies":      {"10.0.0.0/8", proxy, []string{"192.0.2.9, unknown, 10.0.0.3"}, "10.0.0.3"},
		"no number for a port":            {"10.0.0.2", proxy, []string{"192.0.2.9, 198.51.100.1:http"}, "10.0.0.2"},
		"too large a port":                {"10.0.0.2", proxy, []string{"192.0.2.9, 198.51.100.1:70000"}, "10.0.0.2"},
		"half a bracket":                  {"10.0.0.2", proxy, []string{"192.0.2.9, [2001:db8::1"}, "10.0.0.2"},
		"half a quote":                    {"10.0.0.2", proxy, []string{`192.0.2.9, "198.51.100.1`}, "10.0.0.2"},
		"IPv4 in brackets":                {"10.0.0.2", proxy, []string{"192.0.2.9, [198.51.100.1]"}, "198.51.100.1"},
		"IPv4 in brackets with a port":    {"10.0.0.2", proxy, []string{"[198.51.100.1]:4711"}, "198.51.100.1"},
		"a colon without a port":          {"10.0.0.2", proxy, []string{"192.0.2.9, 198.51.100.1:"}, "10.0.0.2"},
		"something behind the bracket":    {"10.0.0.2", proxy, []string{"192.0.2.9, [2001:db8::1]4711"}, "10.0.0.2"},
		"leading zeros":                   {"10.0.0.2", proxy, []string{"192.0.2.9, 198.051.100.001"}, "10.0.0.2"},
		"a network":                       {"10.0.0.2", proxy, []string{"192.0.2.9, 198.51.100.0/24"}, "10.0.0.2"},
		"two addresses without a comma":   {"10.0.0.2", proxy, []string{"192.0.2.9, 198.51.100.1 198.51.100.2"}, "10.0.0.2"},
		"the standard's form":             {"10.0.0.2", proxy, []string{"192.0.2.9, for=198.51.100.1"}, "10.0.0.2"},
	} {
		t.Run(name, func(t *testing.T) {
			set := settings.Settings{TrustedProxies: strings.Split(tt.trusted, ",")}
			if tt.trusted == "" {
				set.TrustedProxies = nil
			}
			if err := set.ReadProxies(); err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
			r.RemoteAddr, r.Header["X-Forwarded-For"] = tt.remote, tt.forwarded
			r.Header.Set("X-Real-IP", "192.0.2.200")
			r.Header.Set("Forwarded", "for=192.0.2.201")
			if got, _ := sender(r, set.Proxies); got.String() != tt.want {
				t.Errorf("the sender is %v, want %s", got, tt.want)
			}
		})
	}
}
