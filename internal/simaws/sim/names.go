package sim

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// IsRead reports whether an action only looks. AWS names its actions so that this can be told.
func IsRead(action string) bool {
	return strings.HasPrefix(action, "Describe") || strings.HasPrefix(action, "Get") || strings.HasPrefix(action, "List")
}

// Names are what a request says about resources, whatever its protocol: the values of its parameters, and the
// parts of its path.
func (r *Request) Names() []string {
	var names []string
	add := func(values ...string) {
		for _, v := range values {
			if v = strings.TrimSpace(v); v != "" {
				names = append(names, v)
			}
		}
	}
	addForm := func(form url.Values) {
		for _, name := range slices.Sorted(maps.Keys(form)) {
			if name != "Action" && name != "Version" && name != "ClientToken" {
				add(form[name]...)
			}
		}
	}
	if r.Form != nil {
		addForm(r.Form)
		return names
	}
	add(strings.Split(r.HTTP.URL.Path, "/")...)
	addForm(r.HTTP.URL.Query())
	if bytes.HasPrefix(bytes.TrimSpace(r.Body), []byte("{")) {
		var body any
		if err := json.Unmarshal(r.Body, &body); err == nil { // what is no JSON is refused by the service
			add(stringsIn(body)...)
		}
		return names
	}
	decoder := xml.NewDecoder(bytes.NewReader(r.Body))
	for {
		token, err := decoder.Token()
		if err != nil { // the end, or no XML, which the service refuses
			return names
		}
		if text, ok := token.(xml.CharData); ok {
			add(string(text))
		}
	}
}

func stringsIn(v any) []string {
	var found []string
	switch v := v.(type) {
	case string:
		found = append(found, v)
	case []any:
		for _, item := range v {
			found = append(found, stringsIn(item)...)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			found = append(found, stringsIn(v[key])...)
		}
	}
	return found
}
