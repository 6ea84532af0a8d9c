//go:build !race

package proof_test

import (
	"cmp"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// disk is what a power cut would leave: the files as they are on the platter,
// and the writes that nobody has waited for.
type disk struct {
	durable map[string][]byte
	pending []op
	acked   []string // records, in the order of their acknowledgement
}

// moment is when an operation counts: a sync when it has ended, and everything
// else, to be strict, when it began.
func (o op) moment() int {
	if o.kind == opSync {
		return o.end
	}
	return o.begin
}

func byMoment(a, b op) int { return cmp.Compare(a.moment(), b.moment()) }

// apply lets an operation happen.
func (d *disk) apply(o op) {
	switch o.kind {
	case opAcknowledge:
		d.acked = append(d.acked, o.record)
	case opSync:
		d.pending = slices.DeleteFunc(d.pending, func(w op) bool {
			safe := w.file == o.file && w.end < o.begin
			if safe {
				w.change(d.durable, len(w.data))
			}
			return safe
		})
	default:
		d.pending = append(d.pending, o)
	}
}

// change carries out an operation on files; of a write only so many bytes.
func (o op) change(files map[string][]byte, bytes int) {
	switch o.kind {
	case opUnlink:
		delete(files, o.file)
	case opTruncate:
		files[o.file] = resized(files[o.file], int(o.offset))
	case opWrite:
		end := int(o.offset) + bytes
		content := resized(files[o.file], max(end, len(files[o.file])))
		copy(content[o.offset:end], o.data[:bytes])
		files[o.file] = content
	}
}

func resized(b []byte, n int) []byte {
	if n <= len(b) {
		return b[:n]
	}
	return append(b, make([]byte, n-len(b))...)
}

const sector = 512

// cut is what is found after the power went: of the writes nobody waited for
// any may be missing, or be there in part.
func (d *disk) cut(r *rand.Rand) map[string][]byte {
	files := maps.Clone(d.durable)
	for name := range files {
		files[name] = slices.Clone(files[name])
	}
	lost := []float64{0, 0.1, 0.5, 0.9, 1}[r.IntN(5)]
	for _, o := range d.pending {
		switch {
		case r.Float64() < lost:
		case o.kind == opWrite && r.IntN(8) == 0:
			o.change(files, min(len(o.data), sector*r.IntN(1+len(o.data)/sector)))
		default:
			o.change(files, len(o.data))
		}
	}
	return files
}

// image writes files into a folder and returns the path of the database.
func image(dir, path string, files map[string][]byte) (string, error) {
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(name)), content, 0o600); err != nil {
			return "", err
		}
	}
	return filepath.Join(dir, filepath.Base(path)), nil
}

// filesOf is what lies at a path and beside it under its name.
func filesOf(path string) (map[string][]byte, error) {
	names, err := filepath.Glob(path + "*")
	files := map[string][]byte{}
	for _, name := range names {
		if strings.HasSuffix(name, "-shm") || strings.HasSuffix(name, ".lock") {
			continue
		}
		if files[name], err = os.ReadFile(name); err != nil {
			return nil, err
		}
	}
	return files, err
}
