// Package file reads accounts.yaml; see [github.com/linkwright/linkwright/internal/accounts] for what is in it. It is
// apart from the clients that are made of it, so that what only reads the file does without a cloud's SDK.
package file

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"go.yaml.in/yaml/v3"
)

// File is accounts.yaml as people write it.
type File struct {
	// Limits are for all accounts; each may have its own besides.
	Limits   *Limits            `yaml:"limits"`
	Accounts map[string]Account `yaml:"accounts"`
}

// Account is one account: a section for its cloud, and what is the same on every cloud.
type Account struct {
	TaskQueue string `yaml:"taskQueue"`
	AWS       *AWS   `yaml:"aws"`
	Azure     *Azure `yaml:"azure"`
}

// AWS is an AWS account and how to act in it.
type AWS struct {
	AccountID  string  `yaml:"accountID"`
	RoleARN    string  `yaml:"roleARN"`
	ExternalID string  `yaml:"externalID"`
	Partition  string  `yaml:"partition"`
	Region     string  `yaml:"region"`
	Profile    string  `yaml:"profile"`
	Endpoint   string  `yaml:"endpoint"`
	Limits     *Limits `yaml:"limits"`
}

// Identity tells one account of AWS, or of a simulated cloud, from another, whatever it is called here.
type Identity struct{ partition, id, endpoint string }

// Identity of the account; account names may share one, and with it AWS's request buckets.
func (a *AWS) Identity() Identity { return Identity{a.Partition, a.AccountID, a.Endpoint} }

var (
	// Names become parts of workflow ids, which people type.
	namePattern      = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)
	accountIDPattern = regexp.MustCompile(`^[0-9]{12}$`)
	partitionPattern = regexp.MustCompile(`^aws(-[a-z]+)*$`)
	// AWS STS API Reference, AssumeRole, ExternalId: 2 to 1224 of these characters.
	externalIDPattern = regexp.MustCompile(`^[\w+=,.@:/-]{2,}$`)
)

// Read reads an accounts file. The error holds everything that is wrong with it, with lines.
func Read(path string) (File, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return File{}, fmt.Errorf("read accounts: %w", err)
	}
	return Parse(path, data)
}

// Parse reads an accounts file that has been read already, strictly; origin names it in errors. The partition of
// each account is filled in.
func Parse(origin string, data []byte) (File, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	var f File
	if err := decoder.Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return File{}, syntaxErrors(origin, err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return File{}, fmt.Errorf("%s: more than one YAML document: an accounts file has one", origin)
	}
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return File{}, syntaxErrors(origin, err)
	}
	c := checker{origin: origin, root: &root}
	c.file(&f)
	return f, errors.Join(c.errs...)
}

// syntaxErrors gives each of the decoder's complaints, which begin with a line, the name of the file.
func syntaxErrors(origin string, err error) error {
	var several *yaml.TypeError
	if !errors.As(err, &several) {
		return fmt.Errorf("%s: %w", origin, err)
	}
	errs := make([]error, len(several.Errors))
	for i, e := range several.Errors {
		errs[i] = fmt.Errorf("%s: %s", origin, e)
	}
	return errors.Join(errs...)
}

// checker collects what a file that decodes says wrong.
type checker struct {
	origin string
	root   *yaml.Node
	errs   []error
}

func (c *checker) file(f *File) {
	if len(f.Accounts) == 0 {
		c.wrong("no accounts: list them under accounts:")
	}
	c.limits(f.Limits, "limits")
	first := map[any]string{}
	for _, name := range slices.Sorted(maps.Keys(f.Accounts)) {
		a := f.Accounts[name]
		if !namePattern.MatchString(name) {
			c.wrong("not a name of letters, digits, dots, dashes and underscores", "accounts", name)
		}
		switch {
		case a.AWS == nil && a.Azure == nil:
			c.wrong("no cloud: add an aws: or an azure: section", "accounts", name)
		case a.AWS != nil && a.Azure != nil:
			c.wrong("two clouds: an account has an aws: or an azure: section", "accounts", name)
		case a.AWS != nil:
			a.AWS.setDefaults()
			c.aws(a.AWS, "accounts", name, "aws")
			c.limits(a.AWS.Limits, "accounts", name, "aws", "limits")
			c.twin(f, first, a.AWS.Identity(), name, "aws")
		default:
			a.Azure.setDefaults()
			c.azure(a.Azure, "accounts", name, "azure")
			c.twin(f, first, a.Azure.Identity(), name, "azure")
		}
	}
}

// twin checks that names of one account agree in its limits; first are the names that came first, by identity.
func (c *checker) twin(f *File, first map[any]string, who any, name, cloud string) {
	twin, ok := first[who]
	if !ok {
		first[who] = name
		return
	}
	if !reflect.DeepEqual(f.Accounts[name].limits(), f.Accounts[twin].limits()) {
		c.wrong(fmt.Sprintf("not those of account %q, which is the same account of the cloud and shares its request buckets", twin),
			"accounts", name, cloud, "limits")
	}
}

// limits of the account; nil without any.
func (a Account) limits() *Limits {
	if a.AWS != nil {
		return a.AWS.Limits
	}
	return a.Azure.Limits.Limits()
}

func (c *checker) aws(a *AWS, path ...string) {
	at := func(field string) []string { return append(slices.Clone(path), field) }
	if !accountIDPattern.MatchString(a.AccountID) {
		c.wrong(fmt.Sprintf("not twelve digits: %q", a.AccountID), at("accountID")...)
	}
	if !partitionPattern.MatchString(a.Partition) {
		c.wrong(fmt.Sprintf("not a partition such as aws or aws-cn: %q", a.Partition), at("partition")...)
	}
	if a.RoleARN != "" {
		if problem := a.checkRole(); problem != "" {
			c.wrong(problem, at("roleARN")...)
		}
	}
	switch {
	case a.ExternalID == "":
	case a.RoleARN == "":
		c.wrong("an external ID is given to a role: add roleARN", at("externalID")...)
	case !externalIDPattern.MatchString(a.ExternalID) || len(a.ExternalID) > 1224:
		c.wrong("not 2 to 1224 letters, digits and +=,.@:/_-", at("externalID")...)
	}
	if u, err := url.Parse(a.Endpoint); a.Endpoint != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		c.wrong("not an http or https URL", at("endpoint")...)
	}
}

// setDefaults fills in the partition, which the role's ARN also knows.
func (a *AWS) setDefaults() {
	if a.Partition != "" {
		return
	}
	a.Partition = "aws"
	if role, err := arn.Parse(a.RoleARN); err == nil {
		a.Partition = role.Partition
	}
}

// checkRole says what is wrong with the role; empty when nothing is.
func (a *AWS) checkRole() string {
	role, err := arn.Parse(a.RoleARN)
	switch {
	case err != nil || role.Service != "iam" || !strings.HasPrefix(role.Resource, "role/"):
		return fmt.Sprintf("not the ARN of a role, such as arn:aws:iam::111122223333:role/Linkwright: %q", a.RoleARN)
	case role.AccountID != a.AccountID:
		return fmt.Sprintf("a role of account %s, but accountID is %s", role.AccountID, a.AccountID)
	case role.Partition != a.Partition:
		return fmt.Sprintf("a role of partition %s, but partition is %s", role.Partition, a.Partition)
	}
	return ""
}

func (c *checker) wrong(problem string, path ...string) {
	where := c.origin
	if line := lineOf(c.root, path); line > 0 {
		where = fmt.Sprintf("%s: line %d", where, line)
	}
	if len(path) > 0 {
		where += ": " + strings.Join(path, ".")
	}
	c.errs = append(c.errs, fmt.Errorf("%s: %s", where, problem))
}

// lineOf finds the line of the last key, or index of a list, of path that the document has; 0 when it has none of
// them.
func lineOf(n *yaml.Node, path []string) int {
	if n.Kind == yaml.DocumentNode && len(n.Content) > 0 {
		n = n.Content[0]
	}
	line := 0
	for _, name := range path {
		if i, err := strconv.Atoi(name); n.Kind == yaml.SequenceNode && err == nil && i < len(n.Content) {
			line, n = n.Content[i].Line, n.Content[i]
			continue
		}
		i := slices.IndexFunc(n.Content, func(c *yaml.Node) bool { return c.Value == name })
		if n.Kind != yaml.MappingNode || i < 0 || i+1 == len(n.Content) {
			break
		}
		line, n = n.Content[i].Line, n.Content[i+1]
	}
	return line
}
