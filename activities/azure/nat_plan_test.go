package azure

import (
	"slices"
	"testing"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

func TestPlanNAT(t *testing.T) {
	dynamic := func(names ...string) []natAddress {
		var all []natAddress
		for i, name := range names {
			all = append(all, natAddress{Name: name, Subnet: "s", Primary: i == 0})
		}
		return all
	}
	static := func(addresses ...string) []natAddress {
		var all []natAddress
		for i, address := range addresses {
			all = append(all, natAddress{Name: "of-" + address, Subnet: "s", Address: address, Primary: i == 0})
		}
		return all
	}
	for _, c := range []struct {
		name   string
		have   []natAddress
		want   wantedService
		next   []string // names
		cannot bool
	}{
		{"when there is nothing, as many are made as are wanted", nil, wantedService{Subnet: "s", Count: 2}, []string{"nat-1", "nat-2"}, false},
		{"when all is as wanted, all stay", dynamic("x", "y"), wantedService{Subnet: "s", Count: 2}, []string{"x", "y"}, false},
		{"when more are wanted, they join", dynamic("nat-1"), wantedService{Subnet: "s", Count: 3}, []string{"nat-1", "nat-2", "nat-3"}, false},
		{"when fewer are wanted than several, that cannot be", dynamic("x", "y"), wantedService{Subnet: "s", Count: 1}, []string{"x", "y"}, true},
		{"when a static one takes the place of a single one, it can", dynamic("nat-1"), wantedService{Subnet: "s", Addresses: []string{"10.0.0.5"}}, []string{"nat-2"}, false},
		{"when a static one joins, it can", static("10.0.0.5"), wantedService{Subnet: "s", Addresses: []string{"10.0.0.5", "10.0.0.6"}}, []string{"of-10.0.0.5", "nat-1"}, false},
		{"when more are wanted than are named, Azure picks them", static("10.0.0.5"), wantedService{Subnet: "s", Addresses: []string{"10.0.0.5"}, Count: 2}, []string{"of-10.0.0.5", "nat-1", "nat-2"}, false},
		{"when one of several is another, that cannot be", static("10.0.0.5", "10.0.0.6"), wantedService{Subnet: "s", Addresses: []string{"10.0.0.5", "10.0.0.7"}}, []string{"of-10.0.0.5", "of-10.0.0.6"}, true},
		{"when another of several is to be the primary one, that cannot be", static("10.0.0.5", "10.0.0.6"), wantedService{Subnet: "s", Addresses: []string{"10.0.0.6", "10.0.0.5"}}, []string{"of-10.0.0.5", "of-10.0.0.6"}, true},
		{"when several are in another subnet, that cannot be", dynamic("x", "y"), wantedService{Subnet: "other", Count: 2}, []string{"x", "y"}, true},
		{"when the single one is in another subnet, another one takes its place", dynamic("nat-1"), wantedService{Subnet: "other", Count: 1}, []string{"nat-2"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			next, cannot := planNAT(c.have, c.want)
			var names []string
			primaries := 0
			for _, a := range next {
				names = append(names, a.Name)
				if a.Primary {
					primaries++
				}
			}
			if !slices.Equal(names, c.next) || (cannot != "") != c.cannot || primaries != 1 {
				t.Errorf("it has %q with %d primary ones, and cannot: %q", names, primaries, cannot)
			}
		})
	}
}

func TestOfTheAddressesThatAreCountedAzurePicksThoseThatAreNotNamed(t *testing.T) {
	for _, c := range []struct {
		count *int32
		named []string
		want  int
	}{
		{nil, nil, 1},
		{new(int32(3)), nil, 3},
		{nil, []string{"10.0.0.5", "10.0.0.6"}, 0},
		{new(int32(3)), []string{"10.0.0.5", "10.0.0.6"}, 1},
		{new(int32(1)), []string{"10.0.0.5"}, 0},
	} {
		req := activities.EnsureServiceRequest{Spec: link.EndpointServiceSpec{Azure: &link.AzureEndpointService{NAT: &link.AzureNAT{Count: c.count, Addresses: c.named}}}}
		if got := wantService(req, nil); got.Count != c.want || len(got.nat()) != len(c.named)+c.want {
			t.Errorf("of %v with the count %v, Azure picks %d, want %d", c.named, c.count, got.Count, c.want)
		}
	}
}
