package progress_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"balancelink/store/progress"
)

func TestABoardSaysHowFarEachWorkIsAndHowLongItTakesYet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &progress.Board{}
		began := time.Now()
		w := b.Begin(progress.Verifying, 2)
		w.Step(progress.TheNumber, progress.Rows, 0)
		w.Add(7)
		time.Sleep(time.Minute)
		w.Step(progress.TheRows, progress.Rows, 1000)
		time.Sleep(20 * time.Second)
		w.Add(200)
		time.Sleep(30 * time.Second) // of the 80 that the rest takes
		other := b.Begin(progress.Copying, 1)
		want := []progress.State{
			{
				ID: 1, Name: progress.Verifying, Began: began, Step: progress.TheRows, Number: 2, Steps: 2, Unit: progress.Rows,
				Done: 200, Of: 1000, Left: 50 * time.Second,
			},
			{ID: 2, Name: progress.Copying, Began: time.Now(), Steps: 1},
		}
		if diff := cmp.Diff(want, b.UnderWay()); diff != "" {
			t.Errorf("under way are (-want +got)\n%s", diff)
		}
		w.Add(900)
		if s := b.UnderWay()[0]; s.Done != 1100 || s.Of != 1100 || s.Left != 0 {
			t.Errorf("with more than were expected: %+v", s)
		}
		w.End()
		w.End()
		if left := b.UnderWay(); len(left) != 1 || left[0].Name != progress.Copying {
			t.Errorf("after the end of one: %+v", left)
		}
		other.End()
	})
}

func TestWhatIsQuickIsNotAmongWhatLasts(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)
	b := &progress.Board{Now: func() time.Time { return now }}
	defer b.Begin(progress.Sealing, 1).End()
	now = now.Add(time.Second)
	defer b.Begin(progress.Copying, 1).End()
	now = now.Add(time.Second)
	if lasting := b.Lasting(); len(lasting) != 1 || lasting[0].Name != progress.Sealing || !lasting[0].Began.Equal(now.Add(-2*time.Second)) {
		t.Errorf("of one work of two seconds and one of one there lasts %+v", lasting)
	}
}

func TestWorkOnNoBoardIsDoneAsWell(t *testing.T) {
	t.Parallel()
	var none *progress.Board
	w := none.Begin(progress.Verifying, 1)
	w.Step(progress.TheRows, progress.Rows, 10)
	w.Add(1)
	w.Reach(5)
	w.End()
	if under := none.UnderWay(); under != nil {
		t.Errorf("under way is %+v", under)
	}
}

func TestWhoWaitsReadsALineEveryTenSecondsAndNoneAboutWhatIsQuick(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		b := &progress.Board{}
		stop := progress.Tell(b, &out)
		quick := b.Begin(progress.Copying, 1)
		time.Sleep(3 * time.Second)
		quick.End()
		w := b.Begin(progress.Verifying, 6)
		w.Step(progress.ThePages, progress.Rows, 0)
		time.Sleep(time.Minute / 4)
		w.Step(progress.TheRows, progress.Rows, 4_000_000)
		time.Sleep(4 * time.Second)
		w.Add(1_000_000)
		time.Sleep(3500 * time.Millisecond)
		w.End()
		time.Sleep(time.Minute)
		stop()
		want := strings.Join([]string{
			"Verifying the database, 1 of 6, pages of the file",
			"Verifying the database, 2 of 6, rows and indexes: 1,000,000 of 4,000,000 rows, 11s left",
			"Verifying the database: over after 23s", "",
		}, "\n")
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("said (-want +got)\n%s", diff)
		}
	})
}

func TestATerminalHasOneLineAndNoneInTheEnd(t *testing.T) {
	t.Parallel()
	terminal, screen := openTerminal(t, 60)
	b := &progress.Board{}
	stop := progress.Tell(b, terminal)
	w := b.Begin(progress.Copying, 7)
	w.Step(progress.TheRows, progress.Bytes, 2_000_000_000)
	w.Reach(1_250_000_000)
	read := func(until string) (text string) {
		for piece := make([]byte, 1000); !strings.HasSuffix(text, until); {
			n, err := screen.Read(piece)
			if err != nil {
				t.Fatalf("it was said %q, then %v", text, err)
			}
			text += string(piece[:n])
		}
		return text
	}
	const drawn = "\rMaking a backup, 1 of 7, rows and indexes: 1,250 of 2,000 M\x1b[K"
	if got := read("\x1b[K"); got != drawn {
		t.Errorf("drawn is %q, want %q", got, drawn)
	}
	go stop()
	if got := strings.ReplaceAll(read("\r\x1b[K"), drawn, ""); got != "\r\x1b[K" {
		t.Errorf("in the end it is said %q", got)
	}
}

// openTerminal opens a terminal so wide, and what is drawn on its screen.
func openTerminal(t *testing.T, width uint16) (terminal *os.File, screen io.Reader) {
	t.Helper()
	screenFile, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("this machine has no terminals: ", err)
	}
	t.Cleanup(func() { screenFile.Close() })
	fd := int(screenFile.Fd())
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Col: width, Row: 24})
	}
	if err != nil {
		t.Fatal(err)
	}
	terminal, err = os.OpenFile(fmt.Sprint("/dev/pts/", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { terminal.Close() })
	return terminal, screenFile
}
