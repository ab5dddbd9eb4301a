package servicequotas

import (
	"fmt"
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/awsjson"
	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// wireQuota is a quota on the wire. Value is a decimal there, with the point even when it is whole.
type wireQuota struct {
	Adjustable          bool
	GlobalQuota         bool
	QuotaAppliedAtLevel string
	QuotaArn            string
	QuotaCode           string
	QuotaName           string
	ServiceCode         string
	ServiceName         string
	Unit                string
	Value               decimal
}

type decimal float64

// MarshalJSON writes 50 as 50.0.
func (d decimal) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, "%.1f", float64(d)), nil }

// serviceNames are those that Service Quotas shows (ListServices).
var serviceNames = map[string]string{
	sim.QuotasOfVPC: "Amazon Virtual Private Cloud (Amazon VPC)",
	sim.QuotasOfELB: "Elastic Load Balancing (ELB)",
	sim.QuotasOfACM: "AWS Certificate Manager (ACM)",
	sim.QuotasOfWAF: "AWS WAF",
}

// wire is a quota as the caller sees it. The ARN of a default has no account (Service Quotas API Reference,
// GetAWSDefaultServiceQuota, example).
func (s *Service) wire(r *sim.Request, q sim.Quota, applied bool) wireQuota {
	account, value := "", q.Default
	if applied {
		account, value = r.Caller.AccountID, s.world.Quotas.Value(r.Caller.AccountID, r.Region, q.Service, q.Code)
	}
	return wireQuota{
		Adjustable: q.Adjustable, QuotaAppliedAtLevel: "ACCOUNT", QuotaArn: quotaARN(r, account, q.Service, q.Code),
		QuotaCode: q.Code, QuotaName: q.Name, ServiceCode: q.Service, ServiceName: serviceNames[q.Service],
		Unit: "None", Value: decimal(value),
	}
}

func quotaARN(r *sim.Request, account, service, code string) string {
	return fmt.Sprintf("arn:%s:servicequotas:%s:%s:%s/%s", r.Partition, r.Region, account, service, code)
}

// asked is what the requests say, in all actions' words.
type asked struct {
	ServiceCode string
	QuotaCode   string
	MaxResults  *int
	NextToken   string
}

func (s *Service) getQuota(r *sim.Request) (any, error)   { return s.get(r, true) }
func (s *Service) getDefault(r *sim.Request) (any, error) { return s.get(r, false) }

func (s *Service) listQuotas(r *sim.Request) (any, error)   { return s.list(r, true) }
func (s *Service) listDefaults(r *sim.Request) (any, error) { return s.list(r, false) }

func (s *Service) get(r *sim.Request, applied bool) (any, error) {
	var a asked
	if err := awsjson.Decode(r, &a); err != nil {
		return nil, err
	}
	q, ok := sim.FindQuota(a.ServiceCode, a.QuotaCode)
	switch {
	case a.ServiceCode == "":
		return nil, missing("serviceCode")
	case a.QuotaCode == "":
		return nil, missing("quotaCode")
	case !ok:
		return nil, noSuchQuota()
	}
	return struct{ Quota wireQuota }{s.wire(r, q, applied)}, nil
}

// pageLimits are those of both lists (Service Quotas API Reference, ListServiceQuotas: MaxResults).
var pageLimits = query.Limits{Min: 1, Max: 100, Default: 100}

func (s *Service) list(r *sim.Request, applied bool) (any, error) {
	var a asked
	if err := awsjson.Decode(r, &a); err != nil {
		return nil, err
	}
	size := pageLimits.Default
	if a.MaxResults != nil {
		size = *a.MaxResults
	}
	all := sim.QuotasOf(a.ServiceCode)
	switch {
	case a.ServiceCode == "":
		return nil, missing("serviceCode")
	case size < pageLimits.Min || size > pageLimits.Max:
		return nil, sim.Errorf("IllegalArgumentException", "MaxResults must be between %d and %d.", pageLimits.Min, pageLimits.Max)
	case len(all) == 0:
		return nil, noSuchQuota()
	}
	page, next, err := query.Page(r, all, func(q sim.Quota) int { return slices.Index(all, q) }, size, a.NextToken)
	if err != nil {
		return nil, sim.Errorf("InvalidPaginationTokenException", "The pagination token is invalid.")
	}
	result := struct {
		Quotas    []wireQuota
		NextToken string `json:",omitempty"`
	}{[]wireQuota{}, next}
	for _, q := range page {
		if a.QuotaCode == "" || a.QuotaCode == q.Code { // which only ListServiceQuotas has
			result.Quotas = append(result.Quotas, s.wire(r, q, applied))
		}
	}
	return result, nil
}

func noSuchQuota() *sim.Error {
	return sim.Errorf("NoSuchResourceException", "The request failed because the specified service quota does not exist.")
}

func missing(parameter string) *sim.Error {
	return sim.Errorf("IllegalArgumentException", "1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must not be null", parameter)
}
