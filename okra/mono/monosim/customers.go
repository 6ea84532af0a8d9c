package monosim

import "strings"

// A customer is whom Mono knows by an e-mail address.
type customer struct{ ID, Name, Email string }

// customerOf finds or makes the customer of a request.
func (s *Server) customerOf(c *call) string {
	if id := c.text("customer", "id"); id != "" {
		return id
	}
	email := c.text("customer", "email")
	id := customerID(email)
	s.customers[id] = customer{id, c.text("customer", "name"), email}
	return id
}

// createCustomer handles POST /v2/customers ("Customers", 2024-07-09).
func (s *Server) createCustomer(c *call) answer {
	var list []complaint
	for _, field := range []string{"email", "phone", "address"} {
		if c.text(field) == "" {
			list = append(list, complaint{field, field + " is required"})
		}
	}
	name := strings.TrimSpace(c.text("first_name") + " " + c.text("last_name"))
	if c.text("type") == "business" {
		name = c.text("business_name")
	}
	if name == "" {
		list = append(list, complaint{"first_name", "a name is required"})
	}
	if len(list) > 0 {
		return refused(list)
	}
	id := customerID(c.text("email"))
	s.customers[id] = customer{id, name, c.text("email")}
	return success("Created customer successfully", object{
		"id": id, "name": name, "first_name": c.text("first_name"), "last_name": c.text("last_name"),
		"email": c.text("email"), "address_line_1": c.text("address"), "address_line_2": nil,
		"identification_no": c.text("identity", "number"), "identification_type": c.text("identity", "type"),
		"bvn": nil,
	})
}

// deleteCustomer handles DELETE /v2/customers/{id} (INF: the documents name neither the
// path nor what becomes of the customer's accounts; they stay).
func (s *Server) deleteCustomer(c *call) answer {
	if _, known := s.customers[c.PathValue("id")]; !known {
		return notFound()
	}
	delete(s.customers, c.PathValue("id"))
	return success("Customer deleted successfully", nil)
}
