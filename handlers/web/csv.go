package web

import (
	"iter"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/sheet"
)

// WriteCSV answers with a CSV file of that name: see [sheet.Write]. Rows are sent as they
// come, so that a file may be larger than memory; an error among them is returned
// while nothing is sent yet, and afterwards breaks the download off: half a
// file never looks like a whole one.
func WriteCSV(c *gin.Context, name string, header []string, rows iter.Seq2[[]any, error]) error {
	c.Header("Content-Type", sheet.MediaType)
	if err := sheet.Write(Attachment(c, name), header, rows); err != nil {
		return BrokenOff(c, err)
	}
	return nil
}
