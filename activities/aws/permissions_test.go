package aws

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/linkwright/linkwright/activities/aws/permissions"
	"github.com/linkwright/linkwright/internal/accounts"
)

// neverCalled are permissions that a call of another name takes, ours or AWS's own.
var neverCalled = []string{"ssm:AddTagsToResource", "vpce:AllowMultiRegion",
	"elasticloadbalancing:AddTags", "elasticloadbalancing:SetWebACL", "wafv2:GetWebACL"}

// Each call that a step makes must be in the policy of a role, and each action in a policy must be one that a step
// calls.
func TestThePoliciesListWhatTheStepsCall(t *testing.T) {
	var allowed []string
	for _, r := range permissions.Roles() {
		if r == permissions.Orchestrator {
			continue // what the worker calls itself is in internal/accounts
		}
		for _, s := range permissions.Of(r, "", permissions.Options{}).Policy.Statement {
			allowed = append(allowed, s.Action...)
		}
	}
	called := calls(t)
	if len(called) < 20 {
		t.Fatalf("the steps make only these calls: %v", called)
	}
	for _, action := range called {
		if !slices.Contains(allowed, action) {
			t.Errorf("a step calls %s, which no policy allows: list it in package permissions", action)
		}
	}
	for _, action := range allowed {
		if !slices.Contains(called, action) && !slices.Contains(neverCalled, action) {
			t.Errorf("a policy allows %s, which no step calls", action)
		}
	}
}

// calls finds the API calls in the source of this package, as IAM names them: methods of clients, which are reached
// as a field of the site or are called client, and the constructors of paginators.
func calls(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if selector, ok := call.Fun.(*ast.SelectorExpr); ok {
					if action := actionOf(selector); action != "" {
						found = append(found, action)
					}
				}
			}
			return true
		})
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// actionOf is the action that a method stands for; empty when it is no call of an API.
func actionOf(s *ast.SelectorExpr) string {
	method := s.Sel.Name
	var on string
	switch x := s.X.(type) {
	case *ast.SelectorExpr:
		on = x.Sel.Name // s.EC2
	case *ast.Ident:
		on = x.Name // client, or the package of a paginator
		if of, ok := strings.CutPrefix(method, "New"); ok {
			method = strings.TrimSuffix(of, "Paginator")
		}
	}
	for _, client := range []struct{ field, pkg, prefix string }{
		{"EC2", "ec2", "ec2"}, {"ELB", "elasticloadbalancingv2", "elasticloadbalancing"},
		{"Route53", "route53", "route53"}, {"SSM", "ssm", "ssm"}, {"STS", "sts", "sts"},
		{"ACM", "acm", "acm"}, {"WAF", "wafv2", "wafv2"}, {"Quotas", "servicequotas", "servicequotas"},
	} {
		field, _ := reflect.TypeFor[accounts.Clients]().FieldByName(client.field)
		if _, ok := field.Type.MethodByName(method); ok && (on == client.field || on == client.pkg || on == "client") {
			return client.prefix + ":" + method
		}
	}
	return ""
}
