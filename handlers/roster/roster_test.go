package roster_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"balancelink/handlers/acts"
	"balancelink/handlers/roster"
	"balancelink/store"
	"balancelink/store/limits"
)

func unicodeText(text string, low, high int) []byte {
	var b []byte
	for _, u := range append([]uint16{0xFEFF}, utf16.Encode([]rune(text))...) {
		pair := [2]byte{}
		pair[low], pair[high] = byte(u), byte(u>>8)
		b = append(b, pair[:]...)
	}
	return b
}

func TestWhatSpreadsheetsWriteIsReadWhateverTheyWriteItIn(t *testing.T) {
	want := []store.Customer{
		{Reference: "L-1", Name: "Amina \"Mina\" Bello", Email: "amina@example.com", Phone: "+2348031001001"},
		{Reference: "L-2", Name: "Zoë, Adé & Söhne", Phone: "+447700900123"},
	}
	lines := func(sep, end string) string {
		quoted := `"Zoë, Adé & Söhne"`
		return strings.Join([]string{
			strings.Join([]string{"Reference", "Name", "E-mail", "Phone"}, sep),
			strings.Join([]string{"L-1", `"Amina ""Mina"" Bello"`, "amina@example.com", "0803 100 1001"}, sep),
			strings.Join([]string{"L-2", quoted, "", "+44 7700 900123"}, sep), "",
		}, end)
	}
	for name, content := range map[string][]byte{
		"UTF-8, commas":              []byte(lines(",", "\n")),
		"with a mark, as Excel does": []byte("\ufeff" + lines(",", "\r\n")),
		"semicolons":                 []byte("\ufeff" + lines(";", "\r\n")),
		"a line that names them":     []byte("sep=;\r\n" + lines(";", "\r\n")),
		"Unicode text of Excel":      unicodeText(lines("\t", "\r\n"), 0, 1),
		"the other way round":        unicodeText(lines("\t", "\r\n"), 1, 0),
		"no line end at the end":     []byte(strings.TrimSuffix(lines(",", "\r\n"), "\r\n")),
		"lines as the Macintosh had": []byte(lines(",", "\r")),
		"empty lines on top":         []byte("\r\n\n" + lines(";", "\r\n")),
		"semicolons without end":     []byte(";;;\r\n" + lines(";", "\r\n")),
		"other headings":             []byte("\ufeffRÉFÉRENCE;Nom;Adresse e-mail;Téléphone;Agence" + strings.TrimPrefix(lines(";", "\r\n"), "Reference;Name;E-mail;Phone")),
	} {
		f, err := roster.Read(content)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []store.Customer
		for _, r := range f.Rows {
			got = append(got, r.Customer)
			if r.Wrong != nil {
				t.Errorf("%s: row %d is wrong: %v", name, r.Number, r.Wrong)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestEachRowSaysWhatIsWrongWithItUnderTheNumberThatASpreadsheetShows(t *testing.T) {
	f, err := roster.Read([]byte(strings.Join([]string{
		"Name,Reference,Phone,E-mail,Branch", // 1
		"Good,L-1,,,Ikeja",                   // 2
		"\"Of two\nlines\",L-2,,,",           // 3
		"",                                   // 4
		",,,,",                               // 5
		"Bad phone,L-3,123,,",                // 6
		"Bad mail,L-4,,amina at example,",    // 7
		",L-5,,,",                            // 8
		"No reference,,,,",                   // 9
		"Twice,L-6,,,",                       // 10
		"Twice too,L-6,,,",                   // 11
		"Too wide,L-7,,,,more",               // 12
		"Too narrow,L-8",                     // 13
		"Mangled,L-9,2.34803E+12,,",          // 14
		"Zero lost,L-10,8031001001,,",        // 15
		"Unseen,L-\u200b12,,,",               // 16
		"Seen,L-12,,,",                       // 17
		"Ours,'-L-11,'+2348031001001,,",      // 18
	}, "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	got := map[int]string{}
	for _, r := range f.Rows {
		got[r.Number] = ""
		for field, fault := range r.Wrong {
			got[r.Number] += fmt.Sprintf("%s %s", field, fault)
		}
	}
	want := map[int]string{
		2: "", 3: "name " + string(acts.Unusable), 6: "phone not_a_phone_number", 7: "email not_an_email", 8: "name missing",
		9: "reference no_reference", 10: "reference twice", 11: "reference twice", 12: " too_many_fields", 13: "",
		14: "phone not_a_phone_number", 15: "", 16: "reference twice", 17: "reference twice", 18: "",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"Branch"}, f.Ignored); diff != "" {
		t.Error(diff)
	}
	last := f.Rows[len(f.Rows)-1].Customer
	if f.Rows[6].Twin != 11 || f.Rows[7].Twin != 10 {
		t.Errorf("the twins are %d and %d", f.Rows[6].Twin, f.Rows[7].Twin)
	}
	if last.Reference != "-L-11" || last.Phone != "+2348031001001" {
		t.Errorf("what our own files keep from being calculated is read as %+v", last)
	}
}

func TestAFileThatCannotBeReadSaysWhy(t *testing.T) {
	many := strings.Repeat("Amina,L-1\n", limits.ImportRows+1)
	for name, c := range map[string]struct {
		content string
		want    roster.Error
	}{
		"nothing":          {"", roster.Error{Problem: roster.Nothing}},
		"a header alone":   {"Name,Reference\r\n,\r\n", roster.Error{Problem: roster.Nothing}},
		"a workbook":       {"PK\x03\x04 and so on", roster.Error{Problem: roster.Workbook}},
		"an old workbook":  {"\xd0\xcf\x11\xe0\xa1\xb1", roster.Error{Problem: roster.Workbook}},
		"Windows-1252":     {"Name,Reference\nZo\xeb,L-1\n", roster.Error{Problem: roster.NotText}},
		"a picture":        {"\x89PNG\r\n\x1a\n\x00\x00", roster.Error{Problem: roster.NotText}},
		"no references":    {"Name,Phone\nAmina,\n", roster.Error{Problem: roster.NoHeader}},
		"no header":        {"Amina,L-1\nBola,L-2\n", roster.Error{Problem: roster.NoHeader}},
		"a column twice":   {"Name,Reference,Nom\nAmina,L-1,A\n", roster.Error{Problem: roster.HeaderTwice, Heading: "Nom"}},
		"an open quote":    {"Name,Reference\nAmina,L-1\n\"Bola,L-2\n", roster.Error{Problem: roster.Quotes, Line: 3}},
		"too many":         {"Name,Reference\n" + many, roster.Error{Problem: roster.TooMany}},
		"a bare quotation": {"sep=,\nName,Reference\nAm\"ina,L-1\n", roster.Error{Problem: roster.Quotes, Line: 3}},
	} {
		_, err := roster.Read([]byte(c.content))
		var got *roster.Error
		if !errors.As(err, &got) || *got != c.want {
			t.Errorf("%s: %+v, want %+v", name, err, c.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("Name,Reference\nAmina,L-1\n"))
	f.Add(unicodeText("Name\tReference\r\nAmina\tL-1\r\n", 0, 1))
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := roster.Read(content)
		for _, r := range file.Rows {
			if err == nil && r.Wrong == nil && (r.Customer.Reference == "" || r.Customer.Name == "") {
				t.Errorf("row %d is taken without a reference or a name", r.Number)
			}
		}
	})
}

func TestAColumnMaySayWhetherCustomersAreBusinesses(t *testing.T) {
	f, err := roster.Read([]byte("Reference;Name;Person or business\nL-1;A;Company\nL-2;B;person\nL-3;C;\nL-4;D;ENTREPRISE\nL-5;E;robot\n"))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []store.Kind{store.Business, store.Person, "", store.Business} {
		if row := f.Rows[i]; row.Customer.Kind != want || row.Wrong != nil {
			t.Errorf("row %d is %q, %v; want %q", row.Number, row.Customer.Kind, row.Wrong, want)
		}
	}
	if wrong := f.Rows[4].Wrong[roster.Kind]; wrong != acts.NotAKind {
		t.Errorf("what is no kind is %q", wrong)
	}
}
