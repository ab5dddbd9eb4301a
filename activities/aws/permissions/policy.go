package permissions

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// Policy is an IAM policy document (IAM User Guide, "IAM JSON policy element reference").
type Policy struct {
	Version   string      `json:"Version"`
	Statement []Statement `json:"Statement"`
}

// Statement allows actions. Sid says what for.
type Statement struct {
	Sid       string            `json:"Sid"`
	Effect    string            `json:"Effect"`
	Principal map[string]string `json:"Principal,omitempty"` // in trust policies
	Action    Values            `json:"Action"`
	Resource  Values            `json:"Resource,omitempty"`
	Condition Condition         `json:"Condition,omitempty"`
}

// Condition holds values by operator and key. All operators and keys must match, each by any of its values.
type Condition map[string]map[string]Values

// Values are one string or several.
type Values []string

// MarshalJSON writes a single value without brackets, as people do.
func (v Values) MarshalJSON() ([]byte, error) {
	if len(v) == 1 {
		return json.Marshal(v[0])
	}
	return json.Marshal([]string(v))
}

// Limits on the size of a policy, in characters without white space (IAM and AWS STS quotas, "IAM and AWS STS
// entity character limits"). The second is for all inline policies of a role together.
const (
	ManagedPolicyLimit = 6144
	InlinePolicyLimit  = 10240
)

// Size is how many characters of a policy count against IAM's limits.
func (p Policy) Size() int { return len(p.compact()) }

// Blank reports whether something has to be filled in.
func (p Policy) Blank() bool { return strings.Contains(p.compact(), blank) }

// compact is the policy as JSON without white space, of which there is none in values either.
func (p Policy) compact() string {
	text, err := json.Marshal(p)
	if err != nil { // never for strings and lists of strings
		return ""
	}
	return string(text)
}

func newPolicy(statements []Statement) Policy {
	return Policy{Version: "2012-10-17", Statement: numbered(joined(statements))}
}

func allow(sid string, actions, resources Values, conditions ...Condition) Statement {
	return Statement{Sid: sid, Effect: "Allow", Action: actions, Resource: resources, Condition: all(conditions...)}
}

// all is a condition that holds when each of some does.
func all(conditions ...Condition) Condition {
	var sum Condition
	for _, c := range conditions {
		for operator, keys := range c {
			for key, values := range keys {
				if sum == nil {
					sum = Condition{}
				}
				if sum[operator] == nil {
					sum[operator] = map[string]Values{}
				}
				sum[operator][key] = values
			}
		}
	}
	return sum
}

// when is a condition on one key.
func when(operator, key string, values ...string) Condition {
	return Condition{operator: {key: values}}
}

// joined makes one statement of those of one Sid that differ in a single part: the actions, the resources, or the
// values of one key. The sum then allows what its parts did, and nothing more.
func joined(statements []Statement) []Statement {
	var kept []Statement
	for _, s := range statements {
		at := len(kept)
		for i := 0; i < len(kept); {
			sum, ok := join(kept[i], s)
			if !ok {
				i++
				continue
			}
			kept, at, s = slices.Delete(kept, i, i+1), min(at, i), sum
			i = 0 // the sum may be joined with others in its turn
		}
		kept = slices.Insert(kept, at, s)
	}
	return kept
}

func join(a, b Statement) (Statement, bool) {
	if a.Sid != b.Sid || !sameKeys(a.Condition, b.Condition) {
		return Statement{}, false
	}
	differ := 0
	union := func(x, y Values) Values {
		if slices.Equal(x, y) {
			return x
		}
		differ++
		sum := slices.Concat(x, y)
		slices.Sort(sum)
		return slices.Compact(sum)
	}
	a.Action = union(a.Action, b.Action)
	a.Resource = union(a.Resource, b.Resource)
	condition := all(a.Condition)
	for operator, keys := range condition {
		for key, values := range keys {
			keys[key] = union(values, b.Condition[operator][key])
		}
	}
	a.Condition = condition
	return a, differ < 2
}

func sameKeys(a, b Condition) bool {
	names := func(c Condition) []string {
		var all []string
		for operator, keys := range c {
			for key := range keys {
				all = append(all, operator+" "+key)
			}
		}
		slices.Sort(all)
		return all
	}
	return slices.Equal(names(a), names(b))
}

// numbered gives statements that share a Sid one of their own: in a policy no two may be alike.
func numbered(statements []Statement) []Statement {
	seen := map[string]int{}
	for i := range statements {
		sid := statements[i].Sid
		if seen[sid]++; seen[sid] > 1 {
			statements[i].Sid = sid + strconv.Itoa(seen[sid])
		}
	}
	return statements
}
