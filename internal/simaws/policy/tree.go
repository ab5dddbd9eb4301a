package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// value is a JSON value with its object's fields in order, which a decoder into maps would lose, as it would lose
// a key that is there twice.
type value struct {
	kind   kind
	text   string // of a string, a number or a truth value
	items  []value
	fields []field
}

type field struct {
	key   string
	value value
}

type kind int

const (
	scalar kind = iota
	list
	object
	null
)

// readJSON reads one JSON value, and nothing after it.
func readJSON(text string) (value, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	v, err := readValue(decoder)
	if err == nil {
		if _, after := decoder.Token(); !errors.Is(after, io.EOF) {
			err = errors.New("there is something after the policy")
		}
	}
	if err != nil {
		line := 1 + strings.Count(text[:decoder.InputOffset()], "\n")
		return value{}, fmt.Errorf("line %d: it is not JSON: %w", line, err)
	}
	return v, nil
}

func readValue(decoder *json.Decoder) (value, error) {
	token, err := decoder.Token()
	if errors.Is(err, io.EOF) {
		return value{}, io.ErrUnexpectedEOF
	}
	if err != nil {
		return value{}, err
	}
	switch token := token.(type) {
	case json.Delim:
		if token == '[' {
			return readList(decoder)
		}
		return readObject(decoder)
	case nil:
		return value{kind: null}, nil
	default:
		return value{text: fmt.Sprint(token)}, nil
	}
}

func readList(decoder *json.Decoder) (value, error) {
	v := value{kind: list}
	for decoder.More() {
		item, err := readValue(decoder)
		if err != nil {
			return v, err
		}
		v.items = append(v.items, item)
	}
	_, err := decoder.Token()
	return v, err
}

func readObject(decoder *json.Decoder) (value, error) {
	v := value{kind: object}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return v, err
		}
		item, err := readValue(decoder)
		if err != nil {
			return v, err
		}
		v.fields = append(v.fields, field{fmt.Sprint(key), item})
	}
	_, err := decoder.Token()
	return v, err
}
