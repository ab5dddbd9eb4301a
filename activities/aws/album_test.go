package aws

import (
	"errors"
	"slices"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func TestAnAlbumIsSearchedAsEC2Is(t *testing.T) {
	group := func(id, vpc, owner string) ec2types.SecurityGroup {
		g := ec2types.SecurityGroup{GroupId: sdk.String(id), VpcId: sdk.String(vpc)}
		if owner != "" {
			g.Tags = []ec2types.Tag{{Key: sdk.String(ownerTag), Value: sdk.String(owner)}}
		}
		return g
	}
	looks := 0
	look := func(...ec2types.Filter) ([]ec2types.SecurityGroup, error) {
		looks++
		return []ec2types.SecurityGroup{group("a", "1", "x"), group("b", "2", "x"), group("c", "2", ""), group("d", "1", "y")}, nil
	}
	a := album[ec2types.SecurityGroup]{
		tags: func(g ec2types.SecurityGroup) []ec2types.Tag { return g.Tags },
		fields: map[string]func(ec2types.SecurityGroup) *string{
			"group-id": func(g ec2types.SecurityGroup) *string { return g.GroupId },
			"vpc-id":   func(g ec2types.SecurityGroup) *string { return g.VpcId },
		},
	}
	for _, c := range []struct {
		name    string
		filters []ec2types.Filter
		want    []string
	}{
		{"when nothing is filtered, it is all", nil, []string{"a", "b", "c", "d"}},
		{"when one of several values fits, it is found", []ec2types.Filter{filter("group-id", "d", "a", "z")}, []string{"a", "d"}},
		{"when a tag fits, it is found", []ec2types.Filter{ownedBy("x")}, []string{"a", "b"}},
		{"when there are two filters, both must fit", []ec2types.Filter{ownedBy("x"), filter("vpc-id", "2")}, []string{"b"}},
		{"when nothing fits, nothing is found", []ec2types.Filter{filter("vpc-id", "3")}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			found, err := a.search(look, c.filters)
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, g := range found {
				ids = append(ids, *g.GroupId)
			}
			if slices.Sort(ids); !slices.Equal(ids, c.want) {
				t.Errorf("found %q, want %q", ids, c.want)
			}
		})
	}
	if looks != 1 {
		t.Errorf("it has looked %d times", looks)
	}
	for _, filters := range [][]ec2types.Filter{{filter("color", "red")}, {ownedBy("x"), filter("color", "red")}} {
		if _, err := a.search(look, filters); err == nil {
			t.Error("it can be searched by what it does not know")
		}
	}
}

func TestAnAlbumThatCannotBeFilledSaysWhyToAll(t *testing.T) {
	var a album[ec2types.SecurityGroup]
	looks := 0
	for range 3 {
		_, err := a.search(func(...ec2types.Filter) ([]ec2types.SecurityGroup, error) { looks++; return nil, errors.New("denied") }, nil)
		if err == nil || looks != 1 {
			t.Errorf("after %d looks, it answers %v", looks, err)
		}
	}
}
