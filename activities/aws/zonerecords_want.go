package aws

import (
	"cmp"
	"net/netip"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// lacking says what an endpoint does not have yet that wanted records need; empty when it has all.
func lacking(req activities.ZoneRecordsRequest) string {
	for _, w := range req.Wanted {
		switch {
		case w.Type == link.RecordA && len(req.Addresses) == 0:
			return "addresses"
		case w.Type != link.RecordA && (req.Alias.Name == "" || req.Alias.ZoneID == ""):
			return "name of its own"
		}
	}
	return ""
}

// wantedSets are the sets that lead to an endpoint. An alias to one is of type A alone (Amazon Route 53 API Reference,
// AliasTarget).
func wantedSets(req activities.ZoneRecordsRequest) ([]r53types.ResourceRecordSet, error) {
	v4, v6, err := byFamily(req.Addresses)
	if err != nil {
		return nil, err
	}
	var sets []r53types.ResourceRecordSet
	for _, w := range req.Wanted {
		if w.Type == link.RecordA {
			sets = append(sets, addressSets(w, v4, v6)...)
			continue
		}
		sets = append(sets, r53types.ResourceRecordSet{Name: sdk.String(w.Name), Type: r53types.RRTypeA,
			AliasTarget: &r53types.AliasTarget{DNSName: sdk.String(req.Alias.Name), HostedZoneId: sdk.String(req.Alias.ZoneID)}})
	}
	return sets, nil
}

// addressTTL is the time to live of addresses in seconds, should a request not say it.
const addressTTL = 60

func addressSets(w link.ZoneRecord, v4, v6 []string) []r53types.ResourceRecordSet {
	var sets []r53types.ResourceRecordSet
	for i, addresses := range [][]string{v4, v6} {
		if len(addresses) == 0 {
			continue
		}
		set := r53types.ResourceRecordSet{Name: sdk.String(w.Name), Type: leading[i], TTL: sdk.Int64(int64(cmp.Or(w.TTL, addressTTL)))}
		for _, a := range addresses {
			set.ResourceRecords = append(set.ResourceRecords, r53types.ResourceRecord{Value: sdk.String(a)})
		}
		sets = append(sets, set)
	}
	return sets
}

// byFamily sorts addresses, those of IPv4 from those of IPv6, each written in one way and named once.
func byFamily(addresses []string) (v4, v6 []string, err error) {
	var all []netip.Addr
	for _, a := range addresses {
		ip, err := netip.ParseAddr(a)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, ip.Unmap())
	}
	slices.SortFunc(all, netip.Addr.Compare)
	for _, ip := range slices.Compact(all) {
		if ip.Is4() {
			v4 = append(v4, ip.String())
		} else {
			v6 = append(v6, ip.String())
		}
	}
	return v4, v6, nil
}
