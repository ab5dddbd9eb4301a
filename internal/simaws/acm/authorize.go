package acm

import (
	"encoding/json"

	"github.com/linkwright/linkwright/internal/simaws/policy"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// asked is what the requests say about whom and what they ask for, in all actions' words.
type asked struct {
	CertificateArn string
	certificateRequest
}

// need tells which permissions a request needs.
type need func(s *Service, r *sim.Request, a asked) []sim.Need

// needs are those of each action (Service Authorization Reference, "Actions, resources, and condition keys for AWS
// Certificate Manager").
func needs() map[string]need {
	return map[string]need{
		"RequestCertificate":        requests,
		"DescribeCertificate":       onCertificate,
		"ListCertificates":          anywhere,
		"DeleteCertificate":         onCertificate,
		"AddTagsToCertificate":      onTags,
		"RemoveTagsFromCertificate": onTags,
		"ListTagsForCertificate":    onCertificate,
	}
}

// Permissions implements sim.Service.
func (s *Service) Permissions() sim.Permissions {
	p := sim.Permissions{Needs: map[string]func(*sim.Request) ([]sim.Need, error){}}
	for action, need := range needs() {
		p.Needs[action] = func(r *sim.Request) ([]sim.Need, error) {
			var a asked
			if err := json.Unmarshal(r.Body, &a); err != nil {
				return anywhere(s, r, a), nil // the action itself says what is wrong with the request
			}
			return need(s, r, a), nil
		}
	}
	return p
}

func anywhere(_ *Service, r *sim.Request, _ asked) []sim.Need { return sim.Anywhere("acm", r) }

func onCertificate(s *Service, r *sim.Request, a asked) []sim.Need {
	if a.CertificateArn == "" {
		return anywhere(s, r, a)
	}
	need := sim.Need{Action: "acm:" + r.Action, Resource: a.CertificateArn, Context: policy.Context{}}
	if c, err := s.find(r, a.CertificateArn); err == nil {
		need.Context.SetTags("aws:ResourceTag/", c.Tags)
	}
	return []sim.Need{need}
}

func onTags(s *Service, r *sim.Request, a asked) []sim.Need {
	needs := onCertificate(s, r, a)
	for i := range needs {
		needs[i].Context = needs[i].Context.With(requestTags(a))
	}
	return needs
}

// requests is the need of RequestCertificate, with the condition keys of the User Guide ("Use condition keys with ACM").
// That tags in the request need the permission to tag is assumed, as it is so wherever AWS says.
func requests(_ *Service, r *sim.Request, a asked) []sim.Need {
	context := requestTags(a)
	context.Set("acm:DomainNames", append([]string{a.DomainName}, a.SubjectAlternativeNames...)...)
	for key, value := range map[string]string{
		"ValidationMethod": a.ValidationMethod, "KeyAlgorithm": a.KeyAlgorithm, "CertificateAuthority": a.CertificateAuthorityArn,
		"CertificateTransparencyLogging": a.Options.CertificateTransparencyLoggingPreference,
	} {
		if value != "" {
			context.Set("acm:"+key, value)
		}
	}
	needs := []sim.Need{{Action: "acm:RequestCertificate", Resource: "*", Context: context}}
	if len(a.Tags) > 0 {
		needs = append(needs, sim.Need{Action: "acm:AddTagsToCertificate", Resource: arnPrefix(r) + "*", Context: requestTags(a)})
	}
	return needs
}

// requestTags are the condition keys of the tags in a request.
func requestTags(a asked) policy.Context {
	context := policy.Context{}
	var keys []string
	for _, t := range a.Tags {
		keys = append(keys, t.Key)
		if t.Value != nil {
			context.Set("aws:RequestTag/"+t.Key, *t.Value)
		}
	}
	context.Set("aws:TagKeys", keys...)
	return context
}
