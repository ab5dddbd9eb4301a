package link

import (
	"embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
)

// The comments in these files are what the JSON Schema and the reference page say of each field.
//
//go:embed document.go servicespec.go driftpolicy.go connectionspec.go azurespec.go dnsspec.go ingressspec.go inventoryspec.go
var sources embed.FS

// comments returns the comments on the types of the specs and on their fields, by "Type" and "Type.Field",
// each as one line.
func comments() (map[string]string, error) {
	found := map[string]string{}
	files, err := sources.ReadDir(".")
	if err != nil {
		return nil, fmt.Errorf("read the embedded sources: %w", err)
	}
	for _, file := range files {
		source, err := sources.ReadFile(file.Name())
		if err != nil {
			return nil, fmt.Errorf("read the embedded sources: %w", err)
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file.Name(), source, parser.ParseComments)
		if err != nil {
			return nil, fmt.Errorf("parse the embedded sources: %w", err)
		}
		for _, declaration := range tree.Decls {
			if types, ok := declaration.(*ast.GenDecl); ok && types.Tok == token.TYPE {
				collectComments(types, found)
			}
		}
	}
	return found, nil
}

func collectComments(types *ast.GenDecl, found map[string]string) {
	for _, spec := range types.Specs {
		declared, ok := spec.(*ast.TypeSpec)
		if !ok {
			continue
		}
		found[declared.Name.Name] = oneLine(types.Doc)
		fields, ok := declared.Type.(*ast.StructType)
		if !ok {
			continue
		}
		for _, field := range fields.Fields.List {
			for _, name := range field.Names {
				found[declared.Name.Name+"."+name.Name] = oneLine(field.Doc)
			}
		}
	}
}

func oneLine(comment *ast.CommentGroup) string {
	return strings.Join(strings.Fields(comment.Text()), " ")
}

// said looks a comment up in what [comments] found. A comment that begins with the name of its field, as Go
// has it, begins with what the field is called in a spec.
func said(found map[string]string, t reflect.Type, field string) string {
	if field == "" {
		return found[t.Name()]
	}
	comment := found[t.Name()+"."+field]
	if rest, ok := strings.CutPrefix(comment, field+" "); ok {
		f, _ := t.FieldByName(field)
		return fieldName(f) + " " + rest
	}
	return comment
}
