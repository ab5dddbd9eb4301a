package link

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// reader turns the nodes of one document into the types of this package. The types lead, not the nodes:
// what no field asks for is never walked, so that neither aliases to aliases nor deep nesting can make it
// work longer than the document is. Where lists hold mappings with lists in them, aliases could still multiply
// what is read, so that is bounded by the length that a spec may have.
type reader struct {
	file   string
	errors Errors
	values int // that were read so far
	// at is where each field that was read is written: a scalar itself, a mapping or list at its key.
	at map[string]position
	// unread are fields that are there but could not be read, and around them what they are part of, about
	// neither of which anything more is to be said.
	unread, around map[string]bool
}

func newReader(file string) *reader {
	return &reader{file: file, at: map[string]position{}, unread: map[string]bool{}, around: map[string]bool{}}
}

type position struct{ line, column int }

func positionOf(n *yaml.Node) position { return position{n.Line, n.Column} }

func (r *reader) fail(p position, path, format string, args ...any) {
	r.errors = append(r.errors, FieldError{
		File: r.file, Line: p.line, Column: p.column, Path: path, Message: fmt.Sprintf(format, args...),
	})
}

// document reads a document of whatever kind, and validates it.
func (r *reader) document(root *yaml.Node) Document {
	d := Document{File: r.file, Line: root.Line}
	r.at[""] = positionOf(root)
	if root.Kind != yaml.MappingNode {
		r.fail(r.at[""], "", "a document must be a mapping that begins with apiVersion: %s, not %s", APIVersion, describe(root))
		return d
	}
	if !r.header(root, "apiVersion", APIVersion) {
		return d
	}
	switch Kind(valueOf(root, "kind")) {
	case KindEndpointService:
		d.Service = new(EndpointService)
		r.value(root, reflect.ValueOf(d.Service).Elem(), "")
		r.adopt(d.Service)
	case KindConnection:
		d.Connection = new(Connection)
		r.value(root, reflect.ValueOf(d.Connection).Elem(), "")
		r.adopt(d.Connection)
	case KindVPCInventory:
		d.Inventory = new(VPCInventory)
		r.value(root, reflect.ValueOf(d.Inventory).Elem(), "")
		r.adopt(d.Inventory)
	default:
		r.header(root, "kind", string(KindEndpointService), string(KindConnection), string(KindVPCInventory))
	}
	return d
}

// header reports whether one of the keys that say what a document is has a value that is known here.
func (r *reader) header(root *yaml.Node, key string, known ...string) bool {
	value := valueOf(root, key)
	if slices.Contains(known, value) {
		return true
	}
	want := strings.Join(known, " or ")
	for k, v := range pairs(root) {
		if k.Value == key {
			r.fail(positionOf(v), key, "must be %s for this release, not %q%s", want, value, didYouMean(value, known))
			return false
		}
	}
	r.fail(r.at[""], key, "is required: %s", want)
	return false
}

// adopt validates a document and takes over what is found, at the place where it is written. What follows from a
// value that could not be read is left out, and everything does when reading ended early.
func (r *reader) adopt(document interface{ Validate() error }) {
	if r.values > maxSpec {
		return
	}
	found, _ := errors.AsType[Errors](document.Validate())
	for _, e := range found {
		follows := r.around[e.Path]
		for path := e.Path; path != ""; path = outer(path) {
			follows = follows || r.unread[path]
		}
		if !follows {
			r.fail(r.place(e.Path), e.Path, "%s", e.Message)
		}
	}
}

// giveUp notes that a field could not be read.
func (r *reader) giveUp(path string) {
	r.unread[path] = true
	for path = outer(path); path != ""; path = outer(path) {
		r.around[path] = true
	}
}

// place is where a path is written or, when it is not, the innermost thing that it is missing from.
func (r *reader) place(path string) position {
	for ; path != ""; path = outer(path) {
		if p, ok := r.at[path]; ok {
			return p
		}
	}
	return r.at[""]
}

// outer is the path of what a path is part of.
func outer(path string) string { return path[:max(0, strings.LastIndexAny(path, ".["))] }

// value reads a node into a field of the spec.
func (r *reader) value(n *yaml.Node, v reflect.Value, path string) {
	if r.values++; r.values > maxSpec { // each takes a byte at least
		if r.values == maxSpec+1 {
			r.fail(r.at[path], path, "is where the document has become longer than a spec may be; aliases count as what they stand for")
		}
		r.giveUp(path)
		return
	}
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	if err := r.set(n, v, path); err != nil {
		r.fail(r.at[path], path, "%s", err)
		r.giveUp(path)
	}
}

// set reads a node into a value; the error says what the node should have been.
func (r *reader) set(n *yaml.Node, v reflect.Value, path string) error {
	if n.ShortTag() == "!!null" {
		if v.Kind() == reflect.Struct && v.NumField() == 0 {
			return errors.New("has no value; write {} after it")
		}
		return errors.New("has no value")
	}
	if text, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return setText(n, v, text)
	}
	switch v.Kind() {
	case reflect.Struct:
		return r.setStruct(n, v, path)
	case reflect.Map:
		return r.setMap(n, v, path)
	case reflect.Slice:
		return r.setList(n, v, path)
	default:
		return setScalar(n, v)
	}
}

func (r *reader) setStruct(n *yaml.Node, v reflect.Value, path string) error {
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("must be a mapping, not %s", describe(n))
	}
	fields := map[string]reflect.Value{}
	var names []string
	for i := range v.NumField() {
		name := fieldName(v.Type().Field(i))
		fields[name] = v.Field(i)
		names = append(names, name)
	}
	for key, value := range r.keys(n, path) {
		name := join(path, key.Value)
		field, known := fields[key.Value]
		if !known {
			r.fail(positionOf(key), name, "is not a known field%s", didYouMean(key.Value, names))
			if meant := closest(key.Value, names); meant != "" {
				r.giveUp(join(path, meant))
			}
			continue
		}
		r.at[name] = positionOf(key)
		if value.Kind == yaml.ScalarNode && value.ShortTag() != "!!null" {
			r.at[name] = positionOf(value)
		}
		r.value(value, field, name)
	}
	return nil
}

func (r *reader) setMap(n *yaml.Node, v reflect.Value, path string) error {
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("must be a mapping, not %s", describe(n))
	}
	v.Set(reflect.MakeMap(v.Type()))
	for key, value := range r.keys(n, path) {
		name := join(path, key.Value)
		entry := reflect.New(v.Type().Elem()).Elem()
		r.at[name] = positionOf(value)
		r.value(value, entry, name)
		v.SetMapIndex(reflect.ValueOf(key.Value), entry)
	}
	return nil
}

func (r *reader) setList(n *yaml.Node, v reflect.Value, path string) error {
	if n.Kind != yaml.SequenceNode {
		return fmt.Errorf("must be a list, not %s", describe(n))
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, item := range n.Content {
		name := at(path, i)
		r.at[name] = positionOf(item)
		r.value(item, v.Index(i), name)
	}
	return nil
}
