package store

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"

	"balancelink/store/limits"
	"balancelink/store/progress"
)

// Extract is what was read of the database at one moment, to be read in turn by
// somebody else at their own pace: it holds no connection. What is large waits
// in a file without a name, under a key that is nowhere but in this process.
type Extract struct {
	folder string
	size   int64
	memory bytes.Buffer
	file   *os.File     // nil: it fits into memory
	block  cipher.Block // of the file
	out    io.Writer    // into the file
}

func newExtract(folder string) *Extract { return &Extract{folder: folder} }

// Size is how many bytes there are.
func (e *Extract) Size() int64 { return e.size }

// write is what makes the extract.
func (e *Extract) write(p []byte) (int, error) {
	if e.file == nil && e.memory.Len()+len(p) > limits.ExtractInMemory {
		if err := e.openFile(); err != nil {
			return 0, err
		}
	}
	var out io.Writer = &e.memory
	if e.file != nil {
		out = e.out
	}
	n, err := out.Write(p)
	e.size += int64(n)
	return n, err
}

// openFile makes the file, for its owner alone, and takes its name away: when
// the process ends, however it does, nothing is left.
func (e *Extract) openFile() (err error) {
	if e.file, err = os.CreateTemp(e.folder, ".extract-"); err != nil {
		return err
	}
	if err := os.Remove(e.file.Name()); err != nil {
		return err
	}
	key := make([]byte, KeySize)
	rand.Read(key) // never fails
	if e.block, err = aes.NewCipher(key); err != nil {
		return err
	}
	e.out = cipher.StreamWriter{S: e.stream(), W: e.file}
	return nil
}

// stream is the key stream from the file's beginning: a key seals one file, once.
func (e *Extract) stream() cipher.Stream { return cipher.NewCTR(e.block, make([]byte, aes.BlockSize)) }

// WriteTo implements [io.WriterTo]: it hands the whole extract out.
func (e *Extract) WriteTo(w io.Writer) (int64, error) {
	n, err := e.memory.WriteTo(w)
	if err != nil || e.file == nil {
		return n, err
	}
	if _, err := e.file.Seek(0, io.SeekStart); err != nil {
		return n, err
	}
	m, err := io.CopyBuffer(
		struct{ io.Writer }{w}, cipher.StreamReader{S: e.stream(), R: e.file}, make([]byte, limits.DownloadPiece),
	)
	return n + m, err
}

// Close lets go of the file.
func (e *Extract) Close() error {
	if e.file == nil {
		return nil
	}
	return e.file.Close()
}

// extract makes an [Extract] of what f writes, all of it as of one moment.
func (s *Store) extract(ctx context.Context, f func(querier, io.Writer) error) (*Extract, error) {
	select {
	case s.extracts <- struct{}{}:
		defer func() { <-s.extracts }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	w := s.board.Begin(progress.Exporting, 1)
	defer w.End()
	e := newExtract(s.folder())
	err := s.inSnapshotFor(ctx, 0, func(q querier) error {
		w.Step("", progress.Bytes, 0)
		return f(q, writing(func(p []byte) (int, error) {
			w.Add(int64(len(p)))
			return e.write(p)
		}))
	})
	if err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

// folder is where extracts are; empty: where any temporary file is.
func (s *Store) folder() string {
	if s.path == "" {
		return ""
	}
	return filepath.Dir(s.path)
}

// writing is a function as an [io.Writer].
type writing func(p []byte) (int, error)

func (w writing) Write(p []byte) (int, error) { return w(p) }
