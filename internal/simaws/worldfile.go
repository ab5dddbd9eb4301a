package simaws

import (
	"errors"
	"fmt"
	"maps"
	"regexp"

	"github.com/linkwright/linkwright/internal/buckets"
	"github.com/linkwright/linkwright/internal/simaws/policy"
	"github.com/linkwright/linkwright/internal/simaws/sim"
	"github.com/linkwright/linkwright/internal/simcloud"
)

// WorldFile says what a simulated cloud holds when it starts:
//
//	scale: 60                     # transitions run so many times faster than in AWS; 1 when left out
//	hiddenFor: 20s                # eventual consistency: new EC2 resources stay unseen so long, in AWS's time
//	sparsePages: true             # EC2 may return an empty page that has a next one
//	reverifyEach: 24h             # how often the proof of a verified private DNS name is looked for again, in AWS's time
//	acceptanceWithin: 168h        # requests for a connection expire after so long, in AWS's time; never when left out
//	requestBuckets: {enabled: true}
//	accounts:
//	  - id: "111111111111"
//	    name: provider
//	    users:                    # long-lived credentials
//	      - {name: admin, accessKey: AKIAPROVIDER, secretKey: provider-secret}
//	    roles:                    # for sts:AssumeRole
//	      - name: linkwright
//	        trust: ["arn:aws:iam::111111111111:root"]
//	        externalId: agreed
//	        policies:             # IAM policies, in YAML or as JSON text; without the key everything is allowed
//	          - Version: 2012-10-17
//	            Statement: [{Effect: Allow, Action: "ec2:*", Resource: "*"}]
//	    regions:                  # infrastructure; names are given as Name tags and used as references
//	      us-east-1:
//	        vpcs:
//	          - name: main
//	            cidr: 10.0.0.0/16
//	            dnsHostnames: true
//	            subnets: [{name: a, cidr: 10.0.1.0/24, zoneId: use1-az1}]
//	            securityGroups: [{name: https, ingress: [{protocol: tcp, port: 443, cidr: 10.0.0.0/8}]}]
//	            routeTables: [{name: private, subnets: [a]}]
//	        prefixLists: [{name: offices, maxEntries: 10, entries: [192.0.2.0/24]}]
//	        quotas: [{service: vpc, code: L-29B6F2EB, value: 3}] # where AWS's defaults do not apply
//	        targetGroups: [{name: api, vpc: main, protocol: TCP, port: 443, targetType: ip}]
//	        networkLoadBalancers:
//	          - {name: api, subnets: [a], listeners: [{protocol: TCP, port: 443, targetGroup: api}]}
//	        certificates: [{name: web, domain: example.com, alternatives: ["*.example.com"], status: ISSUED}]
//	        webACLs: [{name: front}]
//	        applicationLoadBalancers:
//	          - name: web
//	            subnets: [a, b]
//	            webACL: front
//	            listeners: [{protocol: HTTPS, port: 443, certificate: web, fixedResponse: {status: "404"}}]
//	    hostedZones:
//	      - {name: example.com}
//	      - {name: links.internal, private: true, vpcs: [us-east-1/main, consumer/us-east-1/main]}
//
// The infrastructure is built through the cloud's own API by the account's first user. Its ids are the same
// each time.
type WorldFile struct {
	Scale float64 `yaml:"scale"`
	// HiddenFor is EC2's eventual consistency, in the real service's time.
	HiddenFor Duration `yaml:"hiddenFor"`
	// ReverifyEach is how often EC2 looks again for the proof of a verified private DNS name, in the real service's
	// time; 0 means a day.
	ReverifyEach Duration `yaml:"reverifyEach"`
	// AcceptanceWithin is how long a request for a connection waits for acceptance before it is expired, in the real
	// service's time; 0 means for ever.
	AcceptanceWithin Duration `yaml:"acceptanceWithin"`
	// SparsePages lets EC2 return pages that are short, or empty, before the last.
	SparsePages bool `yaml:"sparsePages"`
	// EndpointsPerVPC is the quota of interface endpoints for each VPC of all accounts that have none of their own
	// among their Quotas; 0 means AWS's default.
	EndpointsPerVPC int            `yaml:"endpointsPerVpc"`
	RequestBuckets  RequestBuckets `yaml:"requestBuckets"`
	Accounts        []WorldAccount `yaml:"accounts"`
}

// RequestBuckets switches throttling on. Services are by their signing names ("ec2", "elasticloadbalancing",
// "route53"), their refill in AWS's time; what is given for one takes the place of AWS's documented buckets for it.
type RequestBuckets struct {
	Enabled  bool                       `yaml:"enabled"`
	Services map[string]buckets.Service `yaml:"services"`
}

// WorldAccount is one AWS account.
type WorldAccount struct {
	ID          string                 `yaml:"id"` // twelve digits
	Name        string                 `yaml:"name"`
	Users       []WorldUser            `yaml:"users"`
	Roles       []WorldRole            `yaml:"roles"`
	Regions     map[string]WorldRegion `yaml:"regions"`
	HostedZones []WorldZone            `yaml:"hostedZones"`
}

// WorldUser is an IAM user with one access key.
type WorldUser struct {
	Name      string `yaml:"name"`
	AccessKey string `yaml:"accessKey"`
	SecretKey string `yaml:"secretKey"`
	// Policies say what the user may do: nil, everything; an empty list, nothing.
	Policies PolicyDocuments `yaml:"policies,omitempty"`
}

// WorldRole is an IAM role.
type WorldRole struct {
	Name string `yaml:"name"`
	// Trust are the ARNs of users, roles or account roots that may assume it, if they know the ExternalID: short
	// for a TrustPolicy, which takes the place of both.
	Trust       []string       `yaml:"trust"`
	ExternalID  string         `yaml:"externalId"`
	TrustPolicy PolicyDocument `yaml:"trustPolicy"`
	// Policies say what the role's sessions may do: nil, everything; an empty list, nothing.
	Policies PolicyDocuments `yaml:"policies,omitempty"`
}

// WorldZone is a hosted zone: public, or private to VPCs, the first one of its own account.
type WorldZone struct {
	Name    string        `yaml:"name"`
	Private bool          `yaml:"private"`
	VPCs    []string      `yaml:"vpcs"` // "us-east-1/main"; "consumer/us-east-1/main" in another account
	Records []WorldRecord `yaml:"records"`
}

// WorldRecord is a record set of a hosted zone.
type WorldRecord struct {
	Name   string   `yaml:"name"` // with the zone's
	Type   string   `yaml:"type"`
	TTL    int64    `yaml:"ttl"`
	Values []string `yaml:"values"` // as Route 53 takes them: text in quotation marks
}

// ParseWorldFile reads a world file. Unknown keys are errors.
func ParseWorldFile(data []byte) (WorldFile, error) {
	var file WorldFile
	if err := simcloud.DecodeStrictly(data, &file); err != nil {
		return WorldFile{}, fmt.Errorf("read the world file: %w", err)
	}
	if _, err := file.read(); err != nil {
		return WorldFile{}, err
	}
	return file, nil
}

var (
	accountID = regexp.MustCompile(`^\d{12}$`)
	iamName   = regexp.MustCompile(`^[\w+=,.@-]+$`)
)

// validate reports all that is wrong with the accounts. The infrastructure is checked by the services when
// it is built.
func (file WorldFile) validate() error {
	var wrong []error
	report := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf("world file: "+format, args...)) }
	if file.Scale < 0 {
		report("scale must be above zero")
	}
	if len(file.Accounts) == 0 {
		report("accounts: at least one is needed")
	}
	ids, names, keys := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for i, account := range file.Accounts {
		at := fmt.Sprintf("accounts[%d]", i)
		if !accountID.MatchString(account.ID) {
			report("%s.id: %q is not an account id of twelve digits (write it in quotes)", at, account.ID)
		}
		if account.Name == "" {
			report("%s.name is missing", at)
		}
		if ids[account.ID] || names[account.Name] {
			report("%s: the id or the name is used by another account", at)
		}
		ids[account.ID], names[account.Name] = true, true
		for j, user := range account.Users {
			if !iamName.MatchString(user.Name) || user.AccessKey == "" || user.SecretKey == "" {
				report("%s.users[%d] needs a name, an accessKey and a secretKey", at, j)
			}
			if keys[user.AccessKey] {
				report("%s.users[%d]: the accessKey is used by another user", at, j)
			}
			keys[user.AccessKey] = true
		}
		for j, role := range account.Roles {
			if !iamName.MatchString(role.Name) || len(role.Trust) == 0 && role.TrustPolicy == "" {
				report("%s.roles[%d] needs a name without a path, and a trust or a trustPolicy", at, j)
			}
			if role.TrustPolicy != "" && (len(role.Trust) > 0 || role.ExternalID != "") {
				report("%s.roles[%d]: trustPolicy takes the place of trust and externalId", at, j)
			}
		}
		if len(account.Users) == 0 && (len(account.Regions) > 0 || len(account.HostedZones) > 0) {
			report("%s needs a user to build its infrastructure", at)
		}
	}
	return errors.Join(wrong...)
}

// read checks the file and returns the identities for the services.
func (file WorldFile) read() (map[string]*sim.Account, error) {
	wrong := []error{file.validate()}
	report := func(at string, err error) {
		if err != nil {
			wrong = append(wrong, within("world file: "+at, err))
		}
	}
	accounts := map[string]*sim.Account{}
	for i, a := range file.Accounts {
		account := &sim.Account{ID: a.ID, Name: a.Name}
		for j, u := range a.Users {
			policies, err := readPolicies(u.Policies)
			report(fmt.Sprintf("accounts[%d].users[%d]", i, j), err)
			account.Users = append(account.Users, sim.User{Name: u.Name, AccessKey: u.AccessKey, SecretKey: u.SecretKey, Policies: policies})
		}
		for j, r := range a.Roles {
			at := fmt.Sprintf("accounts[%d].roles[%d]", i, j)
			policies, err := readPolicies(r.Policies)
			report(at, err)
			trust, err := r.trustPolicy()
			report(at+".trustPolicy", err)
			account.Roles = append(account.Roles, sim.Role{Name: r.Name, Trust: trust, Policies: policies})
		}
		accounts[a.ID] = account
	}
	_, err := file.quotas()
	wrong = append(wrong, err)
	return accounts, errors.Join(wrong...)
}

// quotas are the values that apply where AWS's defaults do not.
func (file WorldFile) quotas() (sim.Quotas, error) {
	var applied sim.Quotas
	var wrong []error
	if file.EndpointsPerVPC != 0 {
		wrong = append(wrong, applied.Apply("", "", sim.QuotasOfVPC, sim.QuotaInterfaceEndpoints, file.EndpointsPerVPC))
	}
	for i, account := range file.Accounts {
		for region, infrastructure := range account.Regions {
			for j, q := range infrastructure.Quotas {
				if err := applied.Apply(account.ID, region, q.Service, q.Code, q.Value); err != nil {
					wrong = append(wrong, fmt.Errorf("world file: accounts[%d].regions.%s.quotas[%d]: %w", i, region, j, err))
				}
			}
		}
	}
	return applied, errors.Join(wrong...)
}

// trustPolicy is the role's, be it given in full or in short.
func (r WorldRole) trustPolicy() (*policy.Document, error) {
	switch {
	case r.TrustPolicy != "":
		return policy.Parse(policy.Trust, string(r.TrustPolicy))
	case len(r.Trust) > 0:
		return policy.Parse(policy.Trust, string(shortTrust(r.Trust, r.ExternalID)))
	}
	return &policy.Document{}, nil // nobody, which is reported elsewhere
}

// AgreedID is the external ID that whoever assumes the role must give: the ExternalID, or the one that its trust
// policy asks for; "" when it asks for none, or cannot be read.
func (r WorldRole) AgreedID() string {
	trust, err := r.trustPolicy()
	if err != nil {
		return ""
	}
	return trust.Required("sts:ExternalId")
}

// limits are the documented buckets with the file's own in their place.
func (b RequestBuckets) limits() map[string]buckets.Service {
	limits := buckets.Documented()
	maps.Copy(limits, b.Services)
	return limits
}
