//go:build !race

package proof_test

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// tracing is the command that records what the program tells the kernel: all
// bytes to files and sockets, with the file's path or the socket's addresses.
// -D makes the program our child and strace the bystander.
func tracing(to string) []string {
	return []string{
		"strace", "-D", "-f", "--seccomp-bpf", "-yy", "-xx", "-s", "1000000", "-o", to,
		"-e", "trace=pwrite64,write,read,fsync,fdatasync,ftruncate,unlink", "-e", "signal=none",
	}
}

// opKind is what an operation does.
type opKind int

const (
	opWrite opKind = iota
	opTruncate
	opUnlink
	opSync
	opAcknowledge
)

// op is an operation on a file, or the acknowledgement of a webhook. It
// happens somewhere between the lines begin and end of the trace.
type op struct {
	kind       opKind
	file       string // path
	offset     int64  // of a write; of a truncation the new length
	data       []byte
	record     string // of the acknowledged webhook
	begin, end int
}

// trace reads a recording: the operations on files under a path's name, and
// the acknowledgements, in the order in which they began.
type trace struct {
	path    string
	partial map[string]op     // by thread, what has begun and not ended
	text    map[string]string // by thread, the line so far
	asked   map[string]string // by connection, the request so far
	ops     []op
}

func readTrace(file, path string) ([]op, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	tr := &trace{path: path, text: map[string]string{}, partial: map[string]op{}, asked: map[string]string{}}
	lines := bufio.NewReaderSize(f, 1<<20)
	for n := 0; ; n++ {
		line, err := lines.ReadString('\n')
		if err != nil {
			return tr.ops, nil
		}
		if err := tr.line(n, strings.TrimSuffix(line, "\n")); err != nil {
			return nil, fmt.Errorf("line %d: %w", n+1, err)
		}
	}
}

// line takes one line; a call that another thread interrupts stands in two.
func (tr *trace) line(n int, line string) error {
	thread, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimLeft(rest, " ")
	begin := n
	if strings.HasPrefix(rest, "<... ") {
		_, rest, _ = strings.Cut(rest, " resumed>")
		rest, begin = tr.text[thread]+rest, tr.partial[thread].begin
	}
	if text, unfinished := strings.CutSuffix(rest, " <unfinished ...>"); unfinished {
		tr.text[thread], tr.partial[thread] = text, op{begin: n}
		return nil
	}
	c, ok, err := parseCall(rest)
	if err != nil || !ok {
		return err
	}
	return tr.call(c, begin, n)
}

// call is one system call that succeeded.
type call struct {
	name   string
	target string // path of the file, or addresses of the connection
	data   []byte
	rest   string // the arguments behind the data
	result int64
}

// parseCall reads name(fd<target>, "data", rest) = result. It is not ok for
// what is no call, or one that failed.
func parseCall(text string) (c call, ok bool, err error) {
	name, args, _ := strings.Cut(text, "(")
	end := strings.LastIndexByte(args, ')')
	if end < 0 {
		return call{}, false, nil
	}
	c.name = name
	if c.result, err = strconv.ParseInt(strings.TrimLeft(args[end+1:], " ="), 10, 64); err != nil || c.result < 0 {
		return call{}, false, nil
	}
	before, data, quoted := strings.Cut(args[:end], `"`)
	if at := strings.LastIndexByte(before, '>'); at > 0 {
		_, c.target, _ = strings.Cut(before[:at], "<")
		c.rest = before[at+1:]
	}
	if quoted {
		data, c.rest, _ = strings.Cut(data, `"`)
		c.data = unhex(data)
	}
	if strings.HasPrefix(c.rest, "...") {
		return call{}, false, fmt.Errorf("%s is cut short", name)
	}
	c.rest = strings.TrimPrefix(c.rest, ", ")
	if strings.HasPrefix(c.target, `\x`) {
		c.target = string(unhex(c.target))
	}
	if name == "unlink" {
		c.target = string(c.data)
	}
	return c, true, nil
}

func unhex(text string) []byte {
	raw, _ := hex.DecodeString(strings.ReplaceAll(text, `\x`, "")) // -xx writes nothing else
	return raw
}

func (tr *trace) call(c call, begin, end int) error {
	if strings.HasPrefix(c.target, "TCP") {
		tr.converse(c, begin, end)
		return nil
	}
	if !strings.HasPrefix(c.target, tr.path) || strings.HasSuffix(c.target, "-shm") {
		return nil
	}
	o := op{file: c.target, begin: begin, end: end}
	switch c.name {
	case "pwrite64":
		_, offset, _ := strings.Cut(c.rest, ", ")
		n, err := strconv.ParseInt(offset, 10, 64)
		if err != nil || c.result > int64(len(c.data)) {
			return fmt.Errorf("a write of %d of %d bytes at %q", c.result, len(c.data), offset)
		}
		o.kind, o.offset, o.data = opWrite, n, c.data[:c.result]
	case "ftruncate":
		n, err := strconv.ParseInt(c.rest, 10, 64)
		if err != nil {
			return err
		}
		o.kind, o.offset = opTruncate, n
	case "fsync", "fdatasync":
		o.kind = opSync
	case "unlink":
		o.kind = opUnlink
	case "write":
		return fmt.Errorf("write without an offset to %s", c.target)
	default:
		return nil
	}
	tr.ops = append(tr.ops, o)
	return nil
}

var recordOf = regexp.MustCompile(`"record":"([0-9a-f]{24})"`)

// converse follows a connection: a 200 on it acknowledges the webhook that was
// read from it.
func (tr *trace) converse(c call, begin, end int) {
	switch c.name {
	case "read":
		tr.asked[c.target] += string(c.data)
	case "write":
		asked := tr.asked[c.target]
		delete(tr.asked, c.target)
		m := recordOf.FindStringSubmatch(asked)
		if m != nil && strings.HasPrefix(asked, "POST /webhooks/okra") && bytes.HasPrefix(c.data, []byte("HTTP/1.1 200 ")) {
			tr.ops = append(tr.ops, op{kind: opAcknowledge, record: m[1], begin: begin, end: end})
		}
	}
}
