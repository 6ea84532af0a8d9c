package store_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"balancelink/store"
	"balancelink/store/limits"
	"balancelink/store/storetest"
)

func TestALargeExtractWaitsInAFileThatTellsNobodyAnything(t *testing.T) {
	storetest.Long(t)
	t.Parallel()
	folder := t.TempDir()
	for _, size := range []int{0, 1, limits.ExtractInMemory, limits.ExtractInMemory + 1, 3*limits.ExtractInMemory + 7} {
		e := store.NewExtract(folder)
		want := bytes.Repeat([]byte("Amina "), size/6+1)[:size]
		for piece := range bytes.SplitSeq(want, []byte("na ")) { // of any sizes
			must(e.Fill(append(piece, "na "...)))
		}
		want = append(want, "na "...)
		if n := e.InMemory(); n > limits.ExtractInMemory {
			t.Errorf("of %d bytes %d are in memory", size, n)
		}
		if left := must(os.ReadDir(folder)); len(left) > 0 {
			t.Errorf("of %d bytes the folder has %s", size, left[0].Name())
		}
		if f := e.File(); f != nil {
			if mode := must(f.Stat()).Mode(); mode.Perm() != 0o600 {
				t.Errorf("the file has the mode %v", mode)
			}
			if raw := must(io.ReadAll(io.NewSectionReader(f, 0, 1<<30))); len(raw) == 0 || bytes.Contains(raw, []byte("Amina")) {
				t.Errorf("the file has %d bytes, in clear", len(raw))
			}
		} else if size > limits.ExtractInMemory {
			t.Errorf("%d bytes have no file", size)
		}
		var got bytes.Buffer
		must(e.WriteTo(&got))
		if !bytes.Equal(got.Bytes(), want) || e.Size() != int64(len(want)) {
			t.Errorf("%d bytes came back as %d, said to be %d", len(want), got.Len(), e.Size())
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}
}

// Whoever calls the store gets values. What took a writer, a channel or a
// function, or gave rows to go through, could be held up by a client while it
// holds a connection.
func TestTheStoreHandsNobodyAConnectionToHold(t *testing.T) {
	t.Parallel()
	allowed := map[string]bool{"ReceiveEvent": true} // its judge is quick: it has nobody to wait for
	methods := 0
	for _, file := range must(filepath.Glob("*.go")) {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed := must(parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution))
		for _, d := range parsed.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil || !f.Name.IsExported() || typeText(f.Recv.List[0].Type) != "*Store" {
				continue
			}
			methods++
			for _, of := range []*ast.FieldList{f.Type.Params, f.Type.Results} {
				if of == nil || allowed[f.Name.Name] {
					continue
				}
				for _, field := range of.List {
					if holds(field.Type) {
						t.Errorf("%s: %s has %s: make it values, or an Extract", file, f.Name.Name, typeText(field.Type))
					}
				}
			}
		}
	}
	if methods < 50 {
		t.Errorf("only %d methods were looked at", methods)
	}
}

func typeText(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return "*" + typeText(e.X)
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return typeText(e.X) + "." + e.Sel.Name
	case *ast.IndexExpr:
		return typeText(e.X)
	case *ast.IndexListExpr:
		return typeText(e.X)
	case *ast.FuncType:
		return "func"
	case *ast.ChanType:
		return "chan"
	}
	return ""
}

// holds says whether a value of that type can make who has it wait.
func holds(e ast.Expr) bool {
	text := typeText(e)
	return text == "func" || text == "chan" || text == "Decide" || strings.HasPrefix(text, "iter.") || strings.HasPrefix(text, "io.") ||
		strings.HasPrefix(strings.TrimPrefix(text, "*"), "sql.") || strings.HasPrefix(strings.TrimPrefix(text, "*"), "bufio.")
}
