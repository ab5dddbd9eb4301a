package link

// WithDefaults returns the spec with every documented default filled in. The spec itself is left as it is,
// and a second time changes nothing more.
func (s EndpointServiceSpec) WithDefaults() EndpointServiceSpec {
	if s.AWS != nil {
		aws := s.AWS.withDefaults()
		s.AWS = &aws
	}
	if s.Publish != nil && s.Publish.SSMParameter != nil {
		parameter := *s.Publish.SSMParameter
		fill(&parameter.Region, s.Region)
		s.Publish = &Publish{SSMParameter: &parameter}
	}
	// Where nothing is to be accepted, nothing is to be approved.
	if s.AWS == nil || *s.AWS.AcceptanceRequired {
		policy := ApprovalPolicy{}
		if s.Approval != nil {
			policy = *s.Approval
		}
		fill(&policy.Mode, ApproveManually)
		if policy.Timeout != 0 {
			fill(&policy.OnTimeout, TimeoutWait)
		}
		if policy.Mode == ApproveManually {
			fill(&policy.Proof, ProofNone)
			if policy.Approvers == nil {
				policy.Approvers = new(int32(1))
			}
		}
		s.Approval = &policy
	}
	return s
}

func (s AWSEndpointService) withDefaults() AWSEndpointService {
	if s.AcceptanceRequired == nil {
		required := true
		s.AcceptanceRequired = &required
	}
	if len(s.IPAddressTypes) == 0 {
		s.IPAddressTypes = []IPAddressType{IPv4}
	}
	return s
}

// WithDefaults returns the spec with every documented default filled in. The spec itself is left as it is,
// and a second time changes nothing more.
func (s ConnectionSpec) WithDefaults() ConnectionSpec {
	fill(&s.DNS.Mode, DNSNone)
	if s.Ingress != nil {
		ingress := *s.Ingress
		fill(&ingress.Account, s.Account)
		s.Ingress = &ingress
	}
	return s
}

// fill sets what is empty.
func fill[T ~string](field *T, value T) {
	if *field == "" {
		*field = value
	}
}
