package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"balancelink/handlers/api"
	"balancelink/handlers/sitetest"
	"balancelink/handlers/sitetest/site"
)

// shell types lines into a shell and returns what they print. A request that is
// refused fails there.
func shell(t *testing.T, env []string, lines ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath("curl"); err != nil {
		sitetest.LeaveOut(t, "curl", "install curl")
	}
	script := `curl() { command curl --fail-with-body "$@"; }` + "\nset -e\n" + strings.Join(lines, "\n")
	run := exec.CommandContext(t.Context(), "sh", "-c", script)
	run.Env = append(os.Environ(), env...)
	out, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%s\n%v: %s", strings.Join(lines, "\n"), err, out)
	}
	return out
}

// lastOf is the last line of what was printed, as JSON.
func lastOf(t *testing.T, out []byte) (object map[string]any) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &object); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	return object
}

func TestTheFirstLinesOfTheReferenceLeadFromANewInstallationToAPersonalLink(t *testing.T) {
	s := site.New(t)
	key := s.SignedIn().Post("/keys", url.Values{
		"name": {"Core"}, "days": {"30"}, "customers:write": {"on"}, "links:write": {"on"}, "balances:read": {"on"},
	}).TextOf("#key")
	page := s.Browser().Get("/api")
	first := strings.ReplaceAll(page.Find("#start-0").Text(), "bl_sim_…", key)
	link := lastOf(t, shell(t, nil, first, page.Find("#start-1").Text(), "echo", page.Find("#start-2").Text()))
	address, _ := link["url"].(string)
	path, ours := strings.CutPrefix(address, s.URL)
	if !ours {
		t.Fatalf("the link is %q", address)
	}
	s.Browser().Get(path).WantText("h1", "asks to see your bank balance")
	out := shell(t, nil, first, page.Find("#start-3").Text())
	if accounts, ok := lastOf(t, out)["data"].([]any); !ok || len(accounts) != 0 {
		t.Errorf("the accounts are %s", out)
	}
}

// variables are what the reference calls the ids of things.
var variables = map[string]string{
	"link": "LINK", "refresh": "REFRESH", "funds_check": "CHECK", "webhook_endpoint": "ENDPOINT", "delivery": "DELIVERY",
}

// identified is what an answer is about; of a list, its first.
type identified struct {
	Object, ID string
	Data       []identified
}

func (i identified) variables() (all []string) {
	for _, one := range append(i.Data, i) {
		if name := variables[one.Object]; name != "" {
			return append(all, name+"="+one.ID)
		}
	}
	return nil
}

func TestEveryCommandLineOfTheReferenceWorks(t *testing.T) {
	s := site.New(t)
	p := newProgram(t, s)
	_, a := linked(s)
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer receiver.Close()
	env := []string{"BASE=" + s.URL + api.Path, "KEY=" + p.whole, "ACCOUNT=" + a.ID}
	page := s.Browser().Get("/api")
	shell(t, env, page.Find("#start-1").Text())
	operations, err := api.Reference()
	if err != nil || len(operations) < 10 {
		t.Fatalf("%d operations, %v", len(operations), err)
	}
	lastRemoved := func(a, b api.Operation) int {
		return strings.Count(a.Method, http.MethodDelete) - strings.Count(b.Method, http.MethodDelete)
	}
	for _, o := range slices.SortedStableFunc(slices.Values(operations), lastRemoved) {
		line := strings.ReplaceAll(page.Find("#curl-"+o.ID).Text(), "https://core.example.com", receiver.URL)
		var about identified
		ask := func() bool {
			about = identified{}
			return json.Unmarshal(shell(t, env, line), &about) != nil || o.ID != "listDeliveries" || len(about.Data) > 0
		}
		s.Eventually(o.ID+" has an answer", ask)
		env = append(env, about.variables()...)
	}
}

func TestTheReferenceSaysWhatEachOperationNeeds(t *testing.T) {
	s := site.New(t)
	documented := operations(t)
	page := s.Browser().Get("/api")
	page.WantStatus(http.StatusOK)
	all, err := api.Reference()
	if err != nil || len(all) != len(documented) {
		t.Fatalf("%d operations of %d, %v", len(all), len(documented), err)
	}
	for _, o := range all {
		section := page.Find("section[aria-labelledby=" + o.ID + "]").Text()
		need := string(documented[o.Method+" "+o.Path])
		switch need {
		case "none":
			need = "It needs no key."
		case "any":
			need = "Any key will do."
		}
		for _, want := range []string{o.Method + " " + o.Path, o.Summary, need} {
			if want == "" || !strings.Contains(section, want) {
				t.Errorf("%s does not say %q", o.ID, want)
			}
		}
		if o.Answer != "" && !json.Valid([]byte(o.Answer)) {
			t.Errorf("%s: the answer is no JSON: %s", o.ID, o.Answer)
		}
	}
}
