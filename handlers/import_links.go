package handlers

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/acts"
	"balancelink/handlers/sheet"
	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/store/phone"
	"balancelink/store/progress"
	"balancelink/views/locale"
)

// linksAtOnce is how many personal links are made in one transaction.
const linksAtOnce = 100

// importLinks handles POST /customers/import/links: personal links for all whom a file
// was about, as one file. It is written down first; the links are made as they are sent.
func (s *Server) importLinks(c *gin.Context) error {
	i, ok, err := s.heldFile(c.Request.Context(), web.MustStaff(c).ID)
	if err != nil {
		return err
	}
	ids := i.customers()
	if !ok || len(ids) == 0 {
		return s.Done(c, importURL, web.Say(c, "There is no file any more. Nothing was done."))
	}
	act := store.Act{Actor: store.ByStaff(web.MustStaff(c).ID), Action: store.ActLinksTaken}
	if err := s.Store.Record(c.Request.Context(), act); err != nil {
		return err
	}
	withCode := c.PostForm("code") != ""
	header := []string{"Name", "Telephone", "Message", "Link"}
	if withCode {
		header = append(header, "Code")
	}
	return web.WriteCSV(
		c, "links-"+s.Now().In(s.Settings.Location).Format(time.DateOnly)+".csv", header,
		s.linkRows(c, ids, withCode, c.PostForm("renew") != ""),
	)
}

// linkRows makes the links of some customers at a time, and gives the rows of those.
func (s *Server) linkRows(c *gin.Context, ids []string, withCode, renew bool) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		w := s.Store.Board().Begin(progress.Linking, 1)
		defer w.End()
		w.Step("", progress.Customers, int64(len(ids)))
		for some := range slices.Chunk(ids, linksAtOnce) {
			rows, err := s.makeLinks(c, some, withCode, renew)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, row := range rows {
				if !yield(row, nil) {
					return
				}
			}
			w.Add(int64(len(some)))
		}
	}
}

func (s *Server) makeLinks(c *gin.Context, ids []string, withCode, renew bool) (rows [][]any, err error) {
	m := web.MustStaff(c)
	customers, err := s.withoutLink(c.Request.Context(), ids, renew)
	if err != nil {
		return nil, err
	}
	var keep []store.NewInvitation
	var made []acts.Link
	for _, cu := range customers {
		k, l, err := acts.NewLink(s.Settings, cu.ID, withCode)
		if err != nil {
			return nil, err
		}
		k.StaffID, k.Alone = m.ID, renew
		keep, made = append(keep, k), append(made, l)
	}
	kept, err := s.Store.MakeInvitations(c.Request.Context(), store.ByStaff(m.ID), keep)
	if err != nil {
		return nil, err
	}
	for i, cu := range customers {
		message := s.linkMessage(c.Request.Context(), personalLink{
			Customer: cu.Name, Language: locale.Letter(cu.Language, s.Settings.Language), URL: made[i].URL,
			ExpiresAt: kept[i].ExpiresAt,
		})
		row := []any{cu.Name, dialled(cu.Phone), message, made[i].URL}
		if withCode {
			row = append(row, made[i].Code)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// withoutLink are the customers who have linked no bank, and have no personal link that
// works unless that is to be another. Who is not there any more is left out.
func (s *Server) withoutLink(ctx context.Context, ids []string, renew bool) (some []store.CustomerRow, err error) {
	accounts, err := s.Store.AccountsByCustomers(ctx, ids)
	if err != nil {
		return nil, err
	}
	customers, err := s.Store.CustomerRowsByID(ctx, ids)
	for _, cu := range customers {
		if !acts.Refreshable(accounts[cu.ID]) && (renew || !cu.Invited) {
			some = append(some, cu)
		}
	}
	return some, err
}

// dialled is a telephone number for the programs that send messages. A plus and digits
// calculate nothing; what is none is a text.
func dialled(number string) any {
	if e164, ok := phone.Parse(number); ok && e164 == number && strings.HasPrefix(number, "+") {
		return sheet.Number(number)
	}
	return number
}
