package views

import "context"

// Reference is what programs of the business may ask, and how.
type Reference struct {
	Frame
	Base        string // what every address begins with
	KeyPrefix   string // what every key begins with
	DocumentURL string
	Start       []Operation // first steps, in their order
	Groups      []OperationGroup
}

// OperationGroup are operations that are about the same.
type OperationGroup struct {
	Name       string
	Operations []Operation
}

// Operation is one thing that a program may ask.
type Operation struct {
	ID, Method, Path string
	Summary, Text    string
	Scope            string // empty: any key will do
	Public           bool   // no key is needed
	Fields           []Field
	Curl             string // a command line that asks it
	Answer           string // an example, as JSON; empty: there is none
}

// Field is what an operation may be sent besides what its path has.
type Field struct {
	Name, Text string
	Where      string // query, header or body
	Required   bool
}

// whereWords says where a field goes, and whether it must be there.
func whereWords(ctx context.Context, f Field) string {
	where := map[string]string{
		"query": say(ctx, "in the query"), "header": say(ctx, "a header"), "body": say(ctx, "in the body"),
	}[f.Where]
	if f.Required {
		return say(ctx, "%s, required", where)
	}
	return where
}
