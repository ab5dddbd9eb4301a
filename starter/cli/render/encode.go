package render

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// Format is how output is written: for people (table, wide) or for programs (json, yaml).
type Format string

const (
	Table Format = "table"
	Wide  Format = "wide"
	JSON  Format = "json"
	YAML  Format = "yaml"
)

// Formats are all there are.
func Formats() []string { return []string{string(Table), string(Wide), string(JSON), string(YAML)} }

// String, Set and Type make a Format a command line flag.
func (f *Format) String() string { return string(*f) }

// Set takes a format by its name.
func (f *Format) Set(name string) error {
	if !slices.Contains(Formats(), name) {
		return fmt.Errorf("must be one of %s", strings.Join(Formats(), ", "))
	}
	*f = Format(name)
	return nil
}

// Type names the values of the flag in its help.
func (f *Format) Type() string { return "format" }

// ForPrograms reports whether the format is one that programs read.
func (f Format) ForPrograms() bool { return f == JSON || f == YAML }

// Encode writes a value in a format that programs read.
func Encode(out io.Writer, f Format, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	text = append(text, '\n')
	if f == YAML {
		if text, err = yaml.JSONToYAML(text); err != nil {
			return err
		}
	}
	_, err = out.Write(text)
	return err
}
