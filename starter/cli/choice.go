package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/linkwright/linkwright/internal/link"
)

// clouds are how flags name those that there are.
var clouds = []string{string(link.AWS), string(link.Azure)}

// choice is a flag that takes one of some words.
type choice struct {
	value string
	of    []string
}

var _ pflag.Value = (*choice)(nil)

// String, Set and Type make a choice a command line flag.
func (c *choice) String() string { return c.value }

// Set takes one of the words.
func (c *choice) Set(word string) error {
	if !slices.Contains(c.of, word) {
		return fmt.Errorf("must be one of %s", strings.Join(c.of, ", "))
	}
	c.value = word
	return nil
}

// Type names the values of the flag in its help.
func (c *choice) Type() string { return "word" }
