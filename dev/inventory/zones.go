package inventory

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// zones are hosted zones, their records, and the VPCs that see the private ones, or may.
func zones(ctx context.Context, cfg aws.Config) (Inventory, error) {
	var all Inventory
	client := route53.NewFromConfig(cfg)
	pages := route53.NewListHostedZonesPaginator(client, &route53.ListHostedZonesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, z := range page.HostedZones {
			found, err := zone(ctx, client, z)
			if err != nil {
				return nil, err
			}
			all = append(all, found...)
		}
	}
	return all, nil
}

// zone is one zone with all that is in it.
func zone(ctx context.Context, client *route53.Client, z r53types.HostedZone) (Inventory, error) {
	item := Item{Kind: Zone, ID: strings.TrimPrefix(aws.ToString(z.Id), "/hostedzone/"), Detail: aws.ToString(z.Name)}
	tags, err := client.ListTagsForResource(ctx, &route53.ListTagsForResourceInput{ResourceId: &item.ID, ResourceType: r53types.TagResourceTypeHostedzone})
	if err != nil {
		return nil, err
	}
	for _, t := range tags.ResourceTagSet.Tags {
		if aws.ToString(t.Key) == ownerTag {
			item.Owner = aws.ToString(t.Value)
		}
	}
	all := Inventory{item}
	sets := route53.NewListResourceRecordSetsPaginator(client, &route53.ListResourceRecordSetsInput{HostedZoneId: z.Id})
	for sets.HasMorePages() {
		page, err := sets.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, set := range page.ResourceRecordSets {
			all = append(all, Item{Kind: Record, ID: aws.ToString(set.Name), Detail: string(set.Type) + " " + values(set)})
		}
	}
	if z.Config == nil || !z.Config.PrivateZone {
		return all, nil
	}
	seen, err := seers(ctx, client, item.ID)
	return append(all, seen...), err
}

// seers are the VPCs that see a private zone, and those that were authorized to.
func seers(ctx context.Context, client *route53.Client, zone string) (Inventory, error) {
	var all Inventory
	out, err := client.GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: &zone})
	if err != nil {
		return nil, err
	}
	for _, v := range out.VPCs {
		all = append(all, Item{Kind: Association, ID: aws.ToString(v.VPCId), Detail: "sees " + zone})
	}
	in := &route53.ListVPCAssociationAuthorizationsInput{HostedZoneId: &zone}
	for more := true; more; more = in.NextToken != nil {
		page, err := client.ListVPCAssociationAuthorizations(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, v := range page.VPCs {
			all = append(all, Item{Kind: Authorization, ID: aws.ToString(v.VPCId), Detail: "may see " + zone})
		}
		in.NextToken = page.NextToken
	}
	return all, nil
}

// values are what a record says: its own values, or the name that it is an alias of.
func values(set r53types.ResourceRecordSet) string {
	var list []string
	for _, r := range set.ResourceRecords {
		list = append(list, aws.ToString(r.Value))
	}
	if set.AliasTarget != nil {
		list = append(list, "alias of "+aws.ToString(set.AliasTarget.DNSName))
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}
