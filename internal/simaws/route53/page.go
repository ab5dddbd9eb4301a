package route53

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// maxItems is the size of a page: most when the caller does not ask for fewer.
func maxItems(c call, most int) (int, error) { return pageSize(c, "maxitems", most) }

// pageSize is the size of a page that a parameter asks for.
func pageSize(c call, parameter string, most int) (int, error) {
	text := c.query(parameter)
	if text == "" {
		return most, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, sim.Errorf("InvalidInput", "%s must be a number above zero, not %q.", parameter, text)
	}
	return min(n, most), nil
}

// tokenFor is the token of the page that begins with an id, of use for the same action alone. Callers are not to read
// it: AWS encrypts its own (Route 53 API Reference, ListHostedZonesByVPC).
func tokenFor(c call, id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(c.Action + "/" + id))
}

// startOf is the id that the page begins with which a request's token stands for, "" for the first page.
func startOf(c call) (string, error) {
	token := c.query("nexttoken")
	if token == "" {
		return "", nil
	}
	text, err := base64.RawURLEncoding.DecodeString(token)
	id, ok := strings.CutPrefix(string(text), c.Action+"/")
	if err != nil || !ok {
		return "", sim.Errorf("InvalidPaginationToken", "The value that you specified for nexttoken is not valid.")
	}
	return id, nil
}
