package api

import (
	"cmp"
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/acts"
	"balancelink/handlers/worker"
	"balancelink/store"
	"balancelink/store/fold"
)

// customerJSON is a customer on the wire.
type customerJSON struct {
	ID        string  `json:"id"`
	Object    string  `json:"object"`
	Reference *string `json:"reference"`
	Name      string  `json:"name"`
	Kind      string  `json:"kind"`
	Email     *string `json:"email"`
	Phone     *string `json:"phone"`
	Language  *string `json:"language"`
	CreatedAt instant `json:"created_at"`
}

// orNull is a text, or null when it is empty.
func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func drawCustomer(c store.Customer) customerJSON {
	return customerJSON{
		ID: c.ID, Object: "customer", Reference: orNull(c.Reference), Name: c.Name, Kind: string(c.Kind),
		Email: orNull(c.Email),
		Phone: orNull(c.Phone), Language: orNull(c.Language), CreatedAt: instant(c.CreatedAt),
	}
}

// byReference begins what stands in a path for a customer by the business's own number.
const byReference = "ref:"

// customerOf is the customer whom a path names: by our id, or by the business's reference.
func (a *API) customerOf(c *gin.Context) (store.Customer, error) {
	named := c.Param("customer")
	if reference, ok := strings.CutPrefix(named, byReference); ok {
		return a.Store.CustomerByReference(c.Request.Context(), fold.Shown(reference))
	}
	return a.Store.CustomerByID(c.Request.Context(), named)
}

// customers handles GET /customers: the newest first, or the one with a reference.
func (a *API) customers(c *gin.Context) error {
	n, err := limit(c)
	if err != nil {
		return err
	}
	behind, err := after(c)
	if err != nil {
		return err
	}
	filter := store.Filter(c.Query("filter"))
	if !filter.Known() {
		return invalid("filter", "There is no such filter.")
	}
	ctx := c.Request.Context()
	var rows []store.CustomerRow
	if reference, asked := c.GetQuery("reference"); asked {
		found, err := a.Store.CustomerByReference(ctx, fold.Shown(reference))
		if err == nil {
			rows = append(rows, store.CustomerRow{Customer: found})
		} else if !errors.Is(err, store.ErrNotFound) {
			return err
		}
	} else if rows, err = a.Store.Customers(ctx, store.CustomerQuery{
		Filter: filter, Order: store.ByNewest, StaleBefore: a.Now().Add(-a.Settings.StaleAfter),
		After: store.Place{ID: behind}, Limit: n + 1,
	}); err != nil {
		return err
	}
	a.note(c, store.ActListSeen, "", "customers")
	c.JSON(http.StatusOK, pageOf(
		rows, n, func(r store.CustomerRow) string { return r.ID },
		func(r store.CustomerRow) customerJSON { return drawCustomer(r.Customer) },
	))
	return nil
}

// customer handles GET /customers/:customer.
func (a *API) customer(c *gin.Context) error {
	found, err := a.customerOf(c)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, drawCustomer(found))
	return nil
}

// customerWrite is what is sent of a customer.
type customerWrite struct {
	Reference string `json:"reference"`
	Name      string `json:"name"`
	Kind      string `json:"kind"`
	Email     string `json:"email"`
	Phone     string `json:"phone"`
	Language  string `json:"language"`
}

// readCustomer reads what is sent of a customer.
func readCustomer(c *gin.Context) (store.Customer, error) {
	var w customerWrite
	if err := read(c, &w); err != nil {
		return store.Customer{}, err
	}
	return store.Customer{
		Reference: w.Reference, Name: w.Name, Kind: store.Kind(w.Kind), Email: w.Email, Phone: w.Phone,
		Language: w.Language,
	}, nil
}

// checkCustomer holds a customer to what has to be.
func checkCustomer(sent store.Customer) (store.Customer, error) {
	cu, wrong := acts.CheckCustomer(sent)
	for _, field := range []string{"reference", "name", "kind", "email", "phone", "language"} {
		if fault := wrong[field]; fault != "" {
			return cu, invalid(field, "It is refused: "+string(fault)+".")
		}
	}
	return cu, nil
}

// addCustomer handles POST /customers.
func (a *API) addCustomer(c *gin.Context) error {
	o, err := once(c, http.StatusCreated)
	if err != nil {
		return err
	}
	cu, err := readCustomer(c)
	if err == nil {
		cu, err = checkCustomer(cu)
	}
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	done, err := a.Store.AddCustomerOnce(ctx, o, cu)
	if errors.Is(err, store.ErrConflict) {
		return a.referenceTaken(c, cu.Reference)
	}
	if err != nil {
		return err
	}
	if cu, err = a.Store.CustomerByID(ctx, done.Subject); err != nil {
		return err
	}
	replayed(c, done)
	c.JSON(done.Status, drawCustomer(cu))
	return nil
}

// putCustomer handles PUT /customers/:customer: by the business's reference it makes a
// customer or changes the one there is; by our id it changes one. Both may be repeated.
func (a *API) putCustomer(c *gin.Context) error {
	cu, err := readCustomer(c)
	if err != nil {
		return err
	}
	reference, byOurs := strings.CutPrefix(c.Param("customer"), byReference)
	if byOurs {
		reference = fold.Shown(reference)
		if said := fold.Shown(cu.Reference); said != "" && said != reference {
			return invalid("reference", "It is another one in the address.")
		}
		cu.Reference = reference
		if reference == "" {
			return invalid("reference", "It is empty in the address.")
		}
	}
	if cu, err = checkCustomer(cu); err != nil {
		return err
	}
	if byOurs {
		return a.put(c, cu)
	}
	return a.change(c, cu)
}

func (a *API) put(c *gin.Context, cu store.Customer) error {
	put, added, err := a.Store.PutCustomer(c.Request.Context(), actor(c), cu, worker.CompareAgain)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if added {
		status = http.StatusCreated
	}
	c.JSON(status, drawCustomer(put))
	return nil
}

func (a *API) change(c *gin.Context, cu store.Customer) error {
	old, err := a.customerOf(c)
	if err != nil {
		return err
	}
	cu.ID, cu.Note, cu.CreatedAt, cu.Kind = old.ID, old.Note, old.CreatedAt, cmp.Or(cu.Kind, old.Kind)
	err = a.Store.CorrectCustomer(c.Request.Context(), actor(c), cu, worker.CompareAgain)
	if errors.Is(err, store.ErrConflict) {
		return a.referenceTaken(c, cu.Reference)
	}
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, drawCustomer(cu))
	return nil
}

func (a *API) referenceTaken(c *gin.Context, reference string) error {
	p := &problem{
		status: http.StatusConflict, code: codeReferenceTaken, field: "reference",
		detail: "Another customer has this reference.",
	}
	other, err := a.Store.CustomerByReference(c.Request.Context(), reference)
	p.id = other.ID
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return p
}
