package signin

import (
	"net/netip"
	"strings"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/store/limits"
)

// Names as they stand in User-Agent headers, the telling ones first: Edge also
// says Chrome, Chrome also says Safari, Android also says Linux.
var (
	browserNames = [][2]string{
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser", "Samsung Internet"}, {"Firefox/", "Firefox"},
		{"FxiOS", "Firefox"},
		{"CriOS", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
	}
	systemNames = [][2]string{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"CrOS", "ChromeOS"}, {"Windows", "Windows"},
		{"Mac OS X", "Mac"}, {"Linux", "Linux"},
	}
)

// browserWords says in words which browser sends that User-Agent: "Firefox on
// Android". It only helps people to tell their sessions apart.
func browserWords(userAgent string) string {
	browser, system := named(userAgent, browserNames), named(userAgent, systemNames)
	switch {
	case browser == "" && system == "":
		return "Unknown browser"
	case browser == "":
		return "Unknown browser on " + system
	case system == "":
		return browser
	}
	return browser + " on " + system
}

// browserSaid is what browserWords wrote when a session began, in the language
// of whoever looks.
func browserSaid(c *gin.Context, words string) string {
	browser, system, both := strings.Cut(words, " on ")
	if browser == "Unknown browser" {
		browser = web.Say(c, "Unknown browser")
	}
	if both {
		return web.Say(c, "%s on %s", browser, system)
	}
	return browser
}

func named(userAgent string, names [][2]string) string {
	for _, n := range names {
		if strings.Contains(userAgent, n[0]) {
			return n[1]
		}
	}
	return ""
}

// addressWords names the network that an address is in: enough to tell where
// somebody signed in, too little to follow them.
func addressWords(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return limits.Prefix(a, 24, 48).String()
}
