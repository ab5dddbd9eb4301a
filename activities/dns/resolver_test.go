package dns

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

const soa = "example.com. 60 SOA ns1.example.com. admin.example.com. 1 60 60 60 60\n"

var proof = activities.Record{Name: "_abc.example.com", Value: "vpce:Proof"}

// find takes the step once.
func find(t *testing.T, c Config, req activities.FindRecordRequest) (activities.RecordSighting, error) {
	t.Helper()
	if c.Timeout == 0 {
		c.Timeout = time.Second
	}
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	resolver := New(c)
	env.RegisterActivity(resolver)
	value, err := env.ExecuteActivity(resolver.FindRecord, req)
	if err != nil {
		return activities.RecordSighting{}, err
	}
	var s activities.RecordSighting
	if err := value.Get(&s); err != nil {
		t.Fatal(err)
	}
	return s, nil
}

func TestFindRecord(t *testing.T) {
	long := strings.Repeat("x", 600)
	for _, c := range []struct {
		name   string
		zone   zone
		config Config
		req    activities.FindRecordRequest
		// What is expected: seen, a note, the type of an error and a part of its message.
		seen      bool
		note      bool
		errorType string
		says      string
	}{
		{name: "when the server has the value, it is seen", seen: true,
			zone: zone{records: `_abc.example.com. 60 TXT "vpce:Proof"`}, req: activities.FindRecordRequest{Record: proof}},
		{name: "when the value stands beside others, it is seen", seen: true,
			zone: zone{records: "_abc.example.com. 60 TXT \"other\"\n_abc.example.com. 60 TXT \"vpce:Proof\""},
			req:  activities.FindRecordRequest{Record: proof}},
		{name: "when the value comes in several strings, it joins them", seen: true,
			zone: zone{records: `_abc.example.com. 60 TXT "vpce:" "Proof"`}, req: activities.FindRecordRequest{Record: proof}},
		{name: "when the answer does not fit into a UDP packet, it asks over TCP", seen: true,
			zone: zone{records: `_abc.example.com. 60 TXT "` + long[:200] + `" "` + long[:200] + `"` + "\n" +
				`_abc.example.com. 60 TXT "vpce:Proof"`, udpFits: 100},
			req: activities.FindRecordRequest{Record: proof}},
		{name: "when the value differs in case, it is not seen", errorType: activities.ErrTypePending, says: `has "vpce:proof" instead`,
			zone: zone{records: `_abc.example.com. 60 TXT "vpce:proof"`}, req: activities.FindRecordRequest{Record: proof}},
		{name: "when the record is absent and there is hope, it is pending", errorType: activities.ErrTypePending, says: "has no such record",
			zone: zone{records: soa}, req: activities.FindRecordRequest{Record: proof}},
		{name: "when the record is absent and patience is over, it is blocked", errorType: activities.ErrTypeBlocked,
			zone: zone{records: soa}, config: Config{Patience: time.Nanosecond}, req: activities.FindRecordRequest{Record: proof}},
		{name: "when a person is to add the absent record, it is blocked at once", errorType: activities.ErrTypeBlocked,
			zone: zone{records: soa}, req: activities.FindRecordRequest{Record: proof, ByHand: true}},
		{name: "when the server does not speak for the zone, it says so", note: true, says: "not an authority",
			zone: zone{records: `_abc.example.com. 60 TXT "vpce:Proof"`, lame: true}, req: activities.FindRecordRequest{Record: proof}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.config.Server = serve(t, c.zone)
			got, err := find(t, c.config, c.req)
			var app *temporal.ApplicationError
			switch {
			case c.errorType == "" && err != nil:
				t.Fatal(err)
			case c.errorType != "" && (!errors.As(err, &app) || app.Type() != c.errorType || !strings.Contains(app.Message(), c.says)):
				t.Fatalf("err = %v, want %s saying %q", err, c.errorType, c.says)
			}
			if got.Seen != c.seen || (got.Note != "") != c.note || c.note && !strings.Contains(got.Note, c.says) {
				t.Errorf("got %+v, want seen=%t, note=%t saying %q", got, c.seen, c.note, c.says)
			}
		})
	}
}

func TestBlockedFindRecordShowsTheRecordToAdd(t *testing.T) {
	_, err := find(t, Config{Server: serve(t, zone{records: soa})}, activities.FindRecordRequest{Record: proof, ByHand: true})
	p, ok := activities.ProblemOf(err)
	if !ok || p.Reason != link.ReasonProofMissing || p.RetryAfter != time.Minute {
		t.Fatalf("problem = %+v of %v", p, err)
	}
	for _, part := range []string{proof.Name, proof.Value} {
		if !strings.Contains(p.Remedy, part) {
			t.Errorf("remedy %q does not show %q", p.Remedy, part)
		}
	}
}

func TestFindRecordNotesThatNobodyCouldBeAsked(t *testing.T) {
	for name, c := range map[string]Config{
		"when the authority cannot be reached":  {Server: nobody(t)},
		"when the resolvers cannot be reached":  {Resolvers: []string{nobody(t)}},
		"when no name server has an address":    {Resolvers: []string{serve(t, zone{records: soa + "example.com. 60 NS ns1.example.com."})}},
		"when the resolver knows of no zone":    {Resolvers: []string{serve(t, zone{})}},
		"when only the root answers for a name": {Resolvers: []string{serve(t, zone{records: ". 60 SOA a.root. b.root. 1 1 1 1 1"})}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := find(t, c, activities.FindRecordRequest{Record: proof})
			if err != nil || got.Seen || got.Note == "" {
				t.Errorf("got %+v, %v; want a note", got, err)
			}
		})
	}
}

func TestAuthoritiesAreAllAddressesOfTheZonesNameServers(t *testing.T) {
	resolver := serve(t, zone{records: soa +
		"example.com. 60 NS ns1.example.com.\n" +
		"example.com. 60 NS ns2.example.com.\n" +
		"ns1.example.com. 60 A 192.0.2.1\n" +
		"ns1.example.com. 60 AAAA 2001:db8::1\n" +
		"ns2.example.com. 60 A 192.0.2.2\n"})
	r := New(Config{Resolvers: []string{nobody(t), resolver}, Timeout: time.Second})
	found, err := r.authorities(t.Context(), "_abc.example.com")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range found {
		got = append(got, a.String())
	}
	want := []string{"ns1.example.com (192.0.2.1:53)", "ns1.example.com ([2001:db8::1]:53)", "ns2.example.com (192.0.2.2:53)"}
	if !slices.Equal(got, want) {
		t.Errorf("authorities = %q, want %q", got, want)
	}
}

func TestJudge(t *testing.T) {
	has := answer{server: "has", values: []string{"v"}}
	lacks := answer{server: "lacks"}
	silent := answer{server: "silent", err: errors.New("timeout")}
	for _, c := range []struct {
		name    string
		answers []answer
		want    verdict
	}{
		{"when all have the value, it is seen", []answer{has, has}, seen},
		{"when those who answer have the value, it is seen", []answer{silent, has}, seen},
		{"when one lacks the value, it is absent", []answer{has, lacks, has}, absent},
		{"when one lacks the value and others are silent, it is absent", []answer{silent, lacks}, absent},
		{"when nobody answers, it is unreachable", []answer{silent, silent}, unreachable},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := judge(c.answers, "v"); got.verdict != c.want {
				t.Errorf("judge = %+v, want %d", got, c.want)
			}
		})
	}
}
