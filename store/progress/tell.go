package progress

import (
	"fmt"
	"io"
	"maps"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// linesEvery is how often a line comes that stays. One that is written anew comes as soon
// as work is not quick.
const linesEvery = 10 * time.Second

// Tell writes to somebody who waits how far the work on a board is: on a terminal in
// one line that is written anew each second, elsewhere in a line every ten seconds.
// stop ends that, and leaves nothing of the terminal's line.
func Tell(b *Board, out io.Writer) (stop func()) {
	if width := columns(out); width > 0 {
		return each(time.Second, oneLine(b, out, width))
	}
	return Lines(b, func(line string) { fmt.Fprintln(out, line) })
}

// Lines says how far the work on a board is, each ten seconds, and that it has ended
// when it was told of. Nothing is said any more once stop has returned.
func Lines(b *Board, say func(line string)) (stop func()) {
	type line struct {
		State
		at time.Time
	}
	told := map[int]line{} // by work: the last that there was about it
	return each(time.Second, func(over bool) {
		now, ended := b.now(), maps.Clone(told)
		for _, s := range b.UnderWay() {
			delete(ended, s.ID)
			last := s.Began
			if l, ok := told[s.ID]; ok {
				last = l.at
			}
			if !over && now.Sub(last) >= linesEvery {
				say(s.String())
				told[s.ID] = line{s, now}
			}
		}
		for id, l := range ended {
			say(fmt.Sprintf("%s: over after %s", l.Name, now.Sub(l.Began).Round(time.Second)))
			delete(told, id)
		}
	})
}

// oneLine draws the oldest work in a terminal's line, and when it is over nothing.
func oneLine(b *Board, out io.Writer, width int) func(over bool) {
	drawn := false
	return func(over bool) {
		line := ""
		if under := b.Lasting(); !over && len(under) > 0 {
			line = under[0].String()
			line = line[:min(len(line), width-1)]
		}
		if line != "" || drawn {
			fmt.Fprintf(out, "\r%s\x1b[K", line)
		}
		drawn = line != ""
	}
}

// each does something so often, until stop is called, and then once more, with over.
func each(pause time.Duration, do func(over bool)) (stop func()) {
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(pause)
		defer tick.Stop()
		for {
			select {
			case <-end:
				do(true)
				return
			case <-tick.C:
				do(false)
			}
		}
	}()
	return sync.OnceFunc(func() {
		close(end)
		<-ended
	})
}

// columns is how many characters a line of a terminal has; 0: it is none.
func columns(out io.Writer) int {
	f, ok := out.(*os.File)
	if !ok {
		return 0
	}
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 0
	}
	if size.Col == 0 { // a terminal that does not say
		return 80
	}
	return int(size.Col)
}

// String is one line for an operator.
func (s State) String() string {
	var b strings.Builder
	b.WriteString(string(s.Name))
	if s.Steps > 1 {
		fmt.Fprintf(&b, ", %d of %d", s.Number, s.Steps)
	}
	if s.Step != "" {
		b.WriteString(", " + string(s.Step))
	}
	switch {
	case s.Of > 0:
		fmt.Fprintf(&b, ": %s of %s", s.amount(s.Done), s.counted(s.Of))
	case s.Done > 0:
		b.WriteString(": " + s.counted(s.Done))
	}
	if s.Left >= time.Second {
		fmt.Fprintf(&b, ", %s left", s.Left.Round(time.Second))
	}
	return b.String()
}

// counted is a number with what it counts.
func (s State) counted(n int64) string {
	if s.Unit == Bytes {
		return s.amount(n) + " MB"
	}
	return s.amount(n) + " " + string(s.Unit)
}

// amount is a number with commas between its thousands; bytes are megabytes.
func (s State) amount(n int64) string {
	if s.Unit == Bytes {
		n /= 1_000_000
	}
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
