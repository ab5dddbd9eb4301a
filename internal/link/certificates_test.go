package link_test

import (
	"testing"

	"github.com/linkwright/linkwright/internal/link"
)

func TestCovers(t *testing.T) {
	for _, c := range []struct {
		name              string
		certificate, host string
		want              bool
	}{
		{"when the names are the same, it does", "a.example.com", "a.example.com", true},
		{"when they differ in case, it does", "A.Example.com", "a.example.COM", true},
		{"when they differ, it does not", "a.example.com", "b.example.com", false},
		{"when the wildcard is one level above, it does", "*.example.com", "a.example.com", true},
		{"when the wildcard is two levels above, it does not", "*.example.com", "a.b.example.com", false},
		{"when the host is what the wildcard is below, it does not", "*.example.com", "example.com", false},
		{"when the host only ends alike, it does not", "*.example.com", "a.notexample.com", false},
		{"when both have the same wildcard, it does", "*.example.com", "*.example.com", true},
		{"when a wildcard host meets one of its names, it does not", "a.example.com", "*.example.com", false},
		{"when a wildcard host is below the wildcard, it does not", "*.example.com", "*.a.example.com", false},
		{"when a wildcard host is above the wildcard, it does not", "*.a.example.com", "*.example.com", false},
		{"when the wildcard is not the whole first label, it does not", "a*.example.com", "ab.example.com", false},
		{"when the host has an empty label, it does not", "*.example.com", ".example.com", false},
		{"when the wildcard has nothing below it, it does not", "*.", "a.", false},
		{"when there is no name, it does not", "", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := link.Covers(c.certificate, c.host); got != c.want {
				t.Errorf("a certificate for %q covers %q: %t", c.certificate, c.host, got)
			}
		})
	}
}
