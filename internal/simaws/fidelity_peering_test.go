package simaws

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

const (
	peeringLife   = `Amazon VPC Peering Guide, "VPC peering connection lifecycle"`
	acceptPeering = `Amazon VPC Peering Guide, "Accept or reject a VPC peering connection"`
)

// requestPeering has the consumer ask for a connection with a VPC of the provider.
func (tc testCloud) requestPeering(changes ...func(*awsec2.CreateVpcPeeringConnectionInput)) *types.VpcPeeringConnection {
	tc.t.Helper()
	in := &awsec2.CreateVpcPeeringConnectionInput{
		VpcId: aws.String(tc.id("consumer", "vpc", "main")), PeerVpcId: aws.String(tc.id("provider", "vpc", "main")), PeerOwnerId: aws.String(provider),
	}
	for _, change := range changes {
		change(in)
	}
	return must(tc.ec2Of(consumer).CreateVpcPeeringConnection(tc.t.Context(), in))(tc.t).VpcPeeringConnection
}

// peered is an active connection of the two.
func (tc testCloud) peered() *string {
	tc.t.Helper()
	id := tc.requestPeering().VpcPeeringConnectionId
	tc.advance(time.Minute)
	must(tc.ec2Of(provider).AcceptVpcPeeringConnection(tc.t.Context(), &awsec2.AcceptVpcPeeringConnectionInput{VpcPeeringConnectionId: id}))(tc.t)
	tc.advance(time.Minute)
	return id
}

// peering is how an account sees a connection, "" when it does not.
func (tc testCloud) peering(account string, id *string) string {
	tc.t.Helper()
	out := must(tc.ec2Of(account).DescribeVpcPeeringConnections(tc.t.Context(), &awsec2.DescribeVpcPeeringConnectionsInput{
		Filters: []types.Filter{{Name: aws.String("vpc-peering-connection-id"), Values: []string{*id}}}}))(tc.t)
	if len(out.VpcPeeringConnections) == 0 {
		return ""
	}
	return string(out.VpcPeeringConnections[0].Status.Code)
}

// A connection goes through the documented states, and remains visible for a while when it is over: two hours to who
// ended it, two days to the other; a request that failed, two hours to the requester (peeringLife).
func TestFidelityTheLifeOfAPeeringConnection(t *testing.T) {
	const minute = time.Minute
	remove := func(account string) func(testCloud, *string) {
		return func(tc testCloud, id *string) {
			must(tc.ec2Of(account).DeleteVpcPeeringConnection(tc.t.Context(), &awsec2.DeleteVpcPeeringConnectionInput{VpcPeeringConnectionId: id}))(tc.t)
		}
	}
	accept := func(tc testCloud, id *string) {
		must(tc.ec2Of(provider).AcceptVpcPeeringConnection(tc.t.Context(), &awsec2.AcceptVpcPeeringConnectionInput{VpcPeeringConnectionId: id}))(tc.t)
	}
	reject := func(tc testCloud, id *string) {
		must(tc.ec2Of(provider).RejectVpcPeeringConnection(tc.t.Context(), &awsec2.RejectVpcPeeringConnectionInput{VpcPeeringConnectionId: id}))(tc.t)
	}
	wait := func(d time.Duration) func(testCloud, *string) { return func(tc testCloud, _ *string) { tc.advance(d) } }
	type seen struct {
		then                func(testCloud, *string)
		requester, accepter string
	}
	asked := []seen{{wait(0), "initiating-request", ""}, {wait(minute), "pending-acceptance", "pending-acceptance"}}
	active := append(asked, seen{accept, "provisioning", "provisioning"}, seen{wait(minute), "active", "active"})
	for _, life := range []struct {
		name   string
		change func(testCloud, *awsec2.CreateVpcPeeringConnectionInput)
		states []seen
	}{
		{"when the requester deletes it, the accepter sees that for longer", nil, append(active[:4:4],
			seen{remove(consumer), "deleted", "deleted"}, seen{wait(3 * time.Hour), "", "deleted"}, seen{wait(48 * time.Hour), "", ""})},
		{"when the accepter deletes it, the requester sees that for longer", nil, append(active[:4:4],
			seen{remove(provider), "deleted", "deleted"}, seen{wait(3 * time.Hour), "deleted", ""}, seen{wait(48 * time.Hour), "", ""})},
		{"when the requester withdraws it, it is deleted", nil, append(asked[:2:2], seen{remove(consumer), "deleted", "deleted"})},
		{"when it is rejected, the requester sees that for longer", nil, append(asked[:2:2],
			seen{reject, "rejected", "rejected"}, seen{wait(3 * time.Hour), "rejected", ""})},
		{"when nobody accepts it for a week, it is expired", nil, append(asked[:2:2],
			seen{wait(167 * time.Hour), "pending-acceptance", "pending-acceptance"}, seen{wait(2 * time.Hour), "expired", "expired"}, seen{wait(48 * time.Hour), "", ""})},
		{"when the account is the wrong one, it fails", func(_ testCloud, in *awsec2.CreateVpcPeeringConnectionInput) { in.PeerOwnerId = aws.String(stranger) },
			[]seen{{wait(minute), "failed", ""}, {wait(3 * time.Hour), "", ""}}},
		{"when the addresses overlap, it fails", func(tc testCloud, in *awsec2.CreateVpcPeeringConnectionInput) {
			overlapping := must(tc.ec2Of(provider).CreateVpc(tc.t.Context(), &awsec2.CreateVpcInput{CidrBlock: aws.String("10.1.128.0/20")}))(tc.t)
			in.PeerVpcId = overlapping.Vpc.VpcId
		}, []seen{{wait(minute), "failed", ""}}},
	} {
		t.Run(life.name, func(t *testing.T) {
			tc := startCloud(t)
			tc.t = t
			id := tc.requestPeering(func(in *awsec2.CreateVpcPeeringConnectionInput) {
				if life.change != nil {
					life.change(tc, in)
				}
			}).VpcPeeringConnectionId
			for i, step := range life.states {
				step.then(tc, id)
				if requester, accepter := tc.peering(consumer, id), tc.peering(provider, id); requester != step.requester || accepter != step.accepter {
					t.Fatalf("at step %d they see %q and %q, want %q and %q (%s)", i, requester, accepter, step.requester, step.accepter, peeringLife)
				}
			}
		})
	}
}

// Each party has its own tags; what the accepter's addresses are is shown when he has accepted; a second request in the
// same direction returns the first (VpcPeeringConnection, examples of CreateVpcPeeringConnection and its acceptance).
func TestFidelityWhatThePartiesOfAPeeringConnectionSee(t *testing.T) {
	tc := startCloud(t)
	ctx := t.Context()
	config, wire := tc.taped(consumer)
	made := tc.requestPeering(func(in *awsec2.CreateVpcPeeringConnectionInput) {
		in.TagSpecifications = named(types.ResourceTypeVpcPeeringConnection, "mine")
	})
	if made.AccepterVpcInfo.CidrBlock != nil || *made.RequesterVpcInfo.CidrBlock != "10.1.0.0/16" || made.ExpirationTime == nil || *made.Status.Message != "Initiating Request to "+provider {
		t.Errorf("the SDK has the request %+v", made)
	}
	tc.advance(time.Minute)
	if again := tc.requestPeering(); *again.VpcPeeringConnectionId != *made.VpcPeeringConnectionId {
		t.Error("a second request is another one")
	}
	must(tc.ec2Of(provider).CreateTags(ctx, &awsec2.CreateTagsInput{Resources: []string{*made.VpcPeeringConnectionId}, Tags: []types.Tag{{Key: aws.String("theirs"), Value: aws.String("")}}}))(t)
	accepted := must(tc.ec2Of(provider).AcceptVpcPeeringConnection(ctx, &awsec2.AcceptVpcPeeringConnectionInput{VpcPeeringConnectionId: made.VpcPeeringConnectionId}))(t).VpcPeeringConnection
	if len(accepted.Tags) != 1 || *accepted.Tags[0].Key != "theirs" || *accepted.AccepterVpcInfo.CidrBlock != "10.0.0.0/16" {
		t.Errorf("the SDK has accepted %+v", accepted)
	}
	tc.advance(time.Minute)
	for filter, value := range map[string]string{
		"tag:Name": "mine", "status-code": "active", "requester-vpc-info.owner-id": consumer, "accepter-vpc-info.vpc-id": tc.id("provider", "vpc", "main"),
	} {
		found := must(awsec2.NewFromConfig(config).DescribeVpcPeeringConnections(ctx, &awsec2.DescribeVpcPeeringConnectionsInput{
			Filters: []types.Filter{{Name: &filter, Values: []string{value}}}}))(t).VpcPeeringConnections
		wire.has(t, "<status><code>active</code><message>Active</message></status>", "<cidrBlockSet><item><cidrBlock>10.0.0.0/16</cidrBlock></item></cidrBlockSet>")
		if len(found) != 1 {
			t.Errorf("by the filter %s there are %d", filter, len(found))
		}
	}
	if tc.peering(stranger, made.VpcPeeringConnectionId) != "" {
		t.Error("a stranger sees it")
	}
}

// decidingOn has an account accept, or delete, a connection that the consumer has asked for.
func decidingOn(decide func(context.Context, *awsec2.Client, *string) error, changes ...func(testCloud, *awsec2.CreateVpcPeeringConnectionInput)) func(context.Context, testCloud, aws.Config) error {
	return func(ctx context.Context, tc testCloud, c aws.Config) error {
		p := tc.requestPeering(func(in *awsec2.CreateVpcPeeringConnectionInput) {
			for _, change := range changes {
				change(tc, in)
			}
		})
		tc.advance(time.Minute)
		return decide(ctx, awsec2.NewFromConfig(c), p.VpcPeeringConnectionId)
	}
}

func accepting(ctx context.Context, client *awsec2.Client, id *string) error {
	_, err := client.AcceptVpcPeeringConnection(ctx, &awsec2.AcceptVpcPeeringConnectionInput{VpcPeeringConnectionId: id})
	return err
}

func deleting(ctx context.Context, client *awsec2.Client, id *string) error {
	_, err := client.DeleteVpcPeeringConnection(ctx, &awsec2.DeleteVpcPeeringConnectionInput{VpcPeeringConnectionId: id})
	return err
}

func TestFidelityWhatPeeringConnectionsRefuse(t *testing.T) {
	toStranger := func(_ testCloud, in *awsec2.CreateVpcPeeringConnectionInput) { in.PeerOwnerId = aws.String(stranger) }
	inIreland := func(c aws.Config) aws.Config { c.Region = "eu-west-1"; return c }
	for _, fact := range []struct {
		account string
		refusal
	}{
		{consumer, refusal{"when the requester accepts it, it is OperationNotPermitted", acceptPeering, decidingOn(accepting), 400, "OperationNotPermitted", "cannot accept"}},
		{provider, refusal{"when it is accepted in another Region, it is OperationNotPermitted", acceptPeering, func(ctx context.Context, tc testCloud, c aws.Config) error {
			return decidingOn(accepting)(ctx, tc, inIreland(c))
		}, 400, "OperationNotPermitted", "must be accepted in region us-east-1"}},
		{consumer, refusal{"when it has failed, it cannot be deleted", peeringLife, decidingOn(deleting, toStranger), 400, "InvalidStateTransition", "from failed to deleting"}},
		{provider, refusal{"when it waits for acceptance, the accepter cannot delete it", peeringLife, decidingOn(deleting), 400, "InvalidStateTransition", "from pending-acceptance"}},
		{provider, refusal{"when it is active, it cannot be accepted again", ec2Errors, func(ctx context.Context, tc testCloud, c aws.Config) error {
			return accepting(ctx, awsec2.NewFromConfig(c), tc.peered())
		}, 400, "InvalidStateTransition", "from active"}},
		{consumer, refusal{"when there is one in the other direction, it is VpcPeeringConnectionAlreadyExists", ec2Errors, func(ctx context.Context, tc testCloud, c aws.Config) error {
			tc.peered()
			back := must(tc.ec2Of(provider).CreateVpcPeeringConnection(ctx, &awsec2.CreateVpcPeeringConnectionInput{
				VpcId: aws.String(tc.id("provider", "vpc", "main")), PeerVpcId: aws.String(tc.id("consumer", "vpc", "main")), PeerOwnerId: aws.String(consumer)}))(tc.t)
			tc.advance(time.Minute)
			return accepting(ctx, awsec2.NewFromConfig(c), back.VpcPeeringConnection.VpcPeeringConnectionId)
		}, 400, "VpcPeeringConnectionAlreadyExists", "already exists"}},
		{stranger, refusal{"when it is others', it is InvalidVpcPeeringConnectionID.NotFound", ec2Errors, decidingOn(accepting), 400, "InvalidVpcPeeringConnectionID.NotFound", "pcx-"}},
		{consumer, refusal{"when the requester VPC is missing, it is InvalidVpcID.NotFound", ec2Errors, func(ctx context.Context, tc testCloud, c aws.Config) error {
			_, err := awsec2.NewFromConfig(c).CreateVpcPeeringConnection(ctx, &awsec2.CreateVpcPeeringConnectionInput{VpcId: aws.String("vpc-1"), PeerVpcId: aws.String(tc.id("provider", "vpc", "main"))})
			return err
		}, 400, "InvalidVpcID.NotFound", "vpc-1"}},
	} {
		fact.check(t, fact.account, inQuery)
	}
	full := refusal{"when the VPC has as many as it may, it is ActiveVpcPeeringConnectionPerVpcLimitExceeded", ec2Errors, decidingOn(accepting), 400, "ActiveVpcPeeringConnectionPerVpcLimitExceeded", "vpc-"}
	full.check(t, provider, inQuery, withQuota(provider, "L-7E9ECCDB", 0))
	outstanding := refusal{"when too many requests wait, it is OutstandingVpcPeeringConnectionLimitExceeded", ec2Errors, func(ctx context.Context, tc testCloud, c aws.Config) error {
		tc.requestPeering()
		_, err := awsec2.NewFromConfig(c).CreateVpcPeeringConnection(ctx, &awsec2.CreateVpcPeeringConnectionInput{
			VpcId: aws.String(tc.id("consumer", "vpc", "plain")), PeerVpcId: aws.String(tc.id("consumer", "vpc", "main"))})
		return err
	}, 400, "OutstandingVpcPeeringConnectionLimitExceeded", ""}
	outstanding.check(t, consumer, inQuery, withQuota(consumer, "L-DC9F7029", 1))
}

// Between Regions a connection is accepted in the accepter's, and deleting takes a while (peeringLife).
func TestFidelityPeeringAcrossRegions(t *testing.T) {
	tc := startCloud(t)
	ctx := t.Context()
	config := tc.config(provider)
	config.Region = "eu-west-1"
	far := awsec2.NewFromConfig(config)
	vpc := must(far.CreateVpc(ctx, &awsec2.CreateVpcInput{CidrBlock: aws.String("10.200.0.0/16")}))(t).Vpc
	id := tc.requestPeering(func(in *awsec2.CreateVpcPeeringConnectionInput) {
		in.PeerVpcId, in.PeerRegion = vpc.VpcId, aws.String("eu-west-1")
	}).VpcPeeringConnectionId
	tc.advance(time.Minute)
	wantError(t, accepting(ctx, tc.ec2Of(provider), id), "OperationNotPermitted")
	if err := accepting(ctx, far, id); err != nil {
		t.Fatal(err)
	}
	tc.advance(time.Minute)
	theirs := must(far.CreateSecurityGroup(ctx, &awsec2.CreateSecurityGroupInput{VpcId: vpc.VpcId, GroupName: aws.String("a"), Description: aws.String("a")}))(t).GroupId
	_, err := tc.allowIn(tc.group("mine"), fromGroup(*theirs, provider)) // which no rule can refer to from another Region
	wantError(t, err, "InvalidGroup.NotFound")
	if here, there := tc.peering(consumer, id), tc.peering(provider, id); here != "active" || there != "" {
		t.Errorf("in the requester's Region they see %q and %q", here, there)
	}
	if err := deleting(ctx, far, id); err != nil {
		t.Fatal(err)
	}
	if got := tc.peering(consumer, id); got != "deleting" {
		t.Errorf("it is %s", got)
	}
	tc.advance(time.Minute)
	if got := tc.peering(consumer, id); got != "deleted" {
		t.Errorf("afterwards it is %s", got)
	}
}

// The group of a peered VPC can be referred to, by its owner's account; the rule stays when the connection is gone, and
// shows it (Amazon VPC Peering Guide, "Work with stale security group rules").
func TestFidelityGroupsOfPeeredVPCs(t *testing.T) {
	tc := startCloud(t)
	ctx := t.Context()
	id := tc.peered()
	theirs := must(tc.ec2Of(provider).CreateSecurityGroup(ctx, &awsec2.CreateSecurityGroupInput{
		VpcId: aws.String(tc.id("provider", "vpc", "main")), GroupName: aws.String("a"), Description: aws.String("a")}))(t).GroupId
	mine := tc.group("mine")
	_, err := tc.allowIn(mine, fromGroup(*theirs, stranger))
	wantError(t, err, "InvalidGroup.NotFound")
	must(tc.allowIn(mine, fromGroup(*theirs, provider)))(t)
	for _, want := range []string{"active", "deleted"} {
		groups := must(tc.ec2Of(consumer).DescribeSecurityGroups(ctx, &awsec2.DescribeSecurityGroupsInput{GroupIds: []string{*mine}}))(t).SecurityGroups
		pair := groups[0].IpPermissions[0].UserIdGroupPairs[0]
		if *pair.UserId != provider || *pair.VpcPeeringConnectionId != *id || *pair.PeeringStatus != want || *pair.VpcId != tc.id("provider", "vpc", "main") {
			t.Errorf("while it is %s, the SDK has %+v", want, pair)
		}
		if want == "active" {
			if err := deleting(ctx, tc.ec2Of(provider), id); err != nil {
				t.Fatal(err)
			}
		}
	}
	must(tc.ec2Of(provider).DeleteSecurityGroup(ctx, &awsec2.DeleteSecurityGroupInput{GroupId: theirs}))(t)
}
