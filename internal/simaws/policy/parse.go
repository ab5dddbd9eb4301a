package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Parse reads a policy, which is JSON, and reports all that is wrong with it, each with its place in the document.
// It is as strict as IAM, and knows the same elements.
func Parse(kind Kind, text string) (*Document, error) {
	root, err := readJSON(text)
	if err != nil {
		return nil, err
	}
	p := &parser{kind: kind}
	d := p.document(root)
	if len(p.wrong) > 0 {
		return nil, errors.Join(p.wrong...)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(text)); err != nil {
		return nil, err
	}
	d.text = compact.String()
	return d, nil
}

// parser gathers what is wrong.
type parser struct {
	kind      Kind
	variables bool // the version of the policy knows them
	sids      []string
	wrong     []error
}

func (p *parser) report(at, format string, args ...any) {
	p.wrong = append(p.wrong, fmt.Errorf(at+": "+format, args...))
}

// fields are an object's, each of which must be among the known and there once.
func (p *parser) fields(at string, v value, known ...string) map[string]value {
	found := map[string]value{}
	if v.kind != object {
		p.report(at, "must be an object")
		return found
	}
	for _, f := range v.fields {
		_, twice := found[f.key]
		switch {
		case twice:
			p.report(at, "%s is there twice", f.key)
		case len(known) > 0 && !slices.Contains(known, f.key):
			p.report(at, "unknown element %q; there are %s", f.key, strings.Join(known, ", "))
		}
		found[f.key] = f.value
	}
	return found
}

// The versions of the policy language; the second, which knows no variables, is meant when none is given.
const (
	currentVersion = "2012-10-17"
	olderVersion   = "2008-10-17"
)

func (p *parser) document(root value) *Document {
	fields := p.fields("the policy", root, "Version", "Id", "Statement")
	if version, ok := fields["Version"]; ok && version.text != currentVersion && version.text != olderVersion {
		p.report("Version", "must be %q or %q, not %q", currentVersion, olderVersion, version.text)
	}
	p.variables = fields["Version"].text == currentVersion
	d := &Document{}
	statements, ok := fields["Statement"]
	if !ok {
		if root.kind == object {
			p.report("Statement", "is missing")
		}
		return d
	}
	if statements.kind == list && len(statements.items) == 0 {
		p.report("Statement", "is empty")
	}
	for i, v := range oneOrMore(statements) {
		d.statements = append(d.statements, p.statement(fmt.Sprintf("Statement[%d]", i), v))
	}
	return d
}

// oneOrMore are the items of a list, or a value that stands for a list of one.
func oneOrMore(v value) []value {
	if v.kind == list {
		return v.items
	}
	return []value{v}
}

var sid = regexp.MustCompile(`^[a-zA-Z0-9]*$`)

func (p *parser) statement(at string, v value) statement {
	known := []string{"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}
	if p.kind == Trust {
		known = []string{"Sid", "Effect", "Principal", "Action", "NotAction", "Condition"}
	}
	fields := p.fields(at, v, known...)
	s := statement{sid: fields["Sid"].text, at: at}
	if v.kind != object {
		return s
	}
	if !sid.MatchString(s.sid) {
		p.report(at+".Sid", "%q must be letters and digits", s.sid)
	}
	if s.sid != "" && slices.Contains(p.sids, s.sid) {
		p.report(at+".Sid", "%q is the Sid of another statement", s.sid)
	}
	p.sids = append(p.sids, s.sid)
	switch effect := fields["Effect"].text; effect {
	case "Allow":
	case "Deny":
		s.deny = true
	default:
		p.report(at+".Effect", "must be \"Allow\" or \"Deny\", not %q", effect)
	}
	s.actions, s.notActions = p.eitherOr(at, fields, "Action", func(action string) string { return checkAction(action, p.kind) })
	if p.kind == Trust {
		s.principals = p.principals(at+".Principal", fields)
	} else {
		var resources []string
		resources, s.notResource = p.eitherOr(at, fields, "Resource", checkARN)
		for _, resource := range resources {
			s.resources = append(s.resources, arnPattern{p.text(resource)})
		}
	}
	if conditions, ok := fields["Condition"]; ok {
		s.conditions = p.conditions(at+".Condition", conditions)
	}
	return s
}

func (p *parser) text(raw string) text { return text{raw: raw, variables: p.variables} }

// eitherOr reads an element or its negation, of which a statement has exactly one.
func (p *parser) eitherOr(at string, fields map[string]value, name string, check func(string) string) (values []string, negated bool) {
	positive, ok := fields[name]
	negative, alsoOK := fields["Not"+name]
	switch {
	case ok == alsoOK:
		p.report(at, "needs either %s or Not%s", name, name)
		return nil, false
	case ok:
		return p.strings(at+"."+name, positive, check), false
	}
	return p.strings(at+".Not"+name, negative, check), true
}

// strings reads a string or a list of strings, at least one, and checks each; a nil check finds all good.
func (p *parser) strings(at string, v value, check func(string) string) []string {
	var all []string
	if v.kind == list && len(v.items) == 0 {
		p.report(at, "is empty")
	}
	for i, item := range oneOrMore(v) {
		place := at
		if v.kind == list {
			place = fmt.Sprintf("%s[%d]", at, i)
		}
		if item.kind != scalar {
			p.report(place, "must be a string")
			continue
		}
		if check != nil {
			if wrong := check(item.text); wrong != "" {
				p.report(place, "%s", wrong)
				continue
			}
		}
		all = append(all, item.text)
	}
	return all
}

func (p *parser) principals(at string, fields map[string]value) []principal {
	v, ok := fields["Principal"]
	switch {
	case !ok:
		p.report(at, "is missing: a trust policy says who may assume the role")
		return nil
	case v.kind == scalar && v.text == "*":
		return []principal{{anyone: true}}
	}
	var all []principal
	for kind, named := range p.fields(at, v, "AWS", "Service", "Federated", "CanonicalUser") {
		for _, name := range p.strings(at+"."+kind, named, nil) {
			if kind != "AWS" {
				all = append(all, principal{other: true})
				continue
			}
			one, wrong := readPrincipal(name)
			if wrong != "" {
				p.report(at+".AWS", "%s", wrong)
			}
			all = append(all, one)
		}
	}
	return all
}

func (p *parser) conditions(at string, v value) []condition {
	var all []condition
	fields := p.fields(at, v)
	for _, f := range v.fields { // in order, so that what is wrong is reported in order
		name := f.key
		place := at + "." + name
		c := condition{}
		if rest, ok := strings.CutPrefix(name, "ForAllValues:"); ok {
			c.forAll, name = true, rest
		} else if rest, ok := strings.CutPrefix(name, "ForAnyValue:"); ok {
			c.forAny, name = true, rest
		}
		if rest, ok := strings.CutSuffix(name, "IfExists"); ok {
			c.ifExists, name = true, rest
		}
		operator, ok := operators[name]
		if !ok || operator.match == nil && (c.forAll || c.forAny || c.ifExists) {
			p.report(place, "there is no such condition operator")
			continue
		}
		c.name, c.operator = name, operator
		keys := p.fields(place, fields[f.key])
		for _, key := range fields[f.key].fields {
			one := c
			one.key = key.key
			for _, given := range p.strings(place+"."+key.key, keys[key.key], operator.check) {
				one.values = append(one.values, p.text(given))
			}
			all = append(all, one)
		}
	}
	return all
}
