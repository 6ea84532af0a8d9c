package locale

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	templparser "github.com/a-h/templ/parser/v2"
)

// saidTexts are all texts that the source says, each with a place where.
func saidTexts(t *testing.T) map[string]string {
	t.Helper()
	said := map[string]string{}
	note := func(f source, e ast.Expr) {
		if text, ok := literal(e); ok {
			said[text] = f.at(e)
		} else {
			t.Errorf("%s: the key of a text is a literal, so that it can be found", f.at(e))
		}
	}
	for _, f := range sources(t) {
		ast.Inspect(f.file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				return !slices.Contains([]string{"say", "Say", "said"}, n.Name.Name)
			case *ast.CallExpr:
				if key, parts := saying(n); key != nil {
					note(f, key)
					if text, ok := literal(key); ok && len(anyVerb.FindAllString(text, -1)) != parts {
						t.Errorf("%s: %q is said with %d parts", f.at(n), text, parts)
					}
				}
			case *ast.CompositeLit:
				if isKeys(n.Type) {
					for _, e := range n.Elts {
						if pair, ok := e.(*ast.KeyValueExpr); ok {
							e = pair.Value
						}
						note(f, e)
					}
				}
			}
			return true
		})
	}
	return said
}

// saying is the key of a call that says a text, with the number of its parts.
func saying(call *ast.CallExpr) (key ast.Expr, parts int) {
	name := ""
	switch f := call.Fun.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = f.Sel.Name
	}
	switch {
	case (name == "say" || name == "Say") && len(call.Args) > 1:
		return call.Args[1], len(call.Args) - 2
	case name == "said" && len(call.Args) > 0:
		return call.Args[0], len(call.Args) - 1
	}
	return nil, 0
}

// isKeys tells the type of a table of texts: []Key, or a map to Key.
func isKeys(e ast.Expr) bool {
	switch table := e.(type) {
	case *ast.ArrayType:
		e = table.Elt
	case *ast.MapType:
		e = table.Value
	default:
		return false
	}
	if from, ok := e.(*ast.SelectorExpr); ok {
		e = from.Sel
	}
	name, ok := e.(*ast.Ident)
	return ok && name.Name == "Key"
}

func literal(e ast.Node) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

// source is a Go file of views or handlers.
type source struct {
	path string
	set  *token.FileSet
	file *ast.File
}

func (s source) at(n ast.Node) string {
	return filepath.Join("views/locale", s.path) + ":" + strconv.Itoa(s.set.Position(n.Pos()).Line)
}

func sources(t *testing.T) (all []source) {
	t.Helper()
	for _, pattern := range []string{"*.go", "../*.go", "../samples/*.go", "../../handlers/*.go", "../../handlers/web/*.go", "../../handlers/signin/*.go", "../../handlers/hook/*.go"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, source{path, set, file})
		}
	}
	return all
}

// wordy tells texts for people from names for machines.
var wordy = regexp.MustCompile(`^[A-Z][a-z]+$|^[A-Z][a-z]+[ ,.:…]|[a-z,;:] [a-z]|[a-z]\.$`)

// sentence tells what even a constant may not hold: a text is said where it is written.
var sentence = regexp.MustCompile(`^[A-Z][a-z']+,? .*[a-z.]`)

// notForPeople are calls whose texts nobody reads on a page.
var notForPeople = regexp.MustCompile(`^(panic|errors\.New|fmt\.(Errorf|Sscanf)|regexp\.MustCompile|web\.WriteCSV|hkdf\.Key|strings\.(Contains|CutPrefix)|.*\.(Error|Info|Warn|Format|written|Header|Set|Add|Get|GetHeader|Values|Query|String|Data))$`)

// notSaid are the functions and tables whose words are not of the catalogue,
// each with its reason.
var notSaid = map[string]string{
	"consentTexts":   "each language is a version of its own",
	"monoTexts":      "likewise",
	"explained":      "likewise",
	"explainedFR":    "likewise",
	"timeSteps":      "layouts of Go's",
	"browserWords":   "is kept with a session; browserSaid says it",
	"browserNames":   "names",
	"systemNames":    "names",
	"historyCSV":     "machines read it",
	"customersCSV":   "machines read it",
	"importLinks":    "machines read it",
	"auditExport":    "machines read it",
	"auditCheckNow":  "is kept in the audit log, whose details are for operators",
	"Version":        "operators quote it",
	"testCurls":      "command lines",
	"csp":            "browsers read it",
	"RecordFailures": "is kept in the audit log, whose details are for operators",
	"Error":          "operators read it",
	"browserSaid":    "looks for what browserWords kept",
}

// TestNoGoTextIsPastTheCatalogue looks for words in the Go source that are not said.
func TestNoGoTextIsPastTheCatalogue(t *testing.T) {
	for _, f := range sources(t) {
		if strings.HasSuffix(f.path, "_templ.go") {
			continue // see the test of *.templ
		}
		if strings.HasPrefix(f.path, "../samples/") {
			continue // made-up data; what handlers say of it is said there
		}
		for _, n := range f.file.Decls {
			if notSaid[declared(n)] == "" {
				findWords(n, func(e ast.Node, text string) {
					if declared(n) == "a constant" && !sentence.MatchString(text) {
						return // it names something within the program
					}
					t.Errorf("%s: %q is not in the catalogue: write say(ctx, …), or web.Say(c, …) in handlers", f.at(e), text)
				})
			}
		}
	}
}

func declared(d ast.Decl) string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return d.Name.Name
	case *ast.GenDecl:
		if d.Tok == token.CONST {
			return "a constant"
		}
		if v, ok := d.Specs[0].(*ast.ValueSpec); ok {
			return v.Names[0].Name
		}
	}
	return ""
}

// findWords finds the texts for people in a piece of source which are not said.
func findWords(n ast.Node, found func(ast.Node, string)) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec, *ast.StructType:
			return false
		case *ast.CompositeLit:
			return !isKeys(n.Type)
		case *ast.CaseClause:
			for _, s := range n.Body {
				findWords(s, found)
			}
			return false
		case *ast.BinaryExpr:
			return n.Op != token.EQL && n.Op != token.NEQ
		case *ast.CallExpr:
			if key, _ := saying(n); key != nil {
				for _, part := range n.Args {
					if part != key {
						findWords(part, found)
					}
				}
				return false
			}
			return !notForPeople.MatchString(callee(n))
		case *ast.BasicLit:
			if text, ok := literal(n); ok && wordy.MatchString(text) {
				found(n, text)
			}
		}
		return true
	})
}

func callee(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		if x, ok := f.X.(*ast.Ident); ok {
			return x.Name + "." + f.Sel.Name
		}
		return "." + f.Sel.Name
	}
	return ""
}

// read are the attributes whose values people see or hear.
var read = []string{"alt", "aria-label", "aria-description", "aria-roledescription", "data-copied", "data-label", "label", "placeholder", "summary", "title"}

// TestNoTextOfAPageIsPastTheCatalogue looks for words in the components that
// are not said: between tags, in attributes that people read or hear, and in
// what is handed to other components.
func TestNoTextOfAPageIsPastTheCatalogue(t *testing.T) {
	paths, err := filepath.Glob("../*.templ")
	if err != nil || len(paths) == 0 {
		t.Fatal(err)
	}
	for _, path := range paths {
		file, err := templparser.Parse(path)
		if err != nil {
			t.Fatal(err)
		}
		c := components{t, path}
		for _, n := range file.Nodes {
			switch n := n.(type) {
			case *templparser.HTMLTemplate:
				c.nodes(n.Children)
			}
		}
	}
}

// components is one file of components under inspection.
type components struct {
	t    *testing.T
	path string
}

func (c components) wrong(r templparser.Range, text string) {
	c.t.Errorf("views/%s:%d: %q is not in the catalogue: write { say(ctx, %q) }", filepath.Base(c.path), r.From.Line+1, text, text)
}

func (c components) text(r templparser.Range, text string) {
	if text = strings.TrimSpace(text); strings.ContainsFunc(text, unicode.IsLetter) {
		c.wrong(r, text)
	}
}

// expression looks at Go code within a component.
func (c components) expression(e templparser.Expression) {
	parsed, err := parser.ParseExpr(strings.TrimSpace(e.Value))
	if err != nil {
		return // a statement, such as the head of an if: it shows nothing
	}
	findWords(parsed, func(_ ast.Node, text string) { c.wrong(e.Range, text) })
}

func (c components) nodes(all []templparser.Node) {
	for _, n := range all {
		switch n := n.(type) {
		case *templparser.Text:
			c.text(n.Range, n.Value)
		case *templparser.StringExpression:
			c.expression(n.Expression)
		case *templparser.TemplElementExpression:
			c.expression(n.Expression)
		case *templparser.Element:
			c.attributes(n.Attributes)
		}
		if parent, ok := n.(templparser.CompositeNode); ok {
			c.nodes(parent.ChildNodes())
		}
	}
}

func (c components) attributes(all []templparser.Attribute) {
	for _, a := range all {
		switch a := a.(type) {
		case *templparser.ConstantAttribute:
			if slices.Contains(read, a.Key.String()) {
				key, _ := a.Key.(templparser.ConstantAttributeKey)
				c.text(key.NameRange, a.Value)
			}
		case *templparser.ExpressionAttribute:
			if slices.Contains(read, a.Key.String()) {
				c.expression(a.Expression)
			}
		case *templparser.ConditionalAttribute:
			c.attributes(a.Then)
			c.attributes(a.Else)
		}
	}
}

// keepers are the files that write sentences into the database for pages to show.
var keepers = []string{
	"../../okra/confirm.go", "../../okra/receive.go", "../../okra/widget.go", "../../handlers/worker/inbox.go", "../../handlers/worker/decide.go", "../../handlers/worker/links.go",
	"../../handlers/worker/again.go", "../../handlers/worker/names.go", "../../handlers/worker/proofs.go", "../../store/audit_verify.go", "../../store/link.go", "../../store/link_again.go", "../../store/undo.go",
}

func TestWhatTheProgramKeepsInEnglishIsInTheCatalogue(t *testing.T) {
	kept := map[Key]bool{}
	for _, path := range keepers {
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		f := source{path, set, file}
		findWords(file, func(e ast.Node, text string) {
			if !sentence.MatchString(text) || !strings.HasSuffix(text, ".") || strings.Contains(text, "%") {
				return
			}
			if kept[Key(text)] = true; !slices.Contains(storedSentences, Key(text)) {
				t.Errorf("%s keeps %q: add it to storedSentences in views/locale/stored.go, or word it with parts", f.at(e), text)
			}
		})
	}
	for _, s := range storedSentences {
		if !kept[s] {
			t.Errorf("views/locale/stored.go has %q, which nothing keeps", s)
		}
	}
}

// staffsFiles are the files of handlers of which customers meet nothing, and staffsActs such
// functions in others.
var (
	staffsFiles = words(`account_funds account_same account_threshold audit balances_csv customer customer_edit
		customer_erase customer_funds customer_list deliveries endpoints gallery import import_links inbox keys link_ask
		link_review overview reference refreshes seen staff status status_backup status_mail today undo upstream
		confirm profile secondfactor useragent welcome roles shownonce`)
	staffsActs = words(`RemoveCustomerPassword RequireStaff wrongLogin alert`)

	// staffsTexts are said to both and meant for staff.
	staffsTexts = []string{
		"Go to the overview", "This search takes too long",
		"Type more of the name, or the whole reference or telephone number.",
		"The consent is withdrawn. No bank of this customer is asked any more.",
	}
)

func words(list string) map[string]bool {
	all := map[string]bool{}
	for word := range strings.FieldsSeq(list) {
		all[word] = true
	}
	return all
}

func TestWhatHandlersSayToCustomersIsInEachUncheckedLanguage(t *testing.T) {
	said := 0
	for _, f := range sources(t) {
		file := strings.TrimSuffix(filepath.Base(f.path), ".go")
		if !strings.Contains(f.path, "handlers/") || staffsFiles[file] {
			continue
		}
		for _, d := range f.file.Decls {
			act, ok := d.(*ast.FuncDecl)
			if !ok || staffsActs[act.Name.Name] {
				continue
			}
			ast.Inspect(act, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				key, _ := saying(call)
				if text, ok := literal(key); ok && !slices.Contains(staffsTexts, text) {
					said++
					for _, code := range Unchecked() {
						Say(Missing(In(t.Context(), code), func(string) {
							t.Errorf("%s: views/locale/unchecked/%s.json lacks %q", f.at(call), code, text)
						}), text, anything(text)...)
					}
				}
				return true
			})
		}
	}
	if said < 50 {
		t.Errorf("only %d texts were found", said)
	}
}

// anything are parts for the verbs of a text.
func anything(text string) (parts []any) {
	for _, verb := range anyVerb.FindAllString(text, -1) {
		if strings.HasSuffix(verb, "d") {
			parts = append(parts, 2)
		} else {
			parts = append(parts, "it")
		}
	}
	return parts
}
