package ssm

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Parameter is a parameter with its versions.
type Parameter struct {
	Name     string
	Versions []Version // the oldest first; at least one
	Tags     map[string]string
}

// Version is a parameter's value and description at one time.
type Version struct {
	Number         int64
	Type           string // "String", "StringList", "SecureString"
	Value          string
	Description    string
	DataType       string // "text"
	KeyID          string // of a SecureString
	AllowedPattern string
	Tier           string // "Standard", "Advanced"
	Modified       time.Time
	ModifiedBy     string // ARN
}

// Limits of Parameter Store (AWS General Reference, "Systems Manager endpoints and quotas").
const (
	maxVersions      = 100
	maxLevels        = 15
	maxStandardValue = 4096
	maxAdvancedValue = 8192
	maxTags          = 50
)

func (p *Parameter) latest() Version { return p.Versions[len(p.Versions)-1] }

// arn is a parameter's ARN; a hierarchy's leading slash is the separator.
func (p *Parameter) arn(r *sim.Request) string { return arnPrefix(r) + strings.TrimPrefix(p.Name, "/") }

func arnPrefix(r *sim.Request) string {
	return fmt.Sprintf("arn:%s:ssm:%s:%s:parameter/", r.Partition, r.Region, r.Caller.AccountID)
}

// shown is a version's value as a caller sees it: a SecureString that is not decrypted is opaque.
func (v Version) shown(decrypt bool) string {
	if v.Type != "SecureString" || decrypt {
		return v.Value
	}
	sum := sha256.Sum256([]byte(v.KeyID + "\n" + v.Value))
	return "AQICAH" + base64.StdEncoding.EncodeToString(sum[:])
}

var nameCharacters = regexp.MustCompile(`^[a-zA-Z0-9_.\-/]+$`)

// checkName holds a new parameter's name against the rules of PutParameter (AWS Systems Manager API Reference).
func checkName(name string) error {
	first, _, _ := strings.Cut(strings.ToLower(strings.TrimPrefix(name, "/")), "/")
	levels := strings.Count(strings.TrimPrefix(name, "/"), "/") + 1
	switch {
	case name == "" || len(name) > 1011 || !nameCharacters.MatchString(name):
		return sim.Errorf("ValidationException", "Parameter name: can't be empty and can only include the following symbols and letters: a-zA-Z0-9_.-/")
	case strings.Contains(name, "/") && !strings.HasPrefix(name, "/"):
		return sim.Errorf("ValidationException", "Parameter name must be a fully qualified name.")
	case strings.HasPrefix(first, "aws") || strings.HasPrefix(first, "ssm"):
		return sim.Errorf("ValidationException", `Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive).`)
	case strings.HasSuffix(name, "/") || strings.Contains(name, "//"):
		return sim.Errorf("ValidationException", "Parameter name: each level of a hierarchy needs a name.")
	case levels > maxLevels:
		return sim.Errorf("HierarchyLevelLimitExceededException", "A hierarchy can have a maximum of %d levels.", maxLevels)
	}
	return nil
}

// checkValue holds a version against the rules of PutParameter.
func checkValue(v Version) error {
	limit := maxStandardValue
	if v.Tier == "Advanced" {
		limit = maxAdvancedValue
	}
	switch {
	case !slices.Contains([]string{"String", "StringList", "SecureString"}, v.Type):
		return sim.Errorf("UnsupportedParameterType", "The parameter type %s is not supported.", v.Type)
	case v.DataType != "text":
		return sim.Errorf("ValidationException", "The data type %s is not simulated; text is.", v.DataType)
	case v.Tier != "Standard" && v.Tier != "Advanced":
		return sim.Errorf("ValidationException", "The tier %s is not one of Standard, Advanced, Intelligent-Tiering.", v.Tier)
	case v.Value == "":
		return sim.Errorf("ValidationException", "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1.")
	case len(v.Value) > limit:
		return sim.Errorf("ValidationException", "%s tier parameters support a maximum parameter value of %d characters.", v.Tier, limit)
	}
	if v.AllowedPattern == "" {
		return nil
	}
	pattern, err := regexp.Compile("^(?:" + v.AllowedPattern + ")$")
	if err != nil {
		return sim.Errorf("InvalidAllowedPatternException", "The pattern %s is not a valid regular expression.", v.AllowedPattern)
	}
	if !pattern.MatchString(v.Value) {
		return sim.Errorf("ParameterPatternMismatchException", "Parameter value, cannot be validated against allowedPattern: %s", v.AllowedPattern)
	}
	return nil
}

// find looks a parameter up by name or ARN.
func (s *Service) find(r *sim.Request, name string) (*Parameter, bool) {
	store := s.store(r)
	if rest, ok := strings.CutPrefix(name, arnPrefix(r)); ok {
		name = rest
		if _, ok := store[name]; !ok {
			name = "/" + name
		}
	}
	p, ok := store[name]
	return p, ok
}

// selected looks up "name", or one version of it by "name:3".
func (s *Service) selected(r *sim.Request, text string) (*Parameter, Version, string, error) {
	name, selector := text, ""
	if i := strings.LastIndex(text, ":"); i >= 0 && !strings.Contains(text[i:], "/") {
		name, selector = text[:i], text[i:]
	}
	p, ok := s.find(r, name)
	if !ok {
		return nil, Version{}, "", notFound(text)
	}
	if selector == "" {
		return p, p.latest(), "", nil
	}
	number, err := strconv.ParseInt(selector[1:], 10, 64)
	if err != nil { // a label; none exist
		return nil, Version{}, "", versionNotFound(text)
	}
	for _, v := range p.Versions {
		if v.Number == number {
			return p, v, selector, nil
		}
	}
	return nil, Version{}, "", versionNotFound(text)
}

func notFound(name string) *sim.Error {
	return sim.Errorf("ParameterNotFound", "Parameter %s not found.", name)
}

func versionNotFound(name string) *sim.Error {
	return sim.Errorf("ParameterVersionNotFound", "Systems Manager could not find version of %s. Verify the version and try again.", name)
}
