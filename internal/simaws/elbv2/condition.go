package elbv2

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// The fields that a condition can be about (Elastic Load Balancing API Reference, RuleCondition).
const (
	hostHeader    = "host-header"
	pathPattern   = "path-pattern"
	httpHeader    = "http-header"
	queryString   = "query-string"
	sourceIP      = "source-ip"
	requestMethod = "http-request-method"
)

// Condition is what a request must fulfil for a rule to apply: that the field has one of the values.
type Condition struct {
	Field      string
	HeaderName string      // of an http-header condition
	Values     []string    // of all but query-string conditions
	Query      []QueryPair // of query-string conditions
}

// QueryPair is a value in a query string, perhaps under a key.
type QueryPair struct {
	Key   string `xml:"Key,omitempty"`
	Value string `xml:"Value"`
}

// configs are the structures that the fields have their values in.
var configs = map[string]string{
	hostHeader: "HostHeaderConfig", pathPattern: "PathPatternConfig", httpHeader: "HttpHeaderConfig",
	queryString: "QueryStringConfig", sourceIP: "SourceIpConfig", requestMethod: "HttpRequestMethodConfig",
}

// repeatable reports whether a rule may have several conditions on a field (Elastic Load Balancing API Reference,
// Rule).
func repeatable(field string) bool { return field == httpHeader || field == queryString }

// readConditions reads the conditions of a rule: at least one, with five values and five wildcards at most together.
func (s *Service) readConditions(r *sim.Request, f query.Form) ([]Condition, error) {
	var conditions []Condition
	fields := map[string]bool{}
	values, wildcards := 0, 0
	for _, form := range f.Structs("Conditions") {
		c, err := readCondition(form)
		if err != nil {
			return nil, err
		}
		if fields[c.Field] && !repeatable(c.Field) {
			return nil, sim.Errorf("ValidationError", "A rule can only have one condition with the field '%s'", c.Field)
		}
		fields[c.Field] = true
		values += len(c.Values) + len(c.Query)
		wildcards += c.wildcards()
		conditions = append(conditions, c)
	}
	switch {
	case len(conditions) == 0:
		return nil, sim.Errorf("ValidationError", "A condition must be specified")
	case values > s.conditionValuesPerRule(r):
		return nil, sim.Errorf("ValidationError", "A rule can only have '%d' condition values", s.conditionValuesPerRule(r))
	case wildcards > s.conditionWildcardsPerRule(r):
		return nil, sim.Errorf("ValidationError", "A rule can only have '%d' condition wildcards", s.conditionWildcardsPerRule(r))
	}
	return conditions, nil
}

func (c Condition) wildcards() int {
	if c.Field == sourceIP || c.Field == requestMethod { // take none
		return 0
	}
	text := strings.Join(c.Values, "")
	for _, pair := range c.Query {
		text += pair.Key + pair.Value
	}
	return strings.Count(text, "*") + strings.Count(text, "?")
}

func readCondition(f query.Form) (Condition, error) {
	c := Condition{Field: f.String("Field")}
	name, known := configs[c.Field]
	if !known {
		return c, sim.Errorf("ValidationError", "Condition field '%s' must be one of '[path-pattern, host-header, http-header, http-request-method, query-string, source-ip]'", c.Field)
	}
	for other := range f.Fields() {
		if strings.HasSuffix(other, "Config") && other != name {
			return c, sim.Errorf("ValidationError", "%s cannot be specified for a condition with the field '%s'", other, c.Field)
		}
	}
	config := f.Sub(name)
	if len(f.List("RegexValues"))+len(config.List("RegexValues")) > 0 {
		return c, sim.Errorf("ValidationError", "Regular expressions in conditions are not simulated")
	}
	legacy := f.List("Values")
	switch {
	case c.Field == queryString:
		for _, pair := range config.Structs("Values") {
			c.Query = append(c.Query, QueryPair{pair.String("Key"), pair.String("Value")})
		}
	default:
		c.Values, c.HeaderName = config.List("Values"), config.String("HttpHeaderName")
	}
	switch {
	case len(legacy) > 0 && c.Field != hostHeader && c.Field != pathPattern:
		return c, sim.Errorf("ValidationError", "Values can only be specified for the fields host-header and path-pattern")
	case len(legacy) > 0 && len(c.Values) > 0:
		return c, sim.Errorf("ValidationError", "You cannot specify both Values and %s", name)
	case len(legacy) > 1: // "you can specify a single host name" (RuleCondition)
		return c, sim.Errorf("ValidationError", "Use %s to specify several condition values", name)
	case len(legacy) == 1:
		c.Values = legacy
	}
	return c, c.check()
}

// What a value may consist of (Elastic Load Balancing API Reference, the …ConditionConfig of each field). A host name
// needs a dot, with letters alone after the last one.
var valuePatterns = map[string]*regexp.Regexp{
	hostHeader:    regexp.MustCompile(`^[A-Za-z0-9.*?-]*\.[A-Za-z]+$`),
	pathPattern:   regexp.MustCompile(`^[A-Za-z0-9_\-.$/~"'@:+&*?]+$`),
	requestMethod: regexp.MustCompile(`^[A-Z_-]{1,40}$`),
}

// headerName is a field name of RFC 7230.
var headerName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,40}$")

// maxConditionValue is in characters (Elastic Load Balancing API Reference, RuleCondition).
const maxConditionValue = 128

func (c Condition) check() error {
	if len(c.Values)+len(c.Query) == 0 {
		return sim.Errorf("ValidationError", "A condition value must be specified")
	}
	if c.Field == httpHeader && (!headerName.MatchString(c.HeaderName) || strings.EqualFold(c.HeaderName, "host")) {
		return sim.Errorf("ValidationError", "The HTTP header name '%s' is not valid; it cannot be the host header", c.HeaderName)
	}
	for _, pair := range c.Query {
		if pair.Value == "" || len(pair.Key) > maxConditionValue || len(pair.Value) > maxConditionValue {
			return sim.Errorf("ValidationError", "A query string condition needs a value, and key and value have at most %d characters", maxConditionValue)
		}
	}
	for _, value := range c.Values {
		pattern := valuePatterns[c.Field]
		_, notCIDR := netip.ParsePrefix(value)
		switch {
		case value == "" || len(value) > maxConditionValue:
			return sim.Errorf("ValidationError", "A condition value has 1 to %d characters", maxConditionValue)
		case pattern != nil && !pattern.MatchString(value), c.Field == sourceIP && notCIDR != nil:
			return sim.Errorf("ValidationError", "The condition value '%s' is not valid for the field '%s'", value, c.Field)
		}
	}
	return nil
}

type wireValues struct {
	HeaderName string   `xml:"HttpHeaderName,omitempty"`
	Values     []string `xml:"Values>member"`
}

type wireQuery struct {
	Values []QueryPair `xml:"Values>member"`
}

type wireCondition struct {
	Field   string      `xml:"Field"`
	Values  []string    `xml:"Values>member"`
	Host    *wireValues `xml:"HostHeaderConfig"`
	Path    *wireValues `xml:"PathPatternConfig"`
	Header  *wireValues `xml:"HttpHeaderConfig"`
	Query   *wireQuery  `xml:"QueryStringConfig"`
	Source  *wireValues `xml:"SourceIpConfig"`
	Methods *wireValues `xml:"HttpRequestMethodConfig"`
}

// wire writes a condition; host names and paths stand there in the older way too, whichever way they came (AWS CLI
// Reference, elbv2 create-rule, example 2).
func (c Condition) wire() wireCondition {
	w := wireCondition{Field: c.Field}
	values := &wireValues{c.HeaderName, slices.Clone(c.Values)}
	switch c.Field {
	case hostHeader:
		w.Values, w.Host = c.Values, values
	case pathPattern:
		w.Values, w.Path = c.Values, values
	case httpHeader:
		w.Header = values
	case queryString:
		w.Query = &wireQuery{c.Query}
	case sourceIP:
		w.Source = values
	case requestMethod:
		w.Methods = values
	}
	return w
}
