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
// two pages neither repeat nor hide others. scope, such as the action's name, binds a token to its listing.
func Page[T any](items []T, key func(T) int, scope string, size int, token string) ([]T, string, error) {
	if token != "" {
		after, err := readToken(scope, token)
		if err != nil {
			return nil, "", err
		}
		for len(items) > 0 && key(items[0]) <= after {
			items = items[1:]
		}
	}
	if size <= 0 || len(items) <= size {
		return items, "", nil
	}
	items = items[:size]
	return items, writeToken(scope, key(items[size-1])), nil
}

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
