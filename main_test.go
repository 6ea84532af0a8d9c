package main

import (
	"bytes"
	"database/sql"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/settings"
	"balancelink/handlers/sitetest"
	"balancelink/okra/mono/monosim"
	"balancelink/okra/provider"
	"balancelink/store"
	"balancelink/store/storetest"
)

func TestAnOlderBinaryDoesNotStartOnANewerDatabase(t *testing.T) {
	path := filepath.Join(storetest.Folder(t), "test.db")
	if err := storetest.Open(t, path, time.Now).Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, TRUE)`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	status := run(t.Context(), nil, []string{"DATABASE_URL=sqlite:" + path}, &stdout, &stderr)
	if status != 78 || stdout.Len() > 0 || strings.Count(stderr.String(), "\n") != 1 || !strings.Contains(stderr.String(), "newer balancelink") {
		t.Errorf("status %d, said %q %q, want 78 and a sentence", status, stdout.String(), stderr.String())
	}
}

func TestAnAddressThatIsTakenStopsTheStartWithOneSentence(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for name, said := range map[string]string{
		"LISTEN_ADDR": "pages", "METRICS_ADDR": "metrics", "SIMULATOR_ADDR": "simulated Okra", "MONO_SIMULATOR_ADDR": "simulated Mono",
	} {
		folder := storetest.Folder(t)
		if err := os.Chmod(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		set := map[string]string{
			"LISTEN_ADDR": sitetest.Addr(t), "METRICS_ADDR": sitetest.Addr(t), "SIMULATOR_ADDR": sitetest.Addr(t),
			"MONO_SIMULATOR_ADDR": sitetest.Addr(t), "DATABASE_URL": "sqlite:" + filepath.Join(folder, "test.db"),
			"ADMIN_PASSWORD": "the password of the demo",
		}
		set[name] = taken.Addr().String()
		var environ []string
		for name, value := range set {
			environ = append(environ, name+"="+value)
		}
		var stdout, stderr bytes.Buffer
		status := run(t.Context(), nil, environ, &stdout, &stderr)
		want := "balancelink: listening for the " + said + ": "
		if last := stderr.String()[strings.LastIndex(strings.TrimSpace(stderr.String()), "\n")+1:]; status != 1 || !strings.HasPrefix(last, want) || !strings.Contains(last, "in use") {
			t.Errorf("%s: status %d, said %q, %q", name, status, stdout.String(), stderr.String())
		}
	}
}

func TestHelpTellsWhatThereIsAndWhatACommandDoes(t *testing.T) {
	for _, args := range [][]string{{"help"}, {"help", "backup"}, {"help", "doctor"}} {
		var stdout, stderr bytes.Buffer
		usage := strings.Join(append([]string{"Usage: balancelink"}, args[1:]...), " ")
		if status := run(t.Context(), args, nil, &stdout, &stderr); status != 0 || stderr.Len() > 0 || !strings.Contains(stdout.String(), usage) {
			t.Errorf("%v: status %d, said %q, %q", args, status, stdout.String(), stderr.String())
		}
	}
	var stdout, stderr bytes.Buffer
	if status := run(t.Context(), []string{"help", "nonsense"}, nil, &stdout, &stderr); status != exitConfig || stdout.Len() > 0 {
		t.Errorf("of what there is not: status %d, said %q", status, stdout.String())
	}
}

func TestAFolderThatOthersLookIntoStopsTheStartOutsideTheSimulation(t *testing.T) {
	folder := storetest.Folder(t)
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	real := []string{
		"DATABASE_URL=sqlite:" + filepath.Join(folder, "test.db"), "ENV=production", "PUBLIC_URL=https://balances.example", "BUSINESS_NAME=Adire Savings",
		"OKRA_API_URL=https://gateway.example/v2/", "OKRA_WIDGET_URL=https://widget.example", "OKRA_PUBLIC_KEY=5f1a2b3c-public", "OKRA_CLIENT_TOKEN=5f00000000000000000000ab",
		"OKRA_SECRET_KEY=b7c9d1e3f5a2468097531357", "OKRA_WEBHOOK_TOKEN=q8w7e6r5t4y3u2i1o0p9", "SESSION_KEY=Zk3vQ9sT1xW7bN5mL2jH8gF4dS6aP0oI",
		"DATA_KEY=1f2e3d4c5b6a798897a6b5c4d3e2f10f1f2e3d4c5b6a798897a6b5c4d3e2f10f", "LISTEN_ADDR=127.0.0.1:0", "TRUSTED_PROXIES=127.0.0.1", "BEHIND_TLS=true",
	}
	var stdout, stderr bytes.Buffer
	status := run(t.Context(), nil, real, &stdout, &stderr)
	if status != 78 || strings.Count(stderr.String(), "\n") != 1 || !strings.Contains(stderr.String(), "is open to others: "+folder+" has the mode 0755") {
		t.Errorf("status %d, said %q %q, want 78 and a sentence", status, stdout.String(), stderr.String())
	}
	if all, err := os.ReadDir(folder); err != nil || len(all) > 0 {
		t.Errorf("it left %v, %v", all, err)
	}
}

func TestTheSimulatedMonoKnowsAfterARestartWhatIsLinked(t *testing.T) {
	const nuban = "0712345604"
	before := monosim.New(monosim.Config{})
	t.Cleanup(before.Close)
	shared, err := before.Link(nuban, "nonce")
	if err != nil {
		t.Fatal(err)
	}
	db := storetest.New(t)
	linkAtMono(t, db, store.LinkedAccount{ProviderID: shared.Account, NUBAN: nuban, Name: "Ngozi Umeh", Currency: "NGN"})

	after := monosim.New(monosim.Config{})
	t.Cleanup(after.Close)
	if err := recall(t.Context(), db, provider.EnvSimulated, after); err != nil {
		t.Fatal(err)
	}
	for _, a := range after.Accounts() {
		if known := len(a.Linked) == 1 && a.Linked[0] == shared.Account; known != (a.NUBAN == nuban) {
			t.Errorf("%s is linked as %q", a.NUBAN, a.Linked)
		}
	}
}

// linkAtMono links an account of a new customer.
func linkAtMono(t *testing.T, db *store.Store, a store.LinkedAccount) {
	t.Helper()
	ctx := t.Context()
	cu, err := db.AddCustomer(ctx, store.Program, store.Customer{Name: a.Name})
	if err != nil {
		t.Fatal(err)
	}
	co, err := db.AddConsent(ctx, store.Consent{CustomerID: cu.ID, Version: "1", Scope: "balance", Provider: settings.Mono})
	if err != nil {
		t.Fatal(err)
	}
	attempt, err := db.StartAttempt(ctx, store.Attempt{
		CustomerID: cu.ID, ConsentID: co.ID, Provider: settings.Mono, Env: provider.EnvSimulated,
	}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ReportAttempt(ctx, attempt.Nonce, store.Report{
		State: store.AttemptClaimed, ClaimedBy: "webhook", ProviderRecord: a.ProviderID,
	})
	if err != nil {
		t.Fatal(err)
	}
	err = db.FinishLink(ctx, attempt.ID, store.Link{ProviderRecord: a.ProviderID, Accounts: []store.LinkedAccount{a}})
	if err != nil {
		t.Fatal(err)
	}
}
