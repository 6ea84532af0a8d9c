package sitetest

import (
	"fmt"
	"os"
	"testing"
)

// LeaveOut leaves a test out because the machine lacks something, and says how
// to bring it. Where TESTS=all it fails the test instead. The file that
// LEFT_OUT names gets a line, which make test counts.
func LeaveOut(t testing.TB, lacking, remedy string) {
	t.Helper()
	if os.Getenv("TESTS") == "all" {
		t.Fatalf("this machine lacks %s: %s", lacking, remedy)
	}
	if path := os.Getenv("LEFT_OUT"); path != "" {
		note(t, path, fmt.Sprintf("%s: %s\n", lacking, remedy))
	}
	t.Skipf("left out for lack of %s: %s", lacking, remedy)
}

func note(t testing.TB, path, line string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(line); err != nil {
		t.Fatal(err)
	}
}
