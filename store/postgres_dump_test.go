package store_test

import (
	"context"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"balancelink/handlers/sitetest"
	"balancelink/store"
	"balancelink/store/storetest"
)

// dump makes and puts back copies of the database.
func (d *db) dump() store.Dump {
	d.t.Helper()
	return store.Dump{URL: storetest.URL(d.t, d.path), Erased: d.path + ".erased", Keys: storetest.Keys(d.t, 'k')}
}

// dumped makes a copy in a folder of its own.
func (d *db) dumped() store.Copy {
	d.t.Helper()
	return must(d.dump().Backup(d.t.Context(), filepath.Join(d.t.TempDir(), "copy.dump")))
}

// emptied closes the database and takes everything out of it.
func (d *db) emptied() {
	d.t.Helper()
	d.ok(d.Close())
	d.beneath(`DROP SCHEMA public CASCADE`, `CREATE SCHEMA public`)
}

// beneath changes the database as its server's owner.
func (d *db) beneath(changes ...string) {
	d.t.Helper()
	for _, change := range changes {
		_, err := storetest.Database(d.t, d.path).ExecContext(d.t.Context(), change)
		d.ok(err)
	}
}

// movesList puts the list of who was erased elsewhere.
func (d *db) movesList(to string) {
	d.t.Helper()
	from := d.path + ".erased"
	d.ok(errors.Join(os.WriteFile(to, must(os.ReadFile(from)), 0o600), os.Remove(from)))
}

// isEmpty says whether nothing is in the database.
func (d *db) isEmpty() bool {
	d.t.Helper()
	const all = `SELECT CAST(relname AS TEXT) FROM pg_class WHERE relnamespace = CAST('public' AS REGNAMESPACE)`
	return len(storetest.Texts(d.t, storetest.Database(d.t, d.path), all)) == 0
}

func TestTheLastCopyOfPostgreSQLIsNoted(t *testing.T) {
	d := onPostgres(t)
	c := d.dumped()
	for _, name := range []string{c.File, c.File + ".sha256"} {
		if info := must(os.Stat(name)); info.Mode() != 0o600 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
	}
	if note := must(d.LastBackup(t.Context())); note.File != c.File || note.Size != c.Size || note.Rows != c.Rows || note.At.IsZero() {
		t.Errorf("noted is %+v, made was %+v", note, c)
	}
	if note := must(store.LastBackupOf(t.Context(), storetest.URL(t, d.path))); note.File != c.File {
		t.Errorf("from outside noted is %+v", note)
	}
	d.beneath(`DROP TABLE backups`) // as an earlier version has it, which is copied before it is changed
	must(d.dump().Backup(t.Context(), filepath.Join(t.TempDir(), "copy.dump")))
}

// program puts a pg_dump of the test's own into a folder, and a pg_restore that is the real one.
func program(t *testing.T, script string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	for name, text := range map[string]string{"pg_dump": script, "pg_restore": `exec "$real" "$@"`} {
		path, err := exec.LookPath(name)
		if err == nil {
			text = "#!/bin/sh\nreal=" + path + "\nif [ \"$1\" = --version ]; then exec $real --version; fi\n" + text + "\n"
			err = os.WriteFile(filepath.Join(folder, name), []byte(text), 0o700)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// fileOf has $file be the file that pg_dump is to write.
const fileOf = `for a; do case $a in --file=*) file=${a#--file=};; esac; done; `

func TestACopyOfPostgreSQLIsTheDatabaseOfOneMoment(t *testing.T) {
	d := onPostgres(t)
	d.customer("Amina")
	rest := d.customersComing(2)
	var copies []store.Copy
	for range 3 {
		c := d.dumped()
		copies = append(copies, c)
		if live := d.Texts(t, `SELECT hash FROM audit WHERE seq = $1`, c.Audit.Rows); c.Audit.BadRow != 0 || live[0] != c.Audit.Head {
			t.Errorf("the copy's audit log, %+v, is not the beginning of the database's", c.Audit)
		}
	}
	rest()
	for _, c := range copies {
		d.emptied()
		back := must(d.dump().Restore(t.Context(), c.File))
		d.Store = storetest.Open(t, d.path, d.clock)
		customers := d.Number(t, `SELECT COUNT(*) FROM customers`)
		if int64(customers) != c.Audit.Rows || back.Rows != c.Rows || back.Audit != c.Audit {
			t.Errorf("%d customers came back; the copy was said to be %+v, and what came back %+v", customers, c, back)
		}
	}
}

func TestACopyOfPostgreSQLBringsEverythingBackAndEndsWhatWasOpen(t *testing.T) {
	d := onPostgres(t)
	id := d.lived()
	member := d.member("ada@lender.example", store.RoleOwner)
	d.session("hash", "staff", member.ID)
	_, secret, err := d.AddInvitation(t.Context(), store.Program, d.customer("Bola"), "", time.Hour)
	d.ok(err)
	c := d.dumped()
	if _, err := d.dump().Backup(t.Context(), c.File); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("onto a file: %v", err)
	}
	said := must(d.CustomerByID(t.Context(), id))
	d.emptied()
	must(d.dump().Restore(t.Context(), c.File))
	d.Store = storetest.Open(t, d.path, d.clock)
	if is := must(d.CustomerByID(t.Context(), id)); is.Name != said.Name || is.Email != said.Email {
		t.Errorf("came back %+v, was %+v", is, said)
	}
	if n := d.Number(t, `SELECT COUNT(*) FROM sessions`); n > 0 {
		t.Errorf("%d sessions go on", n)
	}
	if i, err := d.OpenInvitation(t.Context(), secret); err == nil && i.RevokedAt.IsZero() {
		t.Error("a personal link goes on")
	}
	v := must(store.Verify(t.Context(), storetest.URL(t, d.path), storetest.Keys(t, 'k'), nil))
	if len(v.Contradictions) > 0 || v.Audit.BadRow != 0 || v.Audit.Rows <= c.Audit.Rows {
		t.Errorf("found is %+v", v)
	}
	acts := d.Number(t, `SELECT COUNT(*) FROM audit WHERE action = 'database restored'`)
	d.reopen()
	if n := d.Number(t, `SELECT COUNT(*) FROM audit WHERE action = 'database restored'`); acts != 1 || n != 1 {
		t.Errorf("restored was recorded %d times, after another start %d", acts, n)
	}
}

// Each instance has a list of its own, and the machine that has it may be gone.
func TestWhoWasErasedAfterTheCopyOfPostgreSQLStaysErased(t *testing.T) {
	for how, lists := range map[string]func(d *db, copied string) []string{
		"by our list": func(*db, string) []string { return nil },
		"by the list of another instance": func(d *db, _ string) []string {
			other := filepath.Join(d.t.TempDir(), "other.erased")
			d.movesList(other)
			return []string{other}
		},
		"by the list beside the copy": func(d *db, copied string) []string {
			d.movesList(copied + ".erased")
			return nil
		},
	} {
		t.Run(how, func(t *testing.T) {
			d := onPostgres(t)
			id := d.linked("Amina").CustomerID
			c := d.dumped()
			d.ok(d.Erase(t.Context(), store.ByStaff("s"), id, "asked"))
			d.emptied()
			must(d.dump().Restore(t.Context(), c.File, lists(d, c.File)...))
			d.Store = storetest.Open(t, d.path, d.clock)
			if _, err := d.CustomerByID(t.Context(), id); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("they came back: %v", err)
			}
			if e := must(d.ErasureByCustomer(t.Context(), id)); e.Reason != "asked" {
				t.Errorf("of the erasure is known: %+v", e)
			}
		})
	}
}

func TestACopyOfPostgreSQLThatFailsLeavesNothing(t *testing.T) {
	d := onPostgres(t)
	d.customer("Amina")
	for script, says := range map[string]string{
		fileOf + `echo half >"$file"; echo "pg_dump: error: the disk is full" >&2; exit 1`: "the disk is full",
		fileOf + `echo half >"$file"; kill -9 $$`:                                          "killed",
		fileOf + `echo half >"$file"`:                                                      "not sound",
		`"$real" "$@" && ` + fileOf + `truncate -s -2000 "$file"`:                          "not sound",
		`exit 3`:                                 "exit status 3",
		`"$real" --exclude-table=customers "$@"`: "not sound",
	} {
		folder := t.TempDir()
		c, err := d.dump().From(program(t, script)).Backup(t.Context(), filepath.Join(folder, "copy.dump"))
		if err == nil || !strings.Contains(err.Error(), says) || c.File != "" {
			t.Errorf("%s: %+v, %v", script, c, err)
		}
		if left := must(os.ReadDir(folder)); len(left) > 0 {
			t.Errorf("%s: it left %v", script, left)
		}
	}
	if note := must(d.LastBackup(t.Context())); !note.At.IsZero() {
		t.Errorf("noted is %+v", note)
	}
}

func TestACopyOfPostgreSQLThatIsStoppedLeavesNothing(t *testing.T) {
	d := onPostgres(t)
	folder, begun := t.TempDir(), filepath.Join(t.TempDir(), "begun")
	d.ok(unix.Mkfifo(begun, 0o600))
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		defer stop()
		if _, err := os.ReadFile(begun); err != nil {
			t.Error(err)
		}
	}()
	_, err := d.dump().From(program(t, `"$real" "$@"; echo >`+begun+`; exec sleep 1000`)).Backup(ctx, filepath.Join(folder, "copy.dump"))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("it says %v", err)
	}
	if left := must(os.ReadDir(folder)); len(left) > 0 {
		t.Errorf("it left %v", left)
	}
}

func TestPostgreSQLsProgramsMustBeThereAndNotOlderThanTheServer(t *testing.T) {
	d := onPostgres(t)
	older := t.TempDir()
	d.ok(os.WriteFile(filepath.Join(older, "pg_dump"), []byte("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n"), 0o700))
	for folder, says := range map[string]string{t.TempDir(): "pg_dump is not in PATH", older: "is of version 9 and the server of version"} {
		_, err := d.dump().From(folder).Backup(t.Context(), filepath.Join(t.TempDir(), "copy.dump"))
		if !errors.Is(err, store.ErrNoTool) || !strings.Contains(err.Error(), says) {
			t.Errorf("it says %v, want %q", err, says)
		}
	}
}

func TestAPasswordOfAnyCharactersReachesPostgreSQLsProgramsAndIsShownToNobody(t *testing.T) {
	d := onPostgres(t)
	const password = ` p@ss:w/o?r%d #&+='"\é `
	d.beneath(
		`CREATE ROLE odd SUPERUSER LOGIN PASSWORD '` + strings.ReplaceAll(password, `'`, `''`) + `'`,
	)
	t.Cleanup(func() { storetest.Database(t, d.path).ExecContext(context.Background(), `DROP ROLE odd`) })
	hba := storetest.Texts(t, storetest.Database(t, d.path), `SHOW hba_file`)[0]
	d.ok(os.WriteFile(hba, append([]byte("local all odd scram-sha-256\n"), must(os.ReadFile(hba))...), 0o600))
	d.beneath(`SELECT pg_reload_conf()`)
	with := func(user *url.Userinfo) string {
		u := must(url.Parse(storetest.URL(t, d.path)))
		q := u.Query()
		q.Del("user")
		u.User, u.RawQuery = user, q.Encode()
		// An address without a host before the path has no place for a user.
		return strings.Replace(u.String(), "postgres:///", "postgres://"+user.String()+"@/", 1)
	}
	sitetest.Await(t, "a wrong password is refused", func() string { return "" }, func() bool {
		return store.CheckServer(t.Context(), with(url.UserPassword("odd", "wrong"))) != nil
	})
	shown := filepath.Join(t.TempDir(), "shown")
	dump := d.dump().From(program(t, `echo "$@" >`+shown+`; "$real" "$@"`))
	dump.URL = with(url.UserPassword("odd", password))
	c := must(dump.Backup(t.Context(), filepath.Join(t.TempDir(), "copy.dump")))
	if args := string(must(os.ReadFile(shown))); strings.Contains(args, "ss:w") || strings.Contains(args, url.UserPassword("", password).String()) || !strings.Contains(args, "odd@") {
		t.Errorf("everybody on the machine sees %s", args)
	}
	d.emptied()
	must(dump.Restore(t.Context(), c.File))
}

func TestNoOtherCopyIsPutIntoPostgreSQL(t *testing.T) {
	d := onPostgres(t)
	d.customer("Amina")
	c, newer := d.dumped(), filepath.Join(t.TempDir(), "newer.dump")
	d.Exec(t, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, TRUE)`)
	d.dumpedByHand(newer)
	d.Exec(t, `DELETE FROM goose_db_version WHERE version_id = 99999`)
	if _, err := d.dump().Restore(t.Context(), c.File); err == nil || !strings.Contains(err.Error(), "is not empty") {
		t.Errorf("over another database: %v", err)
	}
	if n := d.Number(t, `SELECT COUNT(*) FROM customers`); n != 1 {
		t.Errorf("of which %d customers are left", n)
	}
	d.emptied()
	d.beneath(`CREATE TABLE other (id INTEGER)`)
	other := filepath.Join(t.TempDir(), "other.dump")
	d.dumpedByHand(other)
	d.beneath(`DROP TABLE other`)
	short, changed := filepath.Join(t.TempDir(), "short.dump"), filepath.Join(t.TempDir(), "changed.dump")
	text := must(os.ReadFile(c.File))
	d.ok(os.WriteFile(short, text[:len(text)-5000], 0o600))
	sum(t, short)
	d.ok(errors.Join(os.WriteFile(changed, append(text[:len(text):len(text)], 0), 0o600), os.Link(c.File+".sha256", changed+".sha256")))
	none := filepath.Join(t.TempDir(), "none.dump")
	for file, says := range map[string]string{
		changed: "not as it was", short: "is not restored", other: "no copy of a database of balancelink", none: "cannot be read", newer: "newer balancelink",
	} {
		if _, err := d.dump().Restore(t.Context(), file); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", filepath.Base(file), err, says)
		}
	}
	another := d.dump()
	another.Keys = storetest.Keys(t, 'x')
	if _, err := another.Restore(t.Context(), c.File); !errors.Is(err, store.ErrKeyMissing) {
		t.Errorf("under another key: %v", err)
	}
	listless := d.dump()
	listless.Erased = ""
	if _, err := listless.Restore(t.Context(), c.File); err == nil || !strings.Contains(err.Error(), "ERASED_FILE") {
		t.Errorf("without a list of who was erased: %v", err)
	}
	if !d.isEmpty() {
		t.Error("something of them is left")
	}
}

// dumpedByHand has pg_dump copy whatever is in the database.
func (d *db) dumpedByHand(file string) {
	d.t.Helper()
	u := must(url.Parse(storetest.URL(d.t, d.path)))
	q := u.Query()
	u.RawQuery = url.Values{"host": q["host"], "user": q["user"]}.Encode()
	if said, err := exec.CommandContext(d.t.Context(), "pg_dump", "-Fc", "-f", file, "-d", u.String()).CombinedOutput(); err != nil {
		d.t.Fatalf("%v: %s", err, said)
	}
	sum(d.t, file)
}

func TestACopyOfPostgreSQLGoesBackOnlyWhereItsEnvironmentIs(t *testing.T) {
	d := onPostgres(t)
	d.Exec(t, `INSERT INTO environment (name) VALUES ('simulated')`)
	c := d.dumped()
	d.emptied()
	real := d.dump()
	real.Env = "production"
	if _, err := real.Restore(t.Context(), c.File); !errors.Is(err, store.ErrOtherEnvironment) || !d.isEmpty() {
		t.Errorf("what was simulated: %v", err)
	}
	real.Env = "simulated"
	must(real.Restore(t.Context(), c.File))
	real.Env = "production"
	if err := real.Restored(t.Context()); !errors.Is(err, store.ErrOtherEnvironment) {
		t.Errorf("afterwards: %v", err)
	}
}

func TestNothingIsRestoredWhereAnInstanceRuns(t *testing.T) {
	d := onPostgres(t)
	c := d.dumped()
	must(d.Beat(t.Context(), d.NewInstance("v1")))
	d.beneath(`UPDATE instances SET seen_at = CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)`)
	_, err := d.dump().Restore(t.Context(), c.File)
	if err2 := d.dump().Restored(t.Context()); !errors.Is(err, store.ErrInUse) || !errors.Is(err2, store.ErrInUse) {
		t.Errorf("%v, %v", err, err2)
	}
}

func TestWhatTheServerPutBackByItselfIsTreatedAsARestore(t *testing.T) {
	d := onPostgres(t)
	id, member := d.linked("Amina").CustomerID, d.member("ada@lender.example", store.RoleOwner)
	d.session("hash", "staff", member.ID)
	d.ok(d.Close())
	back := storetest.Keep(t, d.path)
	d.Store = storetest.Open(t, d.path, d.clock)
	d.ok(d.Erase(t.Context(), store.Program, id, "asked"))
	d.ok(d.Close())
	other := filepath.Join(t.TempDir(), "other.erased")
	d.movesList(other)
	back()
	d.ok(d.dump().Restored(t.Context(), other))
	d.Store = storetest.Open(t, d.path, d.clock)
	if n := d.Number(t, `SELECT COUNT(*) FROM customers`) + d.Number(t, `SELECT COUNT(*) FROM sessions`); n > 0 {
		t.Errorf("%d customers and sessions came back", n)
	}
	if n := d.Number(t, `SELECT COUNT(*) FROM audit WHERE action = 'database restored'`); n != 1 {
		t.Errorf("it was recorded %d times", n)
	}
	d.emptied()
	if err := d.dump().Restored(t.Context()); err == nil || !d.isEmpty() {
		t.Errorf("an empty database: %v", err)
	}
}

// A kill between the rows and what is done to them leaves a database that looks ready.
func TestARestoreThatIsCutShortIsFinishedByTheNextStart(t *testing.T) {
	d := onPostgres(t)
	member := d.member("ada@lender.example", store.RoleOwner)
	d.session("hash", "staff", member.ID)
	d.beneath(`CREATE TABLE restored (id INTEGER)`)
	for range 2 {
		d.reopen()
		if n := d.Number(t, `SELECT COUNT(*) FROM sessions`); n > 0 {
			t.Errorf("%d sessions go on", n)
		}
	}
	if n := d.Number(t, `SELECT COUNT(*) FROM audit WHERE action = 'database restored'`); n != 1 {
		t.Errorf("it was recorded %d times", n)
	}
}
