package link

import (
	"encoding"
	"fmt"
	"iter"
	"reflect"

	"go.yaml.in/yaml/v3"
)

// pairs yields the keys and values of a mapping as they are written.
func pairs(mapping *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, value *yaml.Node) bool) {
		for i := 0; i+1 < len(mapping.Content); i += 2 {
			if !yield(mapping.Content[i], mapping.Content[i+1]) {
				return
			}
		}
	}
}

// valueOf returns the scalar under a key of a mapping, or "".
func valueOf(mapping *yaml.Node, key string) string {
	for k, v := range pairs(mapping) {
		if k.Value == key {
			if v.Kind == yaml.AliasNode {
				v = v.Alias
			}
			return v.Value
		}
	}
	return ""
}

// keys yields what is to be read of a mapping; keys that are no text, or that were there before, are errors.
func (r *reader) keys(mapping *yaml.Node, path string) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, value *yaml.Node) bool) {
		first := map[string]int{}
		for key, value := range pairs(mapping) {
			p := positionOf(key)
			if key.Kind == yaml.AliasNode {
				key = key.Alias
			}
			name := join(path, key.Value)
			line, twice := first[key.Value]
			switch {
			case key.ShortTag() == "!!merge":
				r.fail(p, name, "merge keys are not supported; write the fields out, or use an alias for a whole value")
			case key.ShortTag() != "!!str":
				r.fail(p, path, "a key must be text, not %s", describe(key))
			case twice:
				r.fail(p, name, "is given twice, first on line %d", line)
			default:
				first[key.Value] = p.line
				if !yield(key, value) {
					return
				}
			}
		}
	}
}

// setText reads a text that the type itself understands, such as a duration.
func setText(n *yaml.Node, v reflect.Value, text encoding.TextUnmarshaler) error {
	if n.ShortTag() != "!!str" {
		return fmt.Errorf("must be text, not %s", describe(n))
	}
	if err := text.UnmarshalText([]byte(n.Value)); err != nil {
		return err
	}
	if v.IsZero() {
		return fmt.Errorf("must not be %s; leave it out to have none", n.Value)
	}
	return nil
}

func setScalar(n *yaml.Node, v reflect.Value) error {
	switch v.Kind() {
	case reflect.Bool:
		if n.ShortTag() != "!!bool" || n.Decode(v.Addr().Interface()) != nil {
			return fmt.Errorf("must be true or false, not %s", describe(n))
		}
		return nil
	case reflect.Int32:
		var number int64
		if n.ShortTag() != "!!int" || n.Decode(&number) != nil || v.OverflowInt(number) {
			return fmt.Errorf("must be a whole number, not %s", describe(n))
		}
		v.SetInt(number)
		return nil
	default:
		switch {
		case n.Kind != yaml.ScalarNode:
			return fmt.Errorf("must be text, not %s", describe(n))
		case n.ShortTag() != "!!str":
			return fmt.Errorf("must be text, not %s; put it in quotes", describe(n))
		}
		v.SetString(n.Value)
		return nil
	}
}

// describe says what a node is, as one would say it aloud.
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	switch tag := n.ShortTag(); {
	case n.Style&yaml.TaggedStyle != 0:
		return fmt.Sprintf("a value tagged %q", tag)
	case tag == "!!str":
		return fmt.Sprintf("the text %q", n.Value)
	case tag == "!!int", tag == "!!float":
		return "the number " + n.Value
	case tag == "!!timestamp":
		return "the date " + n.Value
	default:
		return n.Value
	}
}
