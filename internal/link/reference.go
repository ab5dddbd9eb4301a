package link

import (
	"fmt"
	"slices"
	"strings"

	"github.com/invopop/jsonschema"
)

// Reference returns the reference page of the specs, in Markdown. It says what the JSON Schema says, for
// people.
func Reference() (string, error) {
	schema, err := generateSchema()
	if err != nil {
		return "", err
	}
	p := page{definitions: schema.Definitions}
	p.line("# Specs")
	p.line("<!-- Generated from internal/link; after a change there run: go test ./internal/link -update -->")
	p.line("A spec is a YAML document; a file may hold several, separated by `---`. `linkwright validate` checks them " +
		"without asking any cloud and shows everything that is wrong at once, and `linkwright schema` prints a JSON " +
		"Schema with which editors complete and check them. Unknown keys and keys given twice are errors. Account ids " +
		"and whatever else looks like a number but is text stands in quotes. Examples are in `testdata/specs/good`.")
	p.kind(KindEndpointService, fixedInService())
	p.kind(KindConnection, fixedInConnection())
	p.kind(KindVPCInventory, fixedInInventory())
	return strings.TrimRight(p.text.String(), "\n") + "\n", nil
}

// page is a Markdown page that is being written.
type page struct {
	definitions jsonschema.Definitions
	text        strings.Builder
}

// line writes a block, with an empty line after it.
func (p *page) line(format string, args ...any) {
	fmt.Fprintf(&p.text, format+"\n\n", args...)
}

func (p *page) kind(kind Kind, immutable []fixed) {
	p.line("## %s", kind)
	p.object(string(kind), "")
	p.line("What stays as it was first applied:")
	for _, f := range immutable {
		fmt.Fprintf(&p.text, "- `%s`: %s. Instead, %s.\n", f.path, f.reason, f.instead)
	}
	p.text.WriteString("\n")
}

// object writes what a mapping may hold, and then what each mapping in it may hold.
func (p *page) object(definition, path string) {
	object := p.definitions[definition]
	about := markdown(object.Description)
	if path != "" {
		p.line("### `%s`", path)
		about = strings.Replace(about, definition, "`"+path+"`", 1)
	}
	p.line("%s", about)
	if len(object.OneOf) > 0 {
		var choices []string
		for _, choice := range object.OneOf {
			choices = append(choices, "`"+choice.Title+"`")
		}
		p.line("Exactly one of %s is set.", strings.Join(choices, " and "))
	}
	p.text.WriteString("| Field | Type | Meaning |\n| --- | --- | --- |\n")
	for name, field := range object.Properties.FromOldest() {
		kind := p.typeOf(field)
		if slices.Contains(object.Required, name) {
			kind += ", required"
		}
		fmt.Fprintf(&p.text, "| `%s` | %s | %s |\n", name, kind, markdown(field.Description))
	}
	p.text.WriteString("\n")
	for name, field := range object.Properties.FromOldest() {
		inner := definitionOf(field)
		if inner != "" && p.definitions[inner].Properties.Len() > 0 {
			p.object(inner, join(path, name))
		}
		if field.Items != nil && field.Items.Ref != "" {
			p.object(definitionOf(field.Items), join(path, name)+"[]")
		}
	}
}

// definitionOf names the definition that a field refers to, or "".
func definitionOf(field *jsonschema.Schema) string {
	return strings.TrimPrefix(field.Ref, "#/$defs/")
}

// typeOf says what may stand in a field.
func (p *page) typeOf(field *jsonschema.Schema) string {
	switch inner := definitionOf(field); {
	case inner != "" && p.definitions[inner].Properties.Len() == 0:
		return "`{}`"
	case inner != "":
		return "mapping"
	case field.AdditionalProperties != nil:
		return "mapping of text to " + p.typeOf(field.AdditionalProperties)
	case field.Type == "array":
		return "list of " + p.typeOf(field.Items)
	case field.Type == "boolean":
		return "`true` or `false`"
	case field.Type == "integer":
		return fmt.Sprintf("number from %s to %s", field.Minimum, field.Maximum)
	case len(field.Enum) > 0:
		var values []string
		for _, value := range field.Enum {
			values = append(values, fmt.Sprintf("`%v`", value))
		}
		return strings.Join(values, " or ")
	case len(field.Examples) > 0:
		return fmt.Sprintf("text such as `%v`", field.Examples[0])
	default:
		return "text"
	}
}

// markdown escapes what Markdown would take for emphasis or for the end of a cell.
func markdown(text string) string {
	return strings.NewReplacer("*", `\*`, "|", `\|`, "<", "&lt;").Replace(text)
}
