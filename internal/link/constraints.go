package link

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// constraints are what the jsonschema tag of a field demands of its value. The published JSON Schema is
// generated from the same tags, so an editor and [EndpointServiceSpec.Validate] agree by construction.
type constraints struct {
	required             bool
	minLength, maxLength int
	pattern              *regexp.Regexp
	example              string
	enum                 []string
	minItems             int
	unique               bool
	minimum, maximum     int64
}

// readConstraints reads the keywords that specs use. Anything else in a tag only informs editors. A comma that does
// not end a keyword has a backslash before it, as the generator of the schema wants it.
func readConstraints(tag string) constraints {
	var c constraints
	const comma = "\x00"
	for keyword := range strings.SplitSeq(strings.ReplaceAll(tag, `\,`, comma), ",") {
		name, value, _ := strings.Cut(strings.ReplaceAll(keyword, comma, ","), "=")
		number, _ := strconv.Atoi(value) // 0 where the value is no number
		switch name {
		case "required":
			c.required = true
		case "minLength":
			c.minLength = number
		case "maxLength":
			c.maxLength = number
		case "pattern":
			c.pattern = regexp.MustCompile(value)
		case "example":
			c.example = value
		case "enum":
			c.enum = append(c.enum, value)
		case "minItems":
			c.minItems = number
		case "uniqueItems":
			c.unique = true
		case "minimum":
			c.minimum = int64(number)
		case "maximum":
			c.maximum = int64(number)
		}
	}
	return c
}

// checker collects what is wrong with a spec. It keeps the first error of each path: the later ones follow
// from it.
type checker struct {
	errors Errors
	seen   map[string]bool
}

func (c *checker) add(path, format string, args ...any) {
	if c.seen[path] {
		return
	}
	if c.seen == nil {
		c.seen = map[string]bool{}
	}
	c.seen[path] = true
	c.errors = append(c.errors, FieldError{Path: path, Message: fmt.Sprintf(format, args...)})
}

// fields checks every field of a struct, and of the structs in it, against its tag.
func (c *checker) fields(v reflect.Value, path string) {
	for i := range v.Type().NumField() {
		field := v.Type().Field(i)
		c.value(v.Field(i), join(path, fieldName(field)), readConstraints(field.Tag.Get("jsonschema")))
	}
}

func (c *checker) value(v reflect.Value, path string, want constraints) {
	if v.Kind() == reflect.Struct {
		c.fields(v, path)
		return
	}
	if isUnset(v) {
		if want.required {
			c.add(path, "is required")
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.Elem().Kind() == reflect.Int32 { // it was written, even if it is 0
			c.number(v.Elem().Int(), path, want)
			return
		}
		c.value(v.Elem(), path, want)
	case reflect.Slice:
		c.list(v, path, want)
	case reflect.String:
		c.text(v.String(), path, want)
	case reflect.Int32:
		c.number(v.Int(), path, want)
	}
}

func (c *checker) number(n int64, path string, want constraints) {
	if want.maximum != 0 && (n < want.minimum || n > want.maximum) {
		c.add(path, "must be from %d to %d, not %d", want.minimum, want.maximum, n)
	}
}

// isUnset reports whether a field has been left out. (Value.IsZero would do, were it not that workflowcheck
// takes it for non-deterministic.)
func isUnset(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return v.IsNil()
	case reflect.String:
		return v.Len() == 0
	default:
		return v.Kind() == reflect.Int32 && v.Int() == 0
	}
}

func (c *checker) list(v reflect.Value, path string, want constraints) {
	if v.Len() < want.minItems {
		c.add(path, "needs at least one entry")
	}
	listed := map[string]bool{}
	for i := range v.Len() {
		item, entry := at(path, i), v.Index(i)
		var shown string
		switch entry.Kind() {
		case reflect.Struct: // whether two are the same is for the rules to say
			c.fields(entry, item)
			continue
		case reflect.Int32:
			shown = strconv.FormatInt(entry.Int(), 10)
			c.number(entry.Int(), item, want)
		default:
			shown = strconv.Quote(entry.String())
			c.text(entry.String(), item, want)
		}
		if want.unique && listed[shown] {
			c.add(item, "is listed twice: %s", shown)
		}
		listed[shown] = true
	}
}

func (c *checker) text(s, path string, want constraints) {
	switch length := utf8.RuneCountInString(s); {
	case s == "":
		c.add(path, "is empty")
	case length < want.minLength:
		c.add(path, "must have at least %d characters, not %d", want.minLength, length)
	case want.maxLength > 0 && length > want.maxLength:
		c.add(path, "must have at most %d characters, not %d", want.maxLength, length)
	case want.pattern != nil && !want.pattern.MatchString(s):
		c.add(path, "%q does not look like %s (it must match %s)", s, want.example, want.pattern)
	case len(want.enum) > 0 && !slices.Contains(want.enum, s):
		c.add(path, "must be %s, not %q%s", strings.Join(want.enum, " or "), s, didYouMean(s, want.enum))
	}
}

// fieldName is what a field is called in a spec.
func fieldName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// join appends a key to a path: spec.aws, tags["kubernetes.io/service-name"].
func join(path, key string) string {
	switch {
	case !plainKey.MatchString(key):
		return path + "[" + strconv.Quote(key) + "]"
	case path == "":
		return key
	default:
		return path + "." + key
	}
}

var plainKey = regexp.MustCompile(`^[a-zA-Z0-9_-]+$`)

// at appends the index of an entry to a path.
func at(path string, index int) string { return path + "[" + strconv.Itoa(index) + "]" }

// maxSpec is how long a spec may be, in bytes of JSON. A flow keeps its spec, and what it answers with and carries
// on must stay within Temporal's limit of two megabytes, with everything else that it keeps.
const maxSpec = 128 << 10

// fits reports whether a spec is so short that it is worth while to look at it more closely.
func (c *checker) fits(spec any) bool {
	text, err := json.Marshal(spec)
	if err != nil || len(text) > maxSpec {
		c.add("spec", "has %d bytes; it may have %d", len(text), maxSpec)
		return false
	}
	return true
}
