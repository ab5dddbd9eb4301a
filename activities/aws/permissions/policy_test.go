package permissions

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// Whatever statements are joined, the sum allows exactly what they did.
func TestJoiningChangesNothingThatIsAllowed(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	some := func(words ...string) Values {
		var v Values
		for _, w := range words {
			if random.IntN(2) == 0 {
				v = append(v, w)
			}
		}
		if len(v) == 0 {
			v = Values{words[random.IntN(len(words))]}
		}
		return v
	}
	saved := 0
	for range 2000 {
		var statements []Statement
		for range 2 + random.IntN(5) {
			var c Condition
			if random.IntN(3) > 0 {
				c = when("StringEquals", "owner", some("o1", "o2")...)
			}
			if random.IntN(3) > 0 {
				c = all(c, when("StringLike", "name", some("n1", "n2")...))
			}
			statements = append(statements, allow("Sid", some("a1", "a2"), some("r1", "r2"), c))
		}
		sum := joined(slices.Clone(statements))
		saved += len(statements) - len(sum)
		if got, want := requests(sum), requests(statements); !maps.Equal(got, want) {
			t.Fatalf("%+v\nallows %v, joined as\n%+v\n%v", statements, want, sum, got)
		}
	}
	if saved == 0 {
		t.Error("nothing was ever joined")
	}
}

// requests are all requests that statements allow, in a world of a few words.
func requests(statements []Statement) map[string]bool {
	admits := func(s Statement, operator, key, value string) bool {
		keys, ok := s.Condition[operator]
		if !ok {
			return true
		}
		values, ok := keys[key]
		return !ok || slices.Contains(values, value)
	}
	allowed := map[string]bool{}
	for _, s := range statements {
		for _, action := range s.Action {
			for _, resource := range s.Resource {
				for _, owner := range []string{"o1", "o2", "other"} {
					for _, name := range []string{"n1", "n2", "other"} {
						if admits(s, "StringEquals", "owner", owner) && admits(s, "StringLike", "name", name) {
							allowed[fmt.Sprint(action, resource, owner, name)] = true
						}
					}
				}
			}
		}
	}
	return allowed
}

func TestSidsDiffer(t *testing.T) {
	p := newPolicy([]Statement{
		allow("Looks", Values{"a"}, Values{"x"}), allow("Looks", Values{"b"}, Values{"y"}), allow("Keeps", Values{"c"}, Values{"x"}),
	})
	var sids []string
	for _, s := range p.Statement {
		sids = append(sids, s.Sid)
	}
	if want := []string{"Looks", "Looks2", "Keeps"}; !slices.Equal(sids, want) {
		t.Errorf("the statements are called %v, want %v", sids, want)
	}
}
