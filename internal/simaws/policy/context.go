package policy

import (
	"maps"
	"strings"
)

// Context are the condition keys of a request with their values. The keys' names are in lower case, for IAM does
// not regard their case, not even that of a tag's key in them (IAM User Guide, "AWS global condition context keys").
type Context map[string][]string

// Set gives a key its values; without values the key is absent.
func (c Context) Set(key string, values ...string) {
	if len(values) > 0 {
		c[strings.ToLower(key)] = values
	}
}

// SetTags gives a key for each tag, such as "aws:ResourceTag/".
func (c Context) SetTags(prefix string, tags map[string]string) {
	for key, value := range tags {
		c.Set(prefix+key, value)
	}
}

// With is the context with another's keys beside or in place of its own.
func (c Context) With(other Context) Context {
	both := Context{}
	maps.Copy(both, c)
	maps.Copy(both, other)
	return both
}

func (c Context) values(key string) []string { return c[strings.ToLower(key)] }
