package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
)

// Operation is one thing that a program may ask, as openapi.yaml has it, for people to read.
type Operation struct {
	ID, Method, Path string // of the path a part in {} stands for something
	Tag              string // operations with the same stand together
	Summary, Text    string
	Scope            string // empty: any key will do
	Public           bool   // no key is needed
	Fields           []Field
	Curl             string // asks it, of $BASE with $KEY and what else has a name there
	Answer           string // an example, as JSON; empty: there is none
}

// Field is what an operation may be sent besides what its path has.
type Field struct {
	Name, Text string
	Where      string // query, header or body
	Required   bool
}

// Reference is every operation of openapi.yaml, in its order. It is read once, by whoever
// asks first.
var Reference = sync.OnceValues(readReference)

func readReference() ([]Operation, error) {
	var d reference
	if err := yaml.UnmarshalWithOptions(document, &d.root, yaml.UseOrderedMap()); err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	var all []Operation
	for _, path := range d.entries(d.root, "paths") {
		for _, method := range d.entries(path.Value) {
			if method.Key == "parameters" {
				continue
			}
			o, err := d.operation(path.Key.(string), method.Key.(string), path.Value, method.Value)
			if err != nil {
				return nil, fmt.Errorf("api: %s %s: %w", method.Key, path.Key, err)
			}
			all = append(all, o)
		}
	}
	return all, nil
}

// reference is openapi.yaml as it was parsed: maps keep their order.
type reference struct{ root yaml.MapSlice }

// at is what lies under some keys of a node, nil if nothing does. A node that only
// refers to another is that one.
func (d reference) at(n any, keys ...string) any {
	for _, key := range append([]string{""}, keys...) {
		if key != "" {
			n = entry(n, key)
		}
		if ref, ok := entry(n, "$ref").(string); ok {
			n = d.at(d.root, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
		}
	}
	return n
}

func entry(n any, key string) any {
	m, _ := n.(yaml.MapSlice)
	for _, e := range m {
		if e.Key == key {
			return e.Value
		}
	}
	return nil
}

func (d reference) entries(n any, keys ...string) yaml.MapSlice {
	m, _ := d.at(n, keys...).(yaml.MapSlice)
	return m
}

func (d reference) list(n any, keys ...string) []any {
	l, _ := d.at(n, keys...).([]any)
	return l
}

// text is a text as one paragraph.
func (d reference) text(n any, keys ...string) string {
	t, _ := d.at(n, keys...).(string)
	return strings.Join(strings.Fields(t), " ")
}

const jsonType = "application/json"

func (d reference) operation(path, method string, shared, n any) (o Operation, err error) {
	o = Operation{
		ID: d.text(n, "operationId"), Method: strings.ToUpper(method), Path: path,
		Summary: d.text(n, "summary"), Text: d.text(n, "description"),
	}
	if tags := d.list(n, "tags"); len(tags) > 0 {
		o.Tag, _ = tags[0].(string)
	}
	security := d.list(n, "security")
	o.Public = security != nil && len(security) == 0
	for _, s := range security {
		for _, scope := range d.list(s, "key") {
			o.Scope, _ = scope.(string)
		}
	}
	curl := command{method: o.Method, public: o.Public, path: path}
	for _, p := range append(d.list(shared, "parameters"), d.list(n, "parameters")...) {
		name, where := d.text(p, "name"), d.text(p, "in")
		if where == "path" {
			curl.fill(name, d.text(p, "example"))
			continue
		}
		required, _ := d.at(p, "required").(bool)
		o.Fields = append(o.Fields, Field{name, d.text(p, "description"), where, required})
		switch {
		case name == idempotencyKey:
			curl.once = o.ID
		case required:
			curl.path += fmt.Sprintf("?%s=%v", name, d.at(p, "example")) // no operation needs two
		}
	}
	body := d.at(n, "requestBody", "content", jsonType)
	o.Fields = append(o.Fields, d.bodyFields(d.at(body, "schema"))...)
	if curl.body, err = compact(d.at(body, "example")); err != nil {
		return o, err
	}
	o.Curl = curl.String()
	o.Answer, err = d.answer(n)
	return o, err
}

func (d reference) bodyFields(schema any) (all []Field) {
	required := d.list(schema, "required")
	for _, p := range d.entries(schema, "properties") {
		all = append(all, Field{
			Name: p.Key.(string), Text: d.text(p.Value, "description"), Where: "body",
			Required: slices.Contains(required, p.Key),
		})
	}
	return all
}

// answer is the example of the first answer that has one.
func (d reference) answer(n any) (string, error) {
	for _, a := range d.entries(n, "responses") {
		if example := d.at(a.Value, "content", jsonType, "example"); example != nil {
			text, err := compact(example)
			if err != nil {
				return "", err
			}
			var indented bytes.Buffer
			err = json.Indent(&indented, []byte(text), "", "  ")
			return indented.String(), err
		}
	}
	return "", nil
}

// compact is a value as JSON in one line; empty: there is none.
func compact(value any) (string, error) {
	if value == nil {
		return "", nil
	}
	written, err := yaml.Marshal(value)
	if err != nil {
		return "", err
	}
	text, err := yaml.YAMLToJSON(written)
	if err != nil {
		return "", err
	}
	var short bytes.Buffer
	err = json.Compact(&short, text)
	return short.String(), err
}

// command is a command line that asks an operation.
type command struct {
	method, path, body string
	once               string // what its Idempotency-Key begins with; empty: it has none
	public             bool
}

// fill puts an example in the place of a part of the path or, without one, a variable of
// its name.
func (c *command) fill(name, example string) {
	if example == "" {
		example = "$" + strings.ToUpper(name)
	}
	c.path = strings.ReplaceAll(c.path, "{"+name+"}", example)
}

func (c command) String() string {
	first := "curl -sS"
	if c.method != "GET" {
		first += " -X " + c.method
	}
	lines := []string{fmt.Sprintf(`%s "$BASE%s"`, first, c.path)}
	if !c.public {
		lines = append(lines, `-H "Authorization: Bearer $KEY"`)
	}
	if c.once != "" {
		lines = append(lines, fmt.Sprintf(`-H "%s: %s-$(date +%%s)"`, idempotencyKey, c.once))
	}
	if c.body != "" {
		lines = append(lines, `-H "Content-Type: `+jsonType+`"`, `-d '`+c.body+`'`)
	}
	return strings.Join(lines, " \\\n  ")
}
