package demo

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/linkwright/linkwright/dev/inventory"
)

// homeRegion is where an account without anything in a region is looked into; hosted zones are in none.
const homeRegion = "eu-central-1"

// inventory looks into every account of the scenario.
func (d *demo) inventory(ctx context.Context) (inventory.Inventory, error) {
	var all inventory.Inventory
	for _, account := range d.stack.World().Accounts {
		if len(account.Roles) == 0 {
			continue // Linkwright's own
		}
		regions := slices.Sorted(maps.Keys(account.Regions))
		if len(regions) == 0 {
			regions = []string{homeRegion}
		}
		for _, region := range regions {
			found, err := inventory.Take(ctx, account.Name, aws.Config{
				Region: region, Credentials: d.stack.Admin(account.Name), BaseEndpoint: aws.String(d.stack.Cloud.URL()),
			})
			if err != nil {
				return nil, err
			}
			all = append(all, found...)
		}
	}
	azure, err := d.stack.AzureAccounts()
	if err != nil {
		return nil, err
	}
	for _, account := range azure {
		found, err := inventory.TakeAzure(ctx, account.Name, account.ID, account.Credential, account.Options)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}
