package link

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// File is YAML as it was read from somewhere. The name is only spoken of.
type File struct {
	Name string
	Data []byte
}

// Document is one spec and where it is written. Exactly one of Service, Connection and Inventory is set.
type Document struct {
	File string
	Line int

	Service    *EndpointService
	Connection *Connection
	Inventory  *VPCInventory
}

// ID is what no two documents share: "EndpointService payments", "Connection payments/shop", "VPCInventory hub".
func (d Document) ID() string {
	switch {
	case d.Service != nil:
		return string(KindEndpointService) + " " + d.Service.Metadata.Name
	case d.Inventory != nil:
		return string(KindVPCInventory) + " " + d.Inventory.Metadata.Name
	default:
		return string(KindConnection) + " " + d.Connection.Spec.Service + "/" + d.Connection.Metadata.Name
	}
}

// Decode reads the documents of files in the order in which they are written, and validates them. When
// anything is wrong with any of them it returns no document and everything that is wrong, as [Errors].
//
// It is strict: keys that no field has and keys given twice are errors, and a value must be of its field's
// type as it stands. Anchors and aliases may be used, merge keys (<<) not. Empty documents are skipped.
func Decode(files ...File) ([]Document, error) {
	var documents []Document
	var wrong Errors
	written := map[string]Document{}
	for _, file := range files {
		var inFile Errors
		for _, root := range parse(file, &inFile) {
			r := newReader(file.Name)
			document := r.document(root)
			if name, named := r.at["metadata.name"]; named && !r.unread["metadata.name"] && !r.unread["spec.service"] {
				id := document.ID()
				if first, twice := written[id]; twice {
					r.fail(name, "metadata.name", "%s is described already at %s:%d", id, first.File, first.Line)
				} else {
					written[id] = document
				}
			}
			documents = append(documents, document)
			inFile = append(inFile, r.errors...)
		}
		slices.SortStableFunc(inFile, func(a, b FieldError) int {
			if a.Line != b.Line {
				return a.Line - b.Line
			}
			return a.Column - b.Column
		})
		wrong = append(wrong, inFile...)
	}
	if len(wrong) > 0 {
		return nil, wrong
	}
	return documents, nil
}

// parse reads each document of a file by itself, so that a syntax error hides nothing in the others.
// Positions in the nodes are those in the file.
func parse(file File, wrong *Errors) []*yaml.Node {
	var roots []*yaml.Node
	for _, part := range split(string(file.Data)) {
		decoder := yaml.NewDecoder(strings.NewReader(part.text))
		for {
			var document yaml.Node
			err := decoder.Decode(&document)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				line, message := syntaxError(err)
				*wrong = append(*wrong, FieldError{File: file.Name, Line: part.line + line, Column: 1, Message: message})
				break
			}
			shift(&document, part.line)
			if root := document.Content[0]; root.ShortTag() != "!!null" {
				roots = append(roots, root)
			}
		}
	}
	return roots
}

// part is a piece of a file that begins after so many lines.
type part struct {
	text string
	line int
}

// split cuts a file before each line that begins a document. That is always right, because "---" at the
// beginning of a line can mean nothing else, even inside a text (YAML 1.2, section 9.1.4). Comments and
// directives before the first document stay with it.
func split(text string) []part {
	var parts []part
	start, startLine := 0, 0 // of the current part
	empty := true            // nothing but comments and directives so far
	offset, number := 0, 0   // of the current line
	for line := range strings.Lines(text) {
		begins := strings.HasPrefix(line, "---") && (len(line) == 3 || strings.ContainsRune(" \t\r\n", rune(line[3])))
		if begins && !empty {
			parts = append(parts, part{text[start:offset], startLine})
			start, startLine = offset, number
		}
		if begins || !strings.HasPrefix(line, "%") && !strings.HasPrefix(line, "#") && strings.TrimSpace(line) != "" {
			empty = false
		}
		offset += len(line)
		number++
	}
	return append(parts, part{text[start:], startLine})
}

// shift moves the nodes down by so many lines. Aliased nodes are moved where they are anchored.
func shift(n *yaml.Node, lines int) {
	n.Line += lines
	for _, child := range n.Content {
		shift(child, lines)
	}
}

// syntaxError takes the line out of what the YAML parser says, which has no typed error for it. Lines count
// from one when the scanner stumbles, but from zero when the grammar does.
func syntaxError(err error) (line int, message string) {
	found := yamlSyntaxError.FindStringSubmatch(err.Error())
	if found == nil {
		return 1, fmt.Sprintf("is not YAML: %s", err)
	}
	line, convErr := strconv.Atoi(found[1])
	if convErr != nil {
		line = 1
	} else if strings.HasPrefix(found[2], "did not find expected") {
		line++
	}
	return line, "is not YAML: " + found[2]
}

var yamlSyntaxError = regexp.MustCompile(`(?s)^yaml: (?:line (\d+): )?(.*)$`)
