package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// leaveGrace is how long a withdrawal waits for its connections to take themselves down, before it turns
// away what remains: a consumer whose account is out of reach must not keep the service for ever.
const leaveGrace = 15 * time.Minute

// publish makes the service, as specified.
func (s *service) publish(ctx workflow.Context) (link.Phase, error) {
	if err := knowAccount(ctx, &s.flow, s.Spec.Account); err != nil {
		return "", err
	}
	s.Asked = true
	request := s.ensureRequest()
	request.Narrow = s.narrow()
	seen, err := do(ctx, &s.flow, s.Spec.Account, activities.Provider.EnsureService, request)
	if err != nil {
		return "", err
	}
	s.observe(ctx, seen)
	if err := s.dropStaleProof(ctx); err != nil {
		return "", err
	}
	return link.VerifyingDomain, nil
}

// ensureRequest is about the service of the spec.
func (s *service) ensureRequest() activities.EnsureServiceRequest {
	return activities.EnsureServiceRequest{Place: s.place(), Owner: s.owner, Name: s.in.Name, Spec: s.Spec, Known: s.Service.ID}
}

// verifyDomain proves that the provider owns the private DNS name, and writes the service's name down for
// consumers.
func (s *service) verifyDomain(ctx workflow.Context) (link.Phase, error) {
	if err := s.seeConnections(ctx); err != nil {
		return "", err
	}
	if err := s.subscribe(ctx); err != nil {
		return "", err
	}
	for s.Service.Domain != nil && s.Service.Domain.State != activities.DomainVerified {
		if err := s.prove(ctx); err != nil {
			return "", err
		}
	}
	if zone := s.verification().Route53; zone != nil && s.Service.Domain != nil && s.mends(link.DriftProof) {
		if err := s.writeProof(ctx, *zone, s.Service.Domain.Proof); err != nil {
			return "", err
		}
	}
	if err := s.publishName(ctx); err != nil {
		return "", err
	}
	return link.Serving, nil
}

// seeConnections looks at the connections before the Watch is asked to, which could only say itself what keeps it from
// looking: here the flow is blocked, and its people know.
func (s *service) seeConnections(ctx workflow.Context) error {
	if !s.since(ctx, "see-connections-first") {
		return nil
	}
	all, err := do(ctx, &s.flow, s.Spec.Account, activities.Provider.ListConnections, s.request())
	if err != nil {
		return s.judge(err)
	}
	s.Seen = all
	s.news++
	return nil
}

// prove writes the proof, makes sure that the world can see it, and has the cloud look for it.
func (s *service) prove(ctx workflow.Context) error {
	domain := *s.Service.Domain
	s.condition(ctx, link.DomainVerified, false, string(domain.State),
		fmt.Sprintf("TXT %s must hold %s", domain.Proof.Name, domain.Proof.Value))
	sighting, err := s.showProof(ctx, domain.Proof)
	if err != nil {
		return err
	}
	if !sighting.Seen {
		s.condition(ctx, link.DomainVerified, false, "ProofNotSeen", sighting.Note+"; asking the cloud to look all the same")
	}
	seen, err := do(ctx, &s.flow, s.Spec.Account, activities.Provider.StartVerification, s.request())
	if err != nil {
		return s.judge(err)
	}
	if d := s.Service.Domain; d != nil && *d == domain { // else the Watch has seen more meanwhile, and tells it only once
		s.observe(ctx, seen)
	}
	started := workflow.Now(ctx)
	heed := s.since(ctx, "heed-a-lost-service")
	lost := func() bool { return heed && s.Service.State.Over() } // then there will be no verdict
	verdict := func() bool {
		d := s.Service.Domain
		return lost() || d == nil || d.State != activities.DomainUnverified || d.Proof != domain.Proof
	}
	_, err = s.wait(ctx, link.Waiting{For: "the domain to be verified", Until: started.Add(verdictWithin)}, verdict, s.look)
	switch {
	case err != nil:
		return err
	case lost():
		return errTurned
	}
	if d := s.Service.Domain; d != nil && d.State == activities.DomainFailed && d.Proof == domain.Proof {
		return s.block(ctx, link.Problem{
			Reason: link.ReasonVerificationFailed, Account: s.Spec.Account, Region: s.Spec.Region,
			Message: fmt.Sprintf("the cloud looked for TXT %s and did not find %s", domain.Proof.Name, domain.Proof.Value),
			Remedy:  "make the record visible on the domain's public name servers; Linkwright asks for verification again by itself, or at once with linkwright retry",
		}, 0)
	}
	return nil
}

// showProof writes the record, where it is ours to write, and looks whether the world can see it. A record that stays
// away is written again before the next look: somebody may have taken it out.
func (s *service) showProof(ctx workflow.Context, record activities.Record) (activities.RecordSighting, error) {
	zone := s.verification().Route53
	tries := 0
	return persist(ctx, &s.flow, func() (activities.RecordSighting, error) {
		tries++
		if zone != nil && (tries == 1 || s.since(ctx, "write a missing proof again")) {
			if err := s.writeProof(ctx, *zone, record); err != nil {
				return activities.RecordSighting{}, err
			}
		}
		return resolve(ctx, &s.flow, activities.Resolver.FindRecord, activities.FindRecordRequest{Record: record, ByHand: zone == nil})
	})
}

func (s *service) writeProof(ctx workflow.Context, zone link.Route53Zone, record activities.Record) error {
	s.Proof = &proof{Account: zone.Account, ZoneID: zone.ZoneID, Record: record} // written down before it is made
	written, err := do(ctx, &s.flow, zone.Account, activities.Zones.EnsureRecord, s.Proof.request(s.Spec.Region))
	if err != nil {
		return err
	}
	s.Proof.ZoneID = written.ZoneID
	s.Status.AddResource(link.Resource{
		Kind: link.KindTXTRecord, ID: record.Name, Account: zone.Account, Detail: "zone " + written.ZoneName,
	})
	return nil
}

// verdictWithin is how long the cloud may take to look for a proof before it is asked again.
const verdictWithin = 30 * time.Minute

// publishName writes the service's name down where the spec says, and nowhere else any more.
func (s *service) publishName(ctx workflow.Context) error {
	var want *link.SSMParameter
	if s.Spec.Publish != nil {
		want = s.Spec.Publish.SSMParameter
	}
	if old := s.Parameter; old != nil && (want == nil || *old != *want) {
		if err := s.withdrawName(ctx); err != nil {
			return err
		}
	}
	if want == nil {
		return nil
	}
	s.Parameter = want // written down before it is made
	if err := effect(ctx, &s.flow, want.Account, activities.Names.PublishName, s.nameRequest()); err != nil {
		return err
	}
	s.Status.AddResource(link.Resource{Kind: link.KindParameter, ID: want.Name, Account: want.Account, Region: want.Region, Detail: s.Service.Name})
	s.condition(ctx, link.NamePublished, true, "Published", want.Name)
	return nil
}

// serve lets consumers in, until something about the service itself changes.
func (s *service) serve(ctx workflow.Context) (link.Phase, error) {
	s.announce(ctx)
	for {
		news := s.news
		if err := s.welcome(ctx); err != nil {
			return "", err
		}
		if s.revision < brief { // these runs miss what comes while they welcome
			news = s.news
		}
		asked := s.askedToRepair()
		what := link.Waiting{Until: s.nextWelcome()}
		if asked != "" {
			what = s.asksFor(ctx, what.Until)
		}
		if _, err := s.wait(ctx, what, func() bool {
			return s.news != news || s.disturbed() || s.mending() || s.askedToRepair() != asked
		}, s.look); err != nil {
			return "", err
		}
		switch {
		case s.mending():
			return link.Publishing, nil
		case s.Service.State.Over() && s.mayRepair(ctx, link.DriftServiceGone, "it is "+string(s.Service.State)):
			return link.Publishing, nil
		case s.unproven() && s.mayRepair(ctx, link.DriftVerification, s.Service.Domain.Name+" is no longer verified"):
			return link.VerifyingDomain, nil
		}
	}
}

// withdraw takes the service down: its connections first, then what remains of their requests, then the
// service, its proof and its published name.
func (s *service) withdraw(ctx workflow.Context) (link.Phase, error) {
	if err := s.dismiss(ctx); err != nil {
		return "", err
	}
	if _, err := s.wait(ctx, link.Waiting{
		For: "the connections to be taken down", Details: s.memberNames(), Until: s.Status.Since.Add(leaveGrace),
	}, func() bool { return len(s.Members) == 0 }, nil); err != nil {
		return "", err
	}
	if err := s.rejectRemaining(ctx); err != nil {
		return "", err
	}
	if s.Asked {
		if err := effect(ctx, &s.flow, s.Spec.Account, activities.Provider.RemoveService, activities.RemoveServiceRequest{
			Place: s.place(), Owner: s.owner, ServiceID: s.Service.ID, Existing: s.Spec.ExistingService() != "",
		}); err != nil {
			return "", err
		}
	}
	if err := s.removeProof(ctx); err != nil {
		return "", err
	}
	if err := s.withdrawName(ctx); err != nil {
		return "", err
	}
	if err := s.unsubscribe(ctx); err != nil {
		return "", err
	}
	// Last, when no news from the Watch can bring it back.
	s.Status.DropResources(s.Spec.Cloud().ServiceKind())
	s.Status.DropResources(link.KindFlow)
	s.settleConditions(ctx, string(link.Withdrawn))
	return link.Withdrawn, nil
}

// rejectRemaining turns away every endpoint that is still connected or waiting.
func (s *service) rejectRemaining(ctx workflow.Context) error {
	if s.Service.ID == "" {
		return nil
	}
	all, err := do(ctx, &s.flow, s.Spec.Account, activities.Provider.ListConnections, s.request())
	if activities.IsGone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, one := range all {
		if one.State.Over() {
			continue
		}
		err := effect(ctx, &s.flow, s.Spec.Account, activities.Provider.RejectConnection, activities.ConnectionRequest{
			Place: s.place(), ServiceID: s.Service.ID, Endpoint: one.Endpoint, EndpointOwner: one.Owner, Link: one.Link,
		})
		if err != nil && !activities.IsGone(err) {
			return err
		}
	}
	return nil
}

// dropStaleProof removes the record of a proof that is asked for no longer.
func (s *service) dropStaleProof(ctx workflow.Context) error {
	if s.Proof == nil || (s.Service.Domain != nil && s.Service.Domain.Proof == s.Proof.Record) {
		return nil
	}
	return s.removeProof(ctx)
}

func (s *service) removeProof(ctx workflow.Context) error {
	if s.Proof == nil {
		return nil
	}
	if err := effect(ctx, &s.flow, s.Proof.Account, activities.Zones.RemoveRecord, s.Proof.request(s.Spec.Region)); err != nil {
		return err
	}
	s.Proof = nil
	s.Status.DropResources(link.KindTXTRecord)
	return nil
}

func (s *service) withdrawName(ctx workflow.Context) error {
	if s.Parameter == nil {
		return nil
	}
	if err := effect(ctx, &s.flow, s.Parameter.Account, activities.Names.WithdrawName, s.nameRequest()); err != nil {
		return err
	}
	s.Parameter = nil
	s.Status.DropResources(link.KindParameter)
	s.condition(ctx, link.NamePublished, false, "Withdrawn", "")
	return nil
}

func (p *proof) request(region string) activities.RecordRequest {
	return activities.RecordRequest{
		Place: activities.Place{Account: p.Account, Region: region}, ZoneID: p.ZoneID, Record: p.Record,
	}
}

func (s *service) nameRequest() activities.NameRequest {
	return activities.NameRequest{
		Place: activities.Place{Account: s.Parameter.Account, Region: s.Parameter.Region},
		Owner: s.owner, Parameter: s.Parameter.Name, Value: s.Service.Name,
	}
}

func (s *service) request() activities.ServiceRequest {
	return activities.ServiceRequest{Place: s.place(), ServiceID: s.Service.ID}
}

// verification is how the spec wants the proof made.
func (s *service) verification() link.DomainVerification {
	if dns := s.Spec.PrivateDNS(); dns != nil {
		return dns.Verification
	}
	return link.DomainVerification{}
}
