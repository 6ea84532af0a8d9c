package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"balancelink/store"
	"balancelink/store/limits"
	"balancelink/store/storetest"
)

// hold holds a file of a new member of staff, whose id it returns.
func (d *db) hold(content string) string {
	d.t.Helper()
	m := d.member(fmt.Sprintf("%s@lender.example", strings.ReplaceAll(content, " ", ".")), store.RoleOfficer)
	if !must(d.HoldFile(d.t.Context(), m.ID, []byte(content))) {
		d.t.Fatal("it is not held")
	}
	return m.ID
}

func TestAFileOfCustomersIsItsSendersAtEveryInstanceAndLiesSealed(t *testing.T) {
	d := newDB(t)
	sender, other := d.hold("canary file"), d.member("other@lender.example", store.RoleOfficer).ID
	d.Share(t)
	beside := d.beside('k')
	f := must(beside.FileOf(t.Context(), sender))
	if string(f.Content) != "canary file" || f.State != store.FileRead {
		t.Errorf("another instance has %+v", f)
	}
	_, err := d.FileOf(t.Context(), other)
	if _, err2 := d.TakeFile(t.Context(), other); !errors.Is(err, store.ErrNotFound) || !errors.Is(err2, store.ErrNotFound) {
		t.Errorf("a colleague has it: %v, %v", err, err2)
	}
	if storetest.Holds(t, d.path, "canary file") {
		t.Error("it lies in clear")
	}
	f = must(beside.TakeFile(t.Context(), sender))
	if _, err := d.TakeFile(t.Context(), sender); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("it is taken in twice: %v", err)
	}
	d.ok(d.DropFile(t.Context(), sender))
	if held := must(d.HoldFile(t.Context(), sender, []byte("the next"))); held || must(d.FileOf(t.Context(), sender)).State != store.FileRunning {
		t.Error("while it is taken in another comes in its place")
	}
	f.State, f.Content = store.FileDone, []byte("what is left")
	d.ok(beside.EndFile(t.Context(), sender, f))
	if f := must(d.FileOf(t.Context(), sender)); f.State != store.FileDone || string(f.Content) != "what is left" {
		t.Errorf("it ended as %+v", f)
	}
	d.ok(d.DropFile(t.Context(), sender))
	if _, err := d.FileOf(t.Context(), sender); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("dropped: %v", err)
	}
}

func TestAFileWhoseTakingInWasCutShortWaitsAgain(t *testing.T) {
	for how, end := range map[string]func(*db){
		"another instance ended": func(d *db) { d.advance(limits.ImportTaking + time.Second) },
		"the program ended":      func(d *db) { d.ok(d.EndOthers(d.t.Context())) },
	} {
		t.Run(how, func(t *testing.T) {
			d := newDB(t)
			id := d.hold("a file")
			was := must(d.TakeFile(t.Context(), id))
			end(d)
			if f := must(d.FileOf(t.Context(), id)); f.State != store.FileFailed {
				t.Errorf("it is %s", f.State)
			}
			is := must(d.TakeFile(t.Context(), id))
			if string(is.Content) != "a file" || !is.SentAt.Equal(was.SentAt) {
				t.Errorf("taken again it is %+v", is)
			}
		})
	}
}

func TestFilesOfCustomersAreFewAndForgottenInTimeAndByAnErasure(t *testing.T) {
	d := newDB(t)
	var all []string
	for i := range limits.Imports + 2 {
		all = append(all, d.hold(fmt.Sprint("file ", i)))
		d.advance(time.Second)
	}
	if n := d.Number(t, `SELECT COUNT(*) FROM held_files`); n != limits.Imports {
		t.Errorf("%d are held", n)
	}
	if _, err := d.FileOf(t.Context(), all[1]); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the oldest are: %v", err)
	}
	d.advance(limits.ImportHeld)
	if _, err := d.FileOf(t.Context(), all[len(all)-1]); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("after its time: %v", err)
	}
	d.ok(d.ForgetFiles(t.Context()))
	if n := d.Number(t, `SELECT COUNT(*) FROM held_files`); n != 0 {
		t.Errorf("%d are held after their time", n)
	}
	id := d.hold("one more")
	must(d.TakeFile(t.Context(), id)) // whoever does so ends it in vain
	d.ok(d.Erase(t.Context(), store.Program, d.customer("Amina"), "asked"))
	d.ok(d.EndFile(t.Context(), id, store.HeldFile{State: store.FileMoved, Content: []byte("x")}))
	if n := d.Number(t, `SELECT COUNT(*) FROM held_files`); n != 0 {
		t.Errorf("%d are held after an erasure", n)
	}
}
