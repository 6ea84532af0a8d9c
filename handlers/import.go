package handlers

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/acts"
	"balancelink/handlers/roster"
	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/store/limits"
	"balancelink/views"
)

const importURL = "/customers/import"

// importPage handles GET /customers/import: the form, or the file of whoever asks. Who
// follows how it is taken in gets that alone.
func (s *Server) importPage(c *gin.Context) error {
	i, ok, err := s.heldFile(c.Request.Context(), web.MustStaff(c).ID)
	if err != nil {
		return err
	}
	if !ok {
		return s.renderImport(c, http.StatusOK, nil, "")
	}
	s.noteList(c, "customers")
	file, err := s.importFile(c, i)
	if err != nil {
		return err
	}
	if web.IsHTMX(c) {
		return web.Render(c, http.StatusOK, views.ImportFragment(file))
	}
	return s.renderImport(c, http.StatusOK, &file, "")
}

// renderImport shows a file, or the form and why the last file cannot be one.
func (s *Server) renderImport(c *gin.Context, code int, file *views.ImportFile, problem string) error {
	page := views.Import{
		Frame: s.Frame(c, web.Say(c, "Customers from a file"), "customers"), File: file, Problem: problem,
		Most: limits.ImportRows, MostMB: limits.Import >> 20,
	}
	return web.Render(c, code, views.ImportView(page))
}

// patiently gives a file the time that it may take on its way.
func (s *Server) patiently(c *gin.Context) {
	// A reader that knows no deadline has none to put off.
	_ = http.NewResponseController(c.Writer).SetReadDeadline(time.Now().Add(limits.ImportTime))
}

// readImport handles POST /customers/import: it reads a file and holds it until somebody
// says that it is right.
func (s *Server) readImport(c *gin.Context) error {
	var files []*multipart.FileHeader
	if form := c.Request.MultipartForm; form != nil {
		files = form.File["file"]
	}
	if len(files) == 0 || files[0].Filename == "" {
		return s.renderImport(c, http.StatusUnprocessableEntity, nil, web.Say(c, "Choose a file first."))
	}
	content, err := contentOf(files[0])
	if err != nil {
		return err
	}
	read, err := roster.Read(content)
	var wrong *roster.Error
	if errors.As(err, &wrong) {
		return s.renderImport(c, http.StatusUnprocessableEntity, nil, problemWords(c, wrong))
	}
	if err != nil {
		return err
	}
	planned, err := s.plan(c.Request.Context(), web.Clip(textOf(files[0].Filename), 100), read)
	if err != nil {
		return err
	}
	kept, err := planned.content()
	if err != nil {
		return err
	}
	held, err := s.Store.HoldFile(c.Request.Context(), web.MustStaff(c).ID, kept)
	if err != nil {
		return err
	}
	if !held {
		return &web.Error{
			Status: http.StatusConflict, Heading: web.Say(c, "One file at a time"), NextURL: importURL,
			NextLabel: web.Say(c, "See how far it is"),
			Sentence:  web.Say(c, "Your last file is still being taken in. Send this one once that is over."),
		}
	}
	return web.SeeOther(c, importURL)
}

func contentOf(f *multipart.FileHeader) ([]byte, error) {
	in, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return io.ReadAll(in)
}

// textOf is a name that somebody's browser sent, if it is a text at all.
func textOf(name string) string {
	if acts.CheckText(name, acts.LongestText) != "" {
		return "customers.csv"
	}
	return name
}

// problemWords says why a file cannot be read.
func problemWords(c *gin.Context, e *roster.Error) string {
	switch e.Problem {
	case roster.Nothing:
		return web.Say(c, "There is no customer in this file.")
	case roster.Workbook:
		return web.Say(c, "This is a workbook. In your spreadsheet, save it as “CSV UTF-8” and send that file.")
	case roster.NoHeader:
		return web.Say(
			c, "The first row has to name the columns, and “Reference” and “Name” have to be among them.",
		)
	case roster.HeaderTwice:
		return web.Say(c, "The column “%s” is there twice, or under two names. Leave one of them.", e.Heading)
	case roster.Quotes:
		return web.Say(c, "In line %s a quotation mark is where none can be. Correct it, or save the file anew.", strconv.Itoa(e.Line))
	case roster.TooMany:
		return web.Say(c, "There are more than %s customers in this file. Send them in several files.", strconv.Itoa(limits.ImportRows))
	}
	return web.Say(
		c, "The letters of this file cannot be read. In your spreadsheet, save it as “CSV UTF-8” and send that file.",
	)
}

// takeImport handles POST /customers/import/take.
func (s *Server) takeImport(c *gin.Context) error {
	ended, err := s.takeIn(c.Request.Context(), web.MustStaff(c).ID)
	if err != nil {
		return err
	}
	if ended != nil {
		s.awaitSoon(c, ended)
	}
	return web.SeeOther(c, importURL)
}

// dropImport handles POST /customers/import/drop.
func (s *Server) dropImport(c *gin.Context) error {
	if err := s.Store.DropFile(c.Request.Context(), web.MustStaff(c).ID); err != nil {
		return err
	}
	return s.Done(c, importURL, web.Say(c, "The file is forgotten. Nothing was changed."))
}

// How many rows the page of a file names one by one.
const (
	wrongShown   = 200
	changesShown = 50
)

func (s *Server) importFile(c *gin.Context, i importing) (f views.ImportFile, err error) {
	f = views.ImportFile{
		Clock: s.Clock(), Name: i.Name, State: string(i.state), Ignored: i.Ignored, Wrong: len(i.Wrong),
		URL: importURL, AskCode: !s.Settings.Simulated(), Known: len(i.customers()),
		Added: i.Done.Added, Changed: i.Done.Changed, Unchanged: i.Done.Unchanged,
	}
	if i.state == store.FileRunning {
		if f.Work, err = s.importWork(c.Request.Context(), web.MustStaff(c).ID); err != nil {
			return f, err
		}
	}
	for _, r := range i.Wrong[:min(len(i.Wrong), wrongShown)] {
		f.WrongRows = append(f.WrongRows, views.ImportRow{
			Number: r.Number, Name: r.Customer.Name, Reference: r.Customer.Reference, Words: wrongWords(c, r),
		})
	}
	for _, e := range i.filled() {
		fields := e.Changed()
		switch {
		case e.New():
			f.Added++
		case len(fields) == 0:
			f.Unchanged++
		default:
			if f.Changed++; f.Changed <= changesShown {
				f.Changes = append(f.Changes, views.ImportRow{
					Name: e.Was.Name, Reference: e.Was.Reference, Fields: fields, URL: "/customers/" + e.Was.ID,
				})
			}
		}
	}
	return f, nil
}

// wrongWords says what is wrong with a row, field by field.
func wrongWords(c *gin.Context, r roster.Row) (words []string) {
	labels := []struct {
		field roster.Field
		label string
	}{
		{roster.Whole, ""}, {roster.Reference, web.Say(c, "Your reference")}, {roster.Name, web.Say(c, "Name")},
		{roster.Email, web.Say(c, "E-mail")}, {roster.Phone, web.Say(c, "Phone")},
		{roster.Language, web.Say(c, "Language")}, {roster.Kind, web.Say(c, "Person or business")},
	}
	for _, l := range labels {
		fault := r.Wrong[l.field]
		switch {
		case fault == "":
		case fault == roster.TooWide:
			words = append(words, web.Say(c, "There are more fields than the first row names."))
		case fault == roster.Twice:
			words = append(words, web.Say(
				c, "Row %s has the same reference: only one of them can be right.", strconv.Itoa(r.Twin),
			))
		case fault == roster.ReadFirst:
			words = append(words, web.Say(
				c, "Your reference is missing: without it the customer would be added anew each time.",
			))
		case fault == acts.NotAKind:
			words = append(words, web.Say(c, "The kind has to be “person” or “business”, or empty."))
		case fault == acts.NotLanguage:
			words = append(words, web.Say(c, "The language has to be “en” or “fr”, or empty."))
		default:
			words = append(words, l.label+": "+faultWords(c, fault, acts.LongestText))
		}
	}
	return words
}
