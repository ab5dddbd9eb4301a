package query

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Limits are what an action allows as the size of a page.
type Limits struct {
	Min, Max int
	// Default is the page size when the caller does not ask for one; 0 returns everything at once.
	Default int
}

// Page cuts one page out of items, which must be in ascending order of key, and returns the token of the
// next, "" at the end. A token remembers the last key that was seen, so that items which come or go between
// two pages neither repeat nor hide others; it is good for listings of the same action alone. A page may be
// empty although another one follows, when r asks for that.
func Page[T any](r *sim.Request, items []T, key func(T) int, size int, token string) ([]T, string, error) {
	after := beforeAll
	if token != "" {
		var err error
		if after, err = readToken(r.Action, token); err != nil {
			return nil, "", err
		}
	}
	if r.EmptyPage {
		r.EmptyPage = false
		return nil, writeToken(r.Action, after), nil
	}
	for len(items) > 0 && key(items[0]) <= after {
		items = items[1:]
	}
	if size <= 0 || len(items) <= size {
		return items, "", nil
	}
	items = items[:size]
	return items, writeToken(r.Action, key(items[size-1])), nil
}

// beforeAll is below the key of any item.
const beforeAll = -1

// Size is the page size that a MaxResults (or PageSize) parameter asks for.
func (l Limits) Size(f Form, name string) (int, error) {
	n, err := f.Int(name)
	if err != nil {
		return 0, err
	}
	if n == nil {
		return l.Default, nil
	}
	if *n < l.Min || *n > l.Max {
		return 0, sim.Errorf("InvalidParameterValue", "Value ( %d ) for parameter %s is invalid. Expecting a value between %d and %d.", *n, name, l.Min, l.Max)
	}
	return *n, nil
}

func writeToken(scope string, key int) string {
	return base64.URLEncoding.EncodeToString([]byte(scope + "/" + strconv.Itoa(key)))
}

func readToken(scope, token string) (int, error) {
	invalid := sim.Errorf("InvalidNextToken", "The token '%s' is invalid", token)
	text, err := base64.URLEncoding.DecodeString(token)
	if err != nil {
		return 0, invalid
	}
	key, ok := strings.CutPrefix(string(text), scope+"/")
	if !ok {
		return 0, invalid
	}
	n, err := strconv.Atoi(key)
	if err != nil {
		return 0, invalid
	}
	return n, nil
}
