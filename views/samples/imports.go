package samples

import (
	"context"

	"github.com/a-h/templ"

	board "balancelink/store/progress"
	"balancelink/views"
)

// importGallery are the states of a file of customers.
func importGallery(ctx context.Context) map[string]templ.Component {
	read := views.ImportFile{
		Clock: sampleClock, Name: "customers-november.csv", State: "read", URL: "/customers/import", Added: 9412, Changed: 52,
		Unchanged: 534, Wrong: 2, Known: 586, AskCode: true, Ignored: []string{"Branch", "Date of birth"},
		WrongRows: []views.ImportRow{
			{Number: 17, Name: "Bola Ade", Reference: "L-2041", Words: []string{say(ctx, "Phone") + ": " + say(ctx, "Enter one whole telephone number such as 0803\u00a0100\u00a01001 or +44\u00a07700\u00a0900123, or leave this empty.")}},
			{Number: 103, Reference: "L-2099", Words: []string{say(ctx, "Name") + ": " + say(ctx, "Enter the customer's name."), say(ctx, "Row %s has the same reference: only one of them can be right.", "9871")}},
		},
		Changes: []views.ImportRow{
			{Name: "Adaeze Okonkwo", Reference: "L-1007", Fields: []string{"phone", "e-mail"}, URL: "/customers/1"},
			{Name: "Chidi Eze", Reference: "L-1008", Fields: []string{"name"}, URL: "/customers/3"},
		},
	}
	running, moved, done, known := read, read, read, read
	running.State, running.Work = "running", &views.LongWork{State: board.State{
		ID: 4, Name: board.Importing, Number: 1, Steps: 1, Unit: board.Customers, Done: 6120, Of: 9998,
	}}
	moved.State = "moved"
	done.State, done.Ignored = "done", nil
	known.Added, known.Changed, known.Unchanged, known.Wrong = 0, 0, 534, 0
	known.WrongRows, known.Changes, known.Ignored = nil, nil, nil
	page := func(f *views.ImportFile, problem string) templ.Component {
		return views.ImportView(views.Import{
			Frame: staffFrame(say(ctx, "Customers from a file"), "customers"), Problem: problem, Most: 20_000, MostMB: 4, File: f,
		})
	}
	return map[string]templ.Component{
		"import/form":    page(nil, ""),
		"import/wrong":   page(nil, say(ctx, "This is a workbook. In your spreadsheet, save it as “CSV UTF-8” and send that file.")),
		"import/read":    page(&read, ""),
		"import/moved":   page(&moved, ""),
		"import/running": page(&running, ""),
		"import/done":    page(&done, ""),
		"import/known":   page(&known, ""),
	}
}
