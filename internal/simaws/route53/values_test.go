package route53

import (
	"testing"

	mdns "github.com/miekg/dns"
)

func FuzzCanonicalName(f *testing.F) {
	for _, seed := range []string{"example.com", "*.Example.com.", `\052.a\.b`, `a\/b`, "0/25.2.0.192.in-addr.arpa", "a'b.c@d", ".", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		name, err := canonicalName(text)
		if err != nil {
			return
		}
		if again, err := canonicalName(name); err != nil || again != name {
			t.Fatalf("%q became %q, and that %q, %v", text, name, again, err)
		}
		// A query for the name must find it: package dns looks names up as miekg/dns unpacks them.
		served := zoneFileName(name)
		wire := make([]byte, 512)
		n, err := mdns.PackDomainName(served, wire, 0, nil, false)
		if err != nil {
			t.Fatalf("%q does not pack: %v", served, err)
		}
		if asked, _, err := mdns.UnpackDomainName(wire[:n], 0); err != nil || mdns.CanonicalName(asked) != served {
			t.Fatalf("%q is asked for as %q, %v", served, asked, err)
		}
	})
}

func FuzzCharacterStrings(f *testing.F) {
	for _, seed := range []string{`"vpce:AbC"`, `"a" "b"`, `"q\"\\\052;"`, `"`, `""`, "plain", `"a""b"`, "\"\x00\xff\n\""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if _, err := zoneFileValue("TXT", value); err != nil {
			return
		}
		set, err := RecordSet{Name: "t.example.com.", Type: "TXT", TTL: 60, Values: []string{value}}.served()
		if err != nil {
			t.Fatal(err)
		}
		if records, err := set.Records(); err != nil || len(records) != 1 {
			t.Fatalf("%q was taken but cannot be served as %q: %v", value, set.Values, err)
		}
	})
}
