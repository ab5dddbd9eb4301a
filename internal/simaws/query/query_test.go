package query_test

import (
	"encoding/xml"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"testing"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

func form(t *testing.T, encoded string) query.Form {
	t.Helper()
	values, err := url.ParseQuery(encoded)
	if err != nil {
		t.Fatal(err)
	}
	return query.NewForm(values)
}

func TestFormReadsLists(t *testing.T) {
	for _, test := range []struct {
		name, form string
		want       []string
	}{
		{"when items are numbered, it reads them by number", "Id.2=b&Id.1=a&Id.10=c", []string{"a", "b", "c"}},
		{"when items are members, it reads them too", "Id.member.1=a&Id.member.2=b", []string{"a", "b"}},
		{"when there is no item, it reads none", "Idle.1=a", nil},
		{"when a list is empty, it reads none", "Id=", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := form(t, test.form).List("Id"); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestFormReadsStructures(t *testing.T) {
	f := form(t, "Spec.1.Type=vpc&Spec.1.Tag.1.Key=a&Spec.1.Tag.2.Key=b&Options.Kind=ipv4")
	specs := f.Structs("Spec")
	if len(specs) != 1 || specs[0].String("Type") != "vpc" {
		t.Fatalf("got %v", specs)
	}
	if tags := specs[0].Structs("Tag"); len(tags) != 2 || tags[1].String("Key") != "b" {
		t.Errorf("got the tags %v", tags)
	}
	if got := f.Sub("Options").String("Kind"); got != "ipv4" {
		t.Errorf("got the option %q", got)
	}
}

func TestFormRefusesWrongTypes(t *testing.T) {
	f := form(t, "On=maybe&Count=many")
	_, boolErr := f.Bool("On")
	_, intErr := f.Int("Count")
	for _, err := range []error{boolErr, intErr} {
		var e *sim.Error
		if !errors.As(err, &e) || e.Code != "InvalidParameterValue" {
			t.Errorf("got %v", err)
		}
	}
}

func TestWildcard(t *testing.T) {
	for _, test := range []struct {
		pattern, value string
		want           bool
	}{
		{"main", "main", true},
		{"main", "Main", false},
		{"*", "", true},
		{"a*c", "abbc", true},
		{"a*c", "abb", false},
		{"a?c", "abc", true},
		{"a?c", "ac", false},
		{`a\*c`, "a*c", true},
		{`a\*c`, "abc", false},
		{"*a*a*", "banana", true},
	} {
		t.Run(test.pattern+" on "+test.value, func(t *testing.T) {
			if got := query.Wildcard(test.pattern, test.value); got != test.want {
				t.Errorf("got %t", got)
			}
		})
	}
}

func TestPageSurvivesChangesBetweenPages(t *testing.T) {
	key := func(i int) int { return i }
	page, token, err := query.Page(&sim.Request{Action: "DescribeThings"}, []int{1, 3, 5, 7}, key, 2, "")
	if err != nil || !slices.Equal(page, []int{1, 3}) || token == "" {
		t.Fatalf("got the first page %v, %q, %v", page, token, err)
	}
	page, next, err := query.Page(&sim.Request{Action: "DescribeThings"}, []int{5, 6, 7}, key, 5, token) // 1 and 3 are gone, 6 is new
	if err != nil || !slices.Equal(page, []int{5, 6, 7}) || next != "" {
		t.Errorf("got the second page %v, %q, %v", page, next, err)
	}
	if _, _, err := query.Page(&sim.Request{Action: "DescribeOthers"}, []int{1}, key, 5, token); err == nil {
		t.Error("a token of another listing was taken")
	}
}

func TestEnvelopes(t *testing.T) {
	type result struct {
		Items []string `xml:"set>item"`
	}
	r := &sim.Request{ID: "id-1", Action: "DescribeThings", Form: url.Values{}}
	for _, test := range []struct {
		name     string
		protocol query.Protocol
		want     string
	}{
		{
			"when the protocol is ec2, the result has no element around it", query.Protocol{Namespace: "ns", EC2: true},
			xml.Header + `<DescribeThingsResponse xmlns="ns"><requestId>id-1</requestId><set><item>a</item></set></DescribeThingsResponse>`,
		},
		{
			"when the protocol is query, the result has its own element", query.Protocol{Namespace: "ns"},
			xml.Header + `<DescribeThingsResponse xmlns="ns"><DescribeThingsResult><set><item>a</item></set></DescribeThingsResult>` +
				`<ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></DescribeThingsResponse>`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.protocol.Response(r, result{[]string{"a"}})
			if err != nil || string(got.Body) != test.want {
				t.Errorf("got %v\n%s\nwant\n%s", err, got.Body, test.want)
			}
		})
	}
}

func TestErrorBodies(t *testing.T) {
	r := &sim.Request{ID: "id-1"}
	for _, test := range []struct {
		name     string
		protocol query.Protocol
		status   int
		want     string
	}{
		{
			"when the protocol is ec2, errors are a list", query.Protocol{EC2: true}, 400,
			xml.Header + `<Response><Errors><Error><Code>Wrong</Code><Message>a &lt; b</Message></Error></Errors><RequestID>id-1</RequestID></Response>`,
		},
		{
			"when the client is wrong, the sender is named", query.Protocol{Namespace: "ns"}, 400,
			xml.Header + `<ErrorResponse xmlns="ns"><Error><Type>Sender</Type><Code>Wrong</Code><Message>a &lt; b</Message></Error><RequestId>id-1</RequestId></ErrorResponse>`,
		},
		{
			"when the service is wrong, the receiver is named", query.Protocol{Namespace: "ns"}, 503,
			xml.Header + `<ErrorResponse xmlns="ns"><Error><Type>Receiver</Type><Code>Wrong</Code><Message>a &lt; b</Message></Error><RequestId>id-1</RequestId></ErrorResponse>`,
		},
	} {
		t.Run(test.name+" "+strconv.Itoa(test.status), func(t *testing.T) {
			got := test.protocol.Error(r, &sim.Error{Status: test.status, Code: "Wrong", Message: "a < b"})
			if got.Status != test.status || string(got.Body) != test.want {
				t.Errorf("got %d\n%s\nwant\n%s", got.Status, got.Body, test.want)
			}
		})
	}
}
