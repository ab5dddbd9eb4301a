package ec2

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"math"
	"net/netip"
	"strconv"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// PrefixList is a managed prefix list: CIDR blocks under one id, a customer's or AWS's. Here they do not change.
type PrefixList struct {
	Resource
	Name       string
	Family     string // "IPv4" or "IPv6"
	MaxEntries int    // 0 for AWS's, which do not show theirs
	Entries    []PrefixListEntry
}

// PrefixListEntry is one block.
type PrefixListEntry struct{ CIDR, Description string }

// awsOwner is in the place of the account of those that AWS manages.
const awsOwner = "AWS"

// maxPrefixListEntries is how many entries a list may have (Amazon VPC User Guide, "Amazon VPC quotas").
const maxPrefixListEntries = 1000

var prefixListNotFound = missing("InvalidPrefixListID.NotFound", "The prefix list ID '%s' does not exist")

// weight is how many rules, or routes, a reference to the list counts as: as many as it may have entries, and one for
// those of S3 and DynamoDB (Amazon VPC User Guide, "AWS-managed prefix list weight").
func (l *PrefixList) weight() int { return max(l.MaxEntries, 1) }

// awsPrefixLists are those that AWS manages in each Region for the services that have gateway endpoints. Their ids and
// blocks are stand-ins for AWS's. They are listed after all others.
func awsPrefixLists(region string) []*PrefixList {
	list := func(service string, sequence int, cidrs ...string) *PrefixList {
		sum := sha256.Sum256([]byte(region + "/" + service))
		l := &PrefixList{Name: "com.amazonaws." + region + "." + service, Family: "IPv4"}
		l.Resource = Resource{ID: "pl-" + hex.EncodeToString(sum[:])[:8], Type: "prefix-list", Owner: awsOwner, Region: region, Sequence: sequence}
		for _, cidr := range cidrs {
			l.Entries = append(l.Entries, PrefixListEntry{CIDR: cidr})
		}
		return l
	}
	return []*PrefixList{
		list("s3", math.MaxInt-1, "52.216.0.0/15", "54.231.0.0/16"),
		list("dynamodb", math.MaxInt, "52.94.0.0/22", "3.218.180.0/22"),
	}
}

// prefixLists are those that the caller can refer to: his own, and AWS's.
func (s *Service) prefixLists(r *sim.Request) map[string]*PrefixList {
	seen := map[string]*PrefixList{}
	for id, l := range s.state.PrefixLists {
		if l.ownedBy(r) {
			seen[id] = l
		}
	}
	for _, l := range awsPrefixLists(r.Region) {
		seen[l.ID] = l
	}
	return seen
}

// createPrefixList makes a customer-managed list (EC2 API Reference, CreateManagedPrefixList).
func (s *Service) createPrefixList(r *sim.Request, f query.Form) (any, error) {
	l := &PrefixList{Name: f.String("PrefixListName"), Family: f.String("AddressFamily")}
	size, err := f.Int("MaxEntries")
	if err != nil {
		return nil, err
	}
	switch {
	case l.Name == "":
		return nil, missingParameter("prefixListName")
	case size == nil:
		return nil, missingParameter("maxEntries")
	case l.Family != "IPv4" && l.Family != "IPv6":
		return nil, sim.Errorf("InvalidParameterValue", "Value (%s) for parameter addressFamily is invalid.", l.Family)
	case *size < 1 || *size > maxPrefixListEntries:
		return nil, sim.Errorf("InvalidParameterValue", "The maximum number of entries must be between 1 and %d.", maxPrefixListEntries)
	}
	l.MaxEntries = *size
	for _, entry := range f.Structs("Entry") {
		block, err := netip.ParsePrefix(entry.String("Cidr"))
		if err != nil || block.Addr().Is4() != (l.Family == "IPv4") {
			return nil, sim.Errorf("InvalidParameterValue", "The CIDR %s is invalid for the address family %s.", entry.String("Cidr"), l.Family)
		}
		l.Entries = append(l.Entries, PrefixListEntry{block.Masked().String(), entry.String("Description")})
	}
	if len(l.Entries) > l.MaxEntries {
		return nil, sim.Errorf("PrefixListMaxEntriesExceeded", "You've reached the maximum number of entries for the prefix list.")
	}
	tags, err := newTags(f, "prefix-list")
	if err != nil {
		return nil, err
	}
	l.Resource = s.newResource(r, "pl", "prefix-list", tags)
	s.state.PrefixLists[l.ID] = l
	var result struct {
		List managedListItem `xml:"prefixList"`
	}
	result.List = l.item(r)
	return result, nil
}

type managedListItem struct {
	ID         string    `xml:"prefixListId"`
	ARN        string    `xml:"prefixListArn"`
	Name       string    `xml:"prefixListName"`
	State      string    `xml:"state"`
	Family     string    `xml:"addressFamily"`
	MaxEntries int       `xml:"maxEntries,omitempty"`
	Version    int       `xml:"version,omitempty"`
	Owner      string    `xml:"ownerId"`
	Tags       []tagItem `xml:"tagSet>item"`
}

func (l *PrefixList) item(r *sim.Request) managedListItem {
	account, version := l.Owner, 1
	if l.Owner == awsOwner {
		account, version = "aws", 0
	}
	return managedListItem{
		ID: l.ID, ARN: fmt.Sprintf("arn:%s:ec2:%s:%s:prefix-list/%s", r.Partition, l.Region, account, l.ID), Name: l.Name,
		State: "create-complete", Family: l.Family, MaxEntries: l.MaxEntries, Version: version, Owner: l.Owner, Tags: tagSet(l.Tags),
	}
}

func (s *Service) describeManagedPrefixLists(r *sim.Request, f query.Form) (any, error) {
	var result struct {
		Lists     []managedListItem `xml:"prefixListSet>item"`
		NextToken string            `xml:"nextToken,omitempty"`
	}
	lists, next, err := list(s, r, f, listing[*PrefixList]{
		table: s.prefixLists(r), ids: "PrefixListId", absent: prefixListNotFound, sees: func(*PrefixList) bool { return true },
		filters: map[string]func(*PrefixList) []string{
			"owner-id":         one(func(l *PrefixList) string { return l.Owner }),
			"prefix-list-id":   one(func(l *PrefixList) string { return l.ID }),
			"prefix-list-name": one(func(l *PrefixList) string { return l.Name }),
		},
	})
	if err != nil {
		return nil, err
	}
	for _, l := range lists {
		result.Lists = append(result.Lists, l.item(r))
	}
	result.NextToken = next
	return result, nil
}

type prefixListEntryItem struct {
	CIDR        string `xml:"cidr"`
	Description string `xml:"description,omitempty"`
	place       int
}

// entryLimits are those of GetManagedPrefixListEntries, whose pages may be small.
var entryLimits = query.Limits{Min: 1, Max: 100, Default: 100}

func (s *Service) prefixListEntries(r *sim.Request, f query.Form) (any, error) {
	l, ok := s.prefixLists(r)[f.String("PrefixListId")]
	if !ok {
		return nil, prefixListNotFound(f.String("PrefixListId"))
	}
	if version := f.String("TargetVersion"); version != "" && version != strconv.Itoa(1) {
		return nil, sim.Errorf("InvalidPrefixListVersion.NotFound", "The version %s of the prefix list %s does not exist.", version, l.ID)
	}
	size, err := entryLimits.Size(f, "MaxResults")
	if err != nil {
		return nil, err
	}
	var items []prefixListEntryItem
	for i, entry := range l.Entries {
		items = append(items, prefixListEntryItem{entry.CIDR, entry.Description, i})
	}
	var result struct {
		Entries   []prefixListEntryItem `xml:"entrySet>item"`
		NextToken string                `xml:"nextToken,omitempty"`
	}
	result.Entries, result.NextToken, err = query.Page(r, items, func(i prefixListEntryItem) int { return i.place }, size, f.String("NextToken"))
	return result, err
}

// describePrefixLists is the older look, at AWS's own lists alone.
func (s *Service) describePrefixLists(r *sim.Request, f query.Form) (any, error) {
	type item struct {
		ID    string   `xml:"prefixListId"`
		Name  string   `xml:"prefixListName"`
		CIDRs []string `xml:"cidrSet>item"`
	}
	var result struct {
		Lists     []item `xml:"prefixListSet>item"`
		NextToken string `xml:"nextToken,omitempty"`
	}
	table := s.prefixLists(r)
	maps.DeleteFunc(table, func(_ string, l *PrefixList) bool { return l.Owner != awsOwner })
	lists, next, err := list(s, r, f, listing[*PrefixList]{
		table: table, ids: "PrefixListId", absent: prefixListNotFound, sees: func(*PrefixList) bool { return true },
		filters: map[string]func(*PrefixList) []string{
			"prefix-list-id":   one(func(l *PrefixList) string { return l.ID }),
			"prefix-list-name": one(func(l *PrefixList) string { return l.Name }),
		},
	})
	if err != nil {
		return nil, err
	}
	for _, l := range lists {
		shown := item{ID: l.ID, Name: l.Name}
		for _, entry := range l.Entries {
			shown.CIDRs = append(shown.CIDRs, entry.CIDR)
		}
		result.Lists = append(result.Lists, shown)
	}
	result.NextToken = next
	return result, nil
}
