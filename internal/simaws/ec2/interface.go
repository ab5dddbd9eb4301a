package ec2

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// NetworkInterface is an elastic network interface. Here only VPC endpoints have any.
type NetworkInterface struct {
	Resource
	VPC       string
	Subnet    string
	Zone      Zone
	Address   string // private IPv4; empty with IPv6 alone
	AddressV6 string // empty without IPv6
	MAC       string
	Endpoint  string // id of the VPC endpoint that it belongs to
}

// addInterface gives an endpoint its network interface in a subnet, at certain addresses if they are wanted.
func (s *Service) addInterface(r *sim.Request, endpoint *Endpoint, subnet *Subnet, wanted addresses) (*NetworkInterface, error) {
	found, err := s.findAddresses(subnet, endpoint.IPAddressType, wanted)
	if err != nil {
		return nil, err
	}
	digits := sim.Hex(10)
	eni := &NetworkInterface{
		Resource:  s.newResource(r, "eni", "network-interface", nil),
		VPC:       subnet.VPC,
		Subnet:    subnet.ID,
		Zone:      subnet.Zone,
		Address:   found.v4,
		AddressV6: found.v6,
		MAC:       strings.Join([]string{"02", digits[:2], digits[2:4], digits[4:6], digits[6:8], digits[8:]}, ":"),
		Endpoint:  endpoint.ID,
	}
	s.state.Interfaces[eni.ID] = eni
	return eni, nil
}

func (s *Service) removeInterfaces(ids []string) {
	for _, id := range ids {
		delete(s.state.Interfaces, id)
	}
}

type interfaceItem struct {
	ID               string               `xml:"networkInterfaceId"`
	Subnet           string               `xml:"subnetId"`
	VPC              string               `xml:"vpcId"`
	Zone             string               `xml:"availabilityZone"`
	ZoneID           string               `xml:"availabilityZoneId"`
	Description      string               `xml:"description"`
	Owner            string               `xml:"ownerId"`
	Requester        string               `xml:"requesterId"`
	RequesterManaged bool                 `xml:"requesterManaged"`
	Status           string               `xml:"status"`
	MAC              string               `xml:"macAddress"`
	Address          string               `xml:"privateIpAddress,omitempty"`
	AddressV6        string               `xml:"ipv6Address,omitempty"`
	DNSName          string               `xml:"privateDnsName,omitempty"`
	SourceDestCheck  bool                 `xml:"sourceDestCheck"`
	Groups           []groupItem          `xml:"groupSet>item"`
	Attachment       interfaceAttachment  `xml:"attachment"`
	Addresses        []interfaceAddress   `xml:"privateIpAddressesSet>item"`
	AddressesV6      []interfaceAddressV6 `xml:"ipv6AddressesSet>item"`
	Type             string               `xml:"interfaceType"`
	Tags             []tagItem            `xml:"tagSet>item"`
}

type interfaceAttachment struct {
	ID                  string `xml:"attachmentId"`
	InstanceOwner       string `xml:"instanceOwnerId"`
	DeviceIndex         int    `xml:"deviceIndex"`
	Status              string `xml:"status"`
	DeleteOnTermination bool   `xml:"deleteOnTermination"`
}

type interfaceAddress struct {
	Address string `xml:"privateIpAddress"`
	DNSName string `xml:"privateDnsName,omitempty"`
	Primary bool   `xml:"primary"`
}

type interfaceAddressV6 struct {
	Address string `xml:"ipv6Address"`
}

type groupItem struct {
	ID   string `xml:"groupId"`
	Name string `xml:"groupName"`
}

// endpointRequester is the alias that EC2 names as the requester of endpoints' network interfaces.
const endpointRequester = "amazon-aws"

func (s *Service) interfaceItem(n *NetworkInterface) interfaceItem {
	item := interfaceItem{
		ID: n.ID, Subnet: n.Subnet, VPC: n.VPC, Zone: n.Zone.Name, ZoneID: n.Zone.ID, Description: n.description(), Owner: n.Owner,
		Requester: endpointRequester, RequesterManaged: true, Status: "in-use", MAC: n.MAC, Address: n.Address, Type: "vpc_endpoint", Tags: tagSet(n.Tags),
		Groups:     s.groupItems(s.interfaceGroups(n)),
		Attachment: interfaceAttachment{ID: "ela-attach-" + n.ID[len("eni-"):], InstanceOwner: endpointRequester, DeviceIndex: 1, Status: "attached"},
	}
	if n.Address != "" {
		if vpc, ok := s.state.VPCs[n.VPC]; ok && vpc.DNSHostnames {
			item.DNSName = fmt.Sprintf("ip-%s.%s.compute.internal", strings.ReplaceAll(n.Address, ".", "-"), n.Region)
		}
		item.Addresses = []interfaceAddress{{Address: n.Address, DNSName: item.DNSName, Primary: true}}
	}
	if n.AddressV6 != "" {
		item.AddressV6, item.AddressesV6 = n.AddressV6, []interfaceAddressV6{{n.AddressV6}}
	}
	return item
}

func (n *NetworkInterface) description() string { return "VPC Endpoint Interface " + n.Endpoint }

// interfaceGroups are the security groups of the endpoint that the interface belongs to.
func (s *Service) interfaceGroups(n *NetworkInterface) []string {
	if endpoint, ok := s.state.Endpoints[n.Endpoint]; ok {
		return endpoint.SecurityGroups
	}
	return nil
}

func (s *Service) groupItems(ids []string) []groupItem {
	var items []groupItem
	for _, id := range ids {
		if group, ok := s.state.SecurityGroups[id]; ok {
			items = append(items, groupItem{ID: id, Name: group.Name})
		}
	}
	return items
}

func (s *Service) describeNetworkInterfaces(r *sim.Request, f query.Form) (any, error) {
	var result struct {
		Interfaces []interfaceItem `xml:"networkInterfaceSet>item"`
		NextToken  string          `xml:"nextToken,omitempty"`
	}
	address := one(func(n *NetworkInterface) string { return n.Address })
	interfaces, next, err := list(s, r, f, listing[*NetworkInterface]{
		table: s.state.Interfaces, ids: "NetworkInterfaceId",
		absent: missing("InvalidNetworkInterfaceID.NotFound", "The networkInterface ID '%s' does not exist"),
		filters: map[string]func(*NetworkInterface) []string{
			"network-interface-id":         one(func(n *NetworkInterface) string { return n.ID }),
			"vpc-id":                       one(func(n *NetworkInterface) string { return n.VPC }),
			"subnet-id":                    one(func(n *NetworkInterface) string { return n.Subnet }),
			"availability-zone":            one(func(n *NetworkInterface) string { return n.Zone.Name }),
			"availability-zone-id":         one(func(n *NetworkInterface) string { return n.Zone.ID }),
			"owner-id":                     one(func(n *NetworkInterface) string { return n.Owner }),
			"description":                  one((*NetworkInterface).description),
			"group-id":                     s.interfaceGroups,
			"interface-type":               one(func(*NetworkInterface) string { return "vpc_endpoint" }),
			"status":                       one(func(*NetworkInterface) string { return "in-use" }),
			"requester-id":                 one(func(*NetworkInterface) string { return endpointRequester }),
			"requester-managed":            one(func(*NetworkInterface) string { return strconv.FormatBool(true) }),
			"private-ip-address":           address,
			"addresses.private-ip-address": address,
			"ipv6-addresses.ipv6-address":  one(func(n *NetworkInterface) string { return n.AddressV6 }),
			"mac-address":                  one(func(n *NetworkInterface) string { return n.MAC }),
			"attachment.instance-id":       func(*NetworkInterface) []string { return nil },
			"attachment.instance-owner-id": one(func(*NetworkInterface) string { return endpointRequester }),
			"attachment.attachment-id":     one(func(n *NetworkInterface) string { return "ela-attach-" + n.ID[len("eni-"):] }),
			"association.public-ip":        func(*NetworkInterface) []string { return nil },
		},
	})
	if err != nil {
		return nil, err
	}
	for _, n := range interfaces {
		result.Interfaces = append(result.Interfaces, s.interfaceItem(n))
	}
	result.NextToken = next
	return result, nil
}
