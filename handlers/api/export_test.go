package api

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
)

// Document is openapi.yaml.
func Document() []byte { return document }

// Codes are all codes that problem.go names.
func Codes() (all []string) {
	file, err := parser.ParseFile(token.NewFileSet(), "problem.go", nil, parser.SkipObjectResolution)
	if err != nil {
		panic(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(spec.Names[0].Name, "code") && len(spec.Values) == 1 {
			if lit, ok := spec.Values[0].(*ast.BasicLit); ok {
				text, _ := strconv.Unquote(lit.Value)
				all = append(all, text)
			}
		}
		return true
	})
	return all
}
