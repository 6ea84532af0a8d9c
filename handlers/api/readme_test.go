package api_test

import (
	"bufio"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"balancelink/handlers/sitetest"
	"balancelink/handlers/sitetest/site"
)

// receives is the receiver of README.md as a program.
func receives(t *testing.T) (path string) {
	t.Helper()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	code := regexp.MustCompile("(?s)```go\n(.*?)```").FindSubmatch(readme)
	if code == nil {
		t.Fatal("README.md has no receiver in Go")
	}
	source := `package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

func main() {
` + string(code[1]) + "}\n"
	file := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "receiver")
	build := exec.Command("go", "build", "-trimpath", "-o", path, file)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the receiver: %v\n%s", err, out)
	}
	return path
}

func TestTheReceiverOfTheReadmeVerifiesWhatItIsSent(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	s := site.New(t)
	p := newProgram(t, s)
	addr := sitetest.Addr(t)
	e := p.ask("POST", "/webhook-endpoints", fields{"url": "http://" + addr + "/hooks"}, "Idempotency-Key", "1").want(http.StatusCreated).object()
	run := exec.Command(receives(t), addr)
	run.Env = append(os.Environ(), "WEBHOOK_SECRET="+e["secret"].(string))
	out, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = run.Process.Kill(); _ = run.Wait() }()
	said := make(chan string, 10)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			said <- lines.Text()
		}
	}()
	sitetest.Await(t, "the receiver listens", func() string { return "nothing" }, func() bool {
		resp, err := http.Post("http://"+addr+"/hooks", "application/json", strings.NewReader("{}"))
		if err != nil {
			return false
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("what is not signed is answered %d", resp.StatusCode)
		}
		return true
	})
	p.ask("POST", "/webhook-endpoints/"+e["id"].(string)+"/test", nil, "Idempotency-Key", "2").want(http.StatusAccepted)
	id, body, _ := strings.Cut(sitetest.Receive(t, said, "the receiver says what it was sent"), " ")
	if event := holdsPayload(t, []byte(body)); event["type"] != "endpoint.test" || id != "msg_"+event["id"].(string) {
		t.Errorf("it was sent %s %s", id, body)
	}
}
