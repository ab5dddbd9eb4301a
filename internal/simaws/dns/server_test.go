package dns_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"testing"

	mdns "github.com/miekg/dns"

	"github.com/linkwright/linkwright/internal/simaws/dns"
)

// zones hosts a fixed set of zones by apex.
type zones map[string]*dns.Zone

func (z zones) Zone(names []string) (*dns.Zone, error) {
	for _, name := range names {
		if zone, ok := z[name]; ok {
			return zone, nil
		}
	}
	return nil, nil
}

// hosts knows addresses.
type hosts map[string][]netip.Addr

func (h hosts) Addresses(name string) []netip.Addr { return h[name] }

func newZone(t *testing.T, apex string, sets ...dns.RRSet) *dns.Zone {
	t.Helper()
	sets = append(sets,
		dns.RRSet{Name: apex, Type: "SOA", TTL: 900, Values: []string{"ns-1.awsdns-00.com. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"}},
		dns.RRSet{Name: apex, Type: "NS", TTL: 172800, Values: []string{"ns-1.awsdns-00.com."}})
	zone, err := dns.NewZone(apex, sets)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// start serves example.com, a child zone of it, and one host.
func start(t *testing.T) *dns.Server {
	t.Helper()
	long := make([]string, 40)
	for i := range long {
		long[i] = fmt.Sprintf("%q", strings.Repeat("x", 100)+fmt.Sprint(i))
	}
	example := newZone(t, "example.com.",
		dns.RRSet{Name: "www.example.com.", Type: "A", TTL: 60, Values: []string{"192.0.2.1", "192.0.2.2"}},
		dns.RRSet{Name: "www.example.com.", Type: "AAAA", TTL: 60, Values: []string{"2001:db8::1"}},
		dns.RRSet{Name: "example.com.", Type: "MX", TTL: 60, Values: []string{"10 mail.example.com."}},
		dns.RRSet{Name: "_proof.example.com.", Type: "TXT", TTL: 60, Values: []string{`"vpce:AbC"`, `"two" "parts"`}},
		dns.RRSet{Name: "alias.example.com.", Type: "CNAME", TTL: 60, Values: []string{"www.example.com."}},
		dns.RRSet{Name: "away.example.com.", Type: "CNAME", TTL: 60, Values: []string{"www.elsewhere.net."}},
		dns.RRSet{Name: "loop.example.com.", Type: "CNAME", TTL: 60, Values: []string{"loop.example.com."}},
		dns.RRSet{Name: "*.wild.example.com.", Type: "A", TTL: 60, Values: []string{"192.0.2.9"}},
		dns.RRSet{Name: "there.wild.example.com.", Type: "TXT", TTL: 60, Values: []string{`"only"`}},
		dns.RRSet{Name: "deep.empty.example.com.", Type: "A", TTL: 60, Values: []string{"192.0.2.3"}},
		dns.RRSet{Name: "lb.example.com.", Type: "A", AliasOf: "lb.elb.example.net."},
		dns.RRSet{Name: "delegated.example.com.", Type: "NS", TTL: 60, Values: []string{"ns.other.org."}},
		dns.RRSet{Name: "long.example.com.", Type: "TXT", TTL: 60, Values: long},
	)
	child := newZone(t, "child.example.com.",
		dns.RRSet{Name: "www.child.example.com.", Type: "A", TTL: 60, Values: []string{"192.0.2.4"}})
	server, err := dns.Listen(0, dns.Names{
		Zones: zones{"example.com.": example, "child.example.com.": child},
		Hosts: []dns.Hosts{hosts{"lb.elb.example.net.": {netip.MustParseAddr("10.0.0.7"), netip.MustParseAddr("2001:db8::7")}}},
	}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(context.Background()); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return server
}

func ask(t *testing.T, server *dns.Server, network string, query *mdns.Msg) *mdns.Msg {
	t.Helper()
	answer, _, err := (&mdns.Client{Net: network}).Exchange(query, server.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func question(name string, qtype uint16) *mdns.Msg { return new(mdns.Msg).SetQuestion(name, qtype) }

// data are the answer's records without their headers, sorted.
func data(records []mdns.RR) []string {
	var out []string
	for _, rr := range records {
		out = append(out, rr.Header().Name+" "+mdns.TypeToString[rr.Header().Rrtype]+" "+strings.TrimPrefix(rr.String(), rr.Header().String()))
	}
	slices.Sort(out)
	return out
}

func TestServerAnswers(t *testing.T) {
	server := start(t)
	tests := []struct {
		when  string
		name  string
		qtype uint16
		rcode int
		want  []string
		soa   bool // an SOA in the authority section
	}{
		{"when the name has records, it answers with all of them", "www.example.com.", mdns.TypeA, mdns.RcodeSuccess,
			[]string{"www.example.com. A 192.0.2.1", "www.example.com. A 192.0.2.2"}, false},
		{"when the case differs, it answers in the case of the question", "WWW.Example.com.", mdns.TypeAAAA, mdns.RcodeSuccess,
			[]string{"WWW.Example.com. AAAA 2001:db8::1"}, false},
		{"when asked for the apex's MX, it answers", "example.com.", mdns.TypeMX, mdns.RcodeSuccess, []string{"example.com. MX 10 mail.example.com."}, false},
		{"when asked for the apex's SOA, it answers", "example.com.", mdns.TypeSOA, mdns.RcodeSuccess,
			[]string{"example.com. SOA ns-1.awsdns-00.com. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"}, false},
		{"when the name has other types only, it answers nothing", "www.example.com.", mdns.TypeTXT, mdns.RcodeSuccess, nil, true},
		{"when the name does not exist, it says so", "nope.example.com.", mdns.TypeA, mdns.RcodeNameError, nil, true},
		{"when the name has only names below it, it exists", "empty.example.com.", mdns.TypeA, mdns.RcodeSuccess, nil, true},
		{"when the name is in no zone, it refuses", "www.example.org.", mdns.TypeA, mdns.RcodeRefused, nil, false},
		{"when the name is a CNAME, it follows it", "alias.example.com.", mdns.TypeA, mdns.RcodeSuccess,
			[]string{"alias.example.com. CNAME www.example.com.", "www.example.com. A 192.0.2.1", "www.example.com. A 192.0.2.2"}, false},
		{"when asked for the CNAME itself, it does not follow", "alias.example.com.", mdns.TypeCNAME, mdns.RcodeSuccess,
			[]string{"alias.example.com. CNAME www.example.com."}, false},
		{"when a CNAME leads to somebody else's zone, it answers with the CNAME", "away.example.com.", mdns.TypeA, mdns.RcodeSuccess,
			[]string{"away.example.com. CNAME www.elsewhere.net."}, false},
		{"when CNAMEs go round in a circle, it fails", "loop.example.com.", mdns.TypeA, mdns.RcodeServerFailure, nil, false},
		{"when a wildcard covers the name, it answers in the name's place", "a.wild.example.com.", mdns.TypeA, mdns.RcodeSuccess,
			[]string{"a.wild.example.com. A 192.0.2.9"}, false},
		{"when a wildcard covers the name deeper down, it answers", "a.b.wild.example.com.", mdns.TypeA, mdns.RcodeSuccess,
			[]string{"a.b.wild.example.com. A 192.0.2.9"}, false},
		{"when the wildcard has no such type, it answers nothing", "a.wild.example.com.", mdns.TypeTXT, mdns.RcodeSuccess, nil, true},
		{"when the name itself exists, the wildcard does not answer for it", "there.wild.example.com.", mdns.TypeA, mdns.RcodeSuccess, nil, true},
		{"when the name's parent exists, the wildcard above does not answer", "x.there.wild.example.com.", mdns.TypeA, mdns.RcodeNameError, nil, true},
		{"when a zone lies below another, the deeper one answers", "www.child.example.com.", mdns.TypeA, mdns.RcodeSuccess,
			[]string{"www.child.example.com. A 192.0.2.4"}, false},
		{"when the record is an alias, it answers with the target's addresses", "lb.example.com.", mdns.TypeA, mdns.RcodeSuccess,
			[]string{"lb.example.com. A 10.0.0.7"}, false},
		{"when the alias is of another type, it answers nothing", "lb.example.com.", mdns.TypeAAAA, mdns.RcodeSuccess, nil, true},
		{"when the name is a known host, it answers with its address", "lb.elb.example.net.", mdns.TypeAAAA, mdns.RcodeSuccess,
			[]string{"lb.elb.example.net. AAAA 2001:db8::7"}, false},
	}
	for _, tt := range tests {
		for _, network := range []string{"udp", "tcp"} {
			t.Run(tt.when+"/"+network, func(t *testing.T) {
				answer := ask(t, server, network, question(tt.name, tt.qtype))
				if answer.Rcode != tt.rcode {
					t.Errorf("rcode %s, want %s", mdns.RcodeToString[answer.Rcode], mdns.RcodeToString[tt.rcode])
				}
				if got := data(answer.Answer); !slices.Equal(got, tt.want) {
					t.Errorf("answer %q, want %q", got, tt.want)
				}
				if gotSOA := len(answer.Ns) == 1 && answer.Ns[0].Header().Rrtype == mdns.TypeSOA; gotSOA != tt.soa {
					t.Errorf("authority %v, want an SOA: %t", answer.Ns, tt.soa)
				}
				authoritative := tt.rcode == mdns.RcodeSuccess || tt.rcode == mdns.RcodeNameError
				if answer.Authoritative != authoritative {
					t.Errorf("authoritative: %t, want %t", answer.Authoritative, authoritative)
				}
			})
		}
	}
}

func TestNegativeAnswerIsCachedForTheShorterTime(t *testing.T) {
	answer := ask(t, start(t), "udp", question("nope.example.com.", mdns.TypeA))
	if len(answer.Ns) != 1 || answer.Ns[0].Header().Ttl != 900 {
		t.Errorf("authority %v, want the SOA with its own TTL of 900, not the minimum of 86400", answer.Ns)
	}
}

func TestServerRefersBelowADelegation(t *testing.T) {
	answer := ask(t, start(t), "udp", question("www.delegated.example.com.", mdns.TypeA))
	if answer.Authoritative || len(answer.Answer) != 0 {
		t.Errorf("want a referral, got %v", answer)
	}
	if got := data(answer.Ns); !slices.Equal(got, []string{"delegated.example.com. NS ns.other.org."}) {
		t.Errorf("authority %q", got)
	}
}

func TestServerTruncates(t *testing.T) {
	server := start(t)
	tests := []struct {
		when    string
		network string
		edns    uint16
		limit   int
		whole   bool
	}{
		{"when the client has no EDNS, an answer over UDP has at most 512 bytes", "udp", 0, 512, false},
		{"when the client takes more, it has at most what passes without fragments", "udp", 4096, 1232, false},
		{"when the client takes less than 512 bytes, 512 hold all the same", "udp", 100, 512, false},
		{"when it goes over TCP, it is whole", "tcp", 0, mdns.MaxMsgSize, true},
	}
	for _, tt := range tests {
		t.Run(tt.when, func(t *testing.T) {
			query := question("long.example.com.", mdns.TypeTXT)
			if tt.edns > 0 {
				query.SetEdns0(tt.edns, false)
			}
			answer := ask(t, server, tt.network, query)
			if answer.Truncated == tt.whole || (len(answer.Answer) == 40) != tt.whole {
				t.Errorf("truncated: %t, %d records", answer.Truncated, len(answer.Answer))
			}
			answer.Compress = true
			if answer.Len() > tt.limit {
				t.Errorf("%d bytes, want at most %d", answer.Len(), tt.limit)
			}
			if (answer.IsEdns0() != nil) != (tt.edns > 0) {
				t.Errorf("EDNS in the answer: %v", answer.IsEdns0())
			}
		})
	}
}

func TestServerRefusesAnUnknownEDNSVersion(t *testing.T) {
	query := question("www.example.com.", mdns.TypeA)
	query.SetEdns0(1232, false)
	query.IsEdns0().SetVersion(1)
	if answer := ask(t, start(t), "udp", query); answer.Rcode != mdns.RcodeBadVers {
		t.Errorf("rcode %s, want BADVERS", mdns.RcodeToString[answer.Rcode])
	}
}

func TestResolver(t *testing.T) {
	resolver := dns.Resolver{Server: start(t).Addr()}
	tests := []struct {
		when string
		name string
		want []string
		fail bool
	}{
		{"when the name has TXT records, it joins the strings of each", "_proof.example.com", []string{"vpce:AbC", "twoparts"}, false},
		{"when the name does not exist, there are none", "nope.example.com", nil, false},
		{"when the name has other records, there are none", "www.example.com", nil, false},
		{"when the server does not host the name, it fails", "example.org", nil, true},
	}
	for _, tt := range tests {
		t.Run(tt.when, func(t *testing.T) {
			got, err := resolver.LookupTXT(t.Context(), tt.name)
			if (err != nil) != tt.fail || !slices.Equal(got, tt.want) {
				t.Errorf("got %q, %v; want %q", got, err, tt.want)
			}
		})
	}
	t.Run("when the answer is too long for UDP, it asks over TCP", func(t *testing.T) {
		got, err := resolver.LookupTXT(t.Context(), "long.example.com")
		if err != nil || len(got) != 40 {
			t.Errorf("%d records, %v", len(got), err)
		}
	})
}
