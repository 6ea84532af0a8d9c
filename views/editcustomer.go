package views

// EditPage corrects what is known of a customer.
type EditPage struct {
	Frame
	Name         string // as it is until now
	BackURL, URL string // POST to URL
	Form         CustomerForm
}
