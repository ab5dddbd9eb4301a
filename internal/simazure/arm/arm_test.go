package arm

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"testing"
)

func TestID(t *testing.T) {
	const subnet = ID("/subscriptions/S/resourceGroups/G/providers/Microsoft.Network/virtualNetworks/V/subnets/N")
	for _, test := range []struct {
		name      string
		got, want any
	}{
		{"when asked for its type, it leaves out the names", subnet.Type(), "Microsoft.Network/virtualNetworks/subnets"},
		{"when asked for its parent, it leaves out the last name", subnet.Parent().Name(), "V"},
		{"when asked for its subscription, it finds it", subnet.Subscription(), "S"},
		{"when asked for its group, it finds it", subnet.Group(), "G"},
		{"when written otherwise, it is the same", subnet.Is("/SUBSCRIPTIONS/s/resourcegroups/g/providers/microsoft.network/virtualnetworks/v/subnets/n/"), true},
		{"when the scope is its group, it is within", subnet.Within("/subscriptions/s/resourceGroups/g"), true},
		{"when the scope has the beginning of its group's name, it is not within", ID("/subscriptions/S/resourceGroups/GG").Within("/subscriptions/S/resourceGroups/G"), false},
		{"when the type is its parent's, it has not that type", subnet.HasType("Microsoft.Network/virtualNetworks"), false},
		{"when it is an alias, it has no type", ID("api.guid.westeurope.azure.privatelinkservice").Type(), ""},
		{"when a subscription is asked for its group, it has none", IDOf("subscriptions", "S").Group(), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.got != test.want {
				t.Errorf("got %v, want %v", test.got, test.want)
			}
		})
	}
}

func TestPrecondition(t *testing.T) {
	const etag = `W/"1"`
	for _, test := range []struct {
		name         string
		header, says string
		etag         string
		met          bool
	}{
		{"when it must be this one and is, it is met", "If-Match", etag, etag, true},
		{"when it must be this one, also without marks, it is met", "If-Match", "1", etag, true},
		{"when it must be this one and is another, it is not met", "If-Match", etag, `W/"2"`, false},
		{"when it must be this one and there is none, it is not met", "If-Match", etag, "", false},
		{"when there must be one and is, it is met", "If-Match", "*", etag, true},
		{"when there must be one and is none, it is not met", "If-Match", "*", "", false},
		{"when there must be none and is none, it is met", "If-None-Match", "*", "", true},
		{"when there must be none and is one, it is not met", "If-None-Match", "*", etag, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := &Request{Header: http.Header{test.header: []string{test.says}}}
			if err := r.Precondition(test.etag); (err == nil) != test.met {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestPagesFollowOneAnother(t *testing.T) {
	var all []int
	for i := range 2*pageSize + 1 {
		all = append(all, i)
	}
	r := &Request{Endpoint: "https://cloud", Path: "/subscriptions/S/things", Query: url.Values{"api-version": {"1"}}}
	var got []int
	for pages := 0; ; pages++ {
		if pages > 3 {
			t.Fatal("there is no end")
		}
		data, err := json.Marshal(Page(r, all).Body)
		if err != nil {
			t.Fatal(err)
		}
		var page struct {
			Value    []int
			NextLink string
		}
		if err := json.Unmarshal(data, &page); err != nil {
			t.Fatal(err)
		}
		got = append(got, page.Value...)
		if page.NextLink == "" {
			break
		}
		next, err := url.Parse(page.NextLink)
		if err != nil || next.Path != r.Path {
			t.Fatalf("the next page is at %s, %v", page.NextLink, err)
		}
		r.Query = next.Query()
	}
	if !slices.Equal(got, all) {
		t.Errorf("got %d of %d", len(got), len(all))
	}
}

func TestFind(t *testing.T) {
	routes := []Route{{Action: "things/read", Method: http.MethodGet, Path: "/subscriptions/{subscription}/things/{thing}"}}
	for _, test := range []struct{ name, method, path, code string }{
		{"when the case is another, the path is the same", http.MethodGet, "/SUBSCRIPTIONS/s/Things/t", ""},
		{"when the method is another, it is refused", http.MethodPut, "/subscriptions/s/things/t", "HttpMethodNotSupported"},
		{"when nothing is there, it is refused", http.MethodGet, "/subscriptions/s/others/t", "InvalidResourceType"},
		{"when a word is empty, nothing is there", http.MethodGet, "/subscriptions//things/t", "InvalidResourceType"},
	} {
		t.Run(test.name, func(t *testing.T) {
			route, params, err := Find(routes, test.method, test.path)
			code := ""
			if e, ok := err.(*Error); ok {
				code = e.Code
			}
			if code != test.code || code == "" && (route.Action != "things/read" || params["thing"] != "t") {
				t.Errorf("got %v, %v, %v", route, params, err)
			}
		})
	}
}
