package web

import (
	"bufio"
	"encoding/csv"
	"errors"
	"iter"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/google/go-cmp/cmp"

	"balancelink/handlers/sheet"
)

// download serves rows as a CSV file and fetches it.
func download(t *testing.T, rows iter.Seq2[[]any, error]) (*http.Response, [][]string, error) {
	t.Helper()
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.GET("/", func(c *gin.Context) {
		if err := WriteCSV(c, "people.csv", []string{"Name", "Amount"}, rows); err != nil {
			c.String(http.StatusInternalServerError, "no file")
		}
	})
	srv := httptest.NewServer(e)
	t.Cleanup(srv.Close)
	resp, err := http.Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body := bufio.NewReader(resp.Body)
	if first, _, err := body.ReadRune(); err == nil && resp.StatusCode == http.StatusOK && first != '\ufeff' {
		t.Errorf("the file begins with %q, want the mark by which spreadsheets know UTF-8", first)
	}
	all, err := csv.NewReader(body).ReadAll()
	return resp, all, err
}

func rowsOf(rows ...[]any) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

func TestNoCellOfACSVFileIsAFormula(t *testing.T) {
	names := []string{"＝1+1", `=HYPERLINK("http://x","y")`, "+1", "-1", "@x", "\tx", "\rx", "plain", `with "quotes", and commas`, "two\nlines", "\u202eabc", ""}
	var rows [][]any
	want := [][]string{{"Name", "Amount"}}
	for i, name := range names {
		rows = append(rows, []any{name, sheet.Number("-12.50")})
		if i < 7 {
			name = "'" + strings.ReplaceAll(name, "\r", "") // the writer keeps no lone CR
		}
		want = append(want, []string{name, "-12.50"})
	}
	resp, got, err := download(t, rowsOf(rows...))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got, want := resp.Header.Get("Content-Disposition"), `attachment; filename="people.csv"`; got != want {
		t.Errorf("Content-Disposition = %q, want %q", got, want)
	}
	if got := resp.Header.Get("Content-Type"); !strings.HasPrefix(got, "text/csv; charset=utf-8") {
		t.Errorf("Content-Type = %q", got)
	}
}

// Where lists are written with semicolons a spreadsheet begins a cell behind each.
func TestNoPartOfACellIsAFormulaWhereCellsArePartedBySemicolons(t *testing.T) {
	for name, want := range map[string]string{
		"Amina;=1+1": "Amina;'=1+1", "Amina; \"@x": "Amina; \"'@x", "Amina\t＋1": "Amina\t'＋1", "Ade-Ojo; Bola": "Ade-Ojo; Bola", "a;b=c": "a;b=c",
	} {
		_, got, err := download(t, rowsOf([]any{name, sheet.Number("1")}))
		if err != nil || got[1][0] != want {
			t.Errorf("%q is written as %q, %v, want %q", name, got[1][0], err, want)
		}
		if read := sheet.Typed(want); read != name {
			t.Errorf("%q is read as %q, want %q", want, read, name)
		}
	}
}

// failAfter gives so many rows and then an error.
func failAfter(n int) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for range n {
			if !yield([]any{"a name of some length", sheet.Number("1")}, nil) {
				return
			}
		}
		yield(nil, errors.New("the database is gone"))
	}
}

func TestACSVFileThatCannotBeFinishedIsNoFile(t *testing.T) {
	resp, _, _ := download(t, failAfter(3))
	if resp.StatusCode != http.StatusInternalServerError || resp.Header.Get("Content-Disposition") != "" {
		t.Errorf("before anything was sent: status %d, %v", resp.StatusCode, resp.Header)
	}
	resp, _, err := download(t, failAfter(100_000))
	if resp.StatusCode != http.StatusOK || err == nil {
		t.Errorf("in the middle: status %d, error %v; want a download that breaks off", resp.StatusCode, err)
	}
}
