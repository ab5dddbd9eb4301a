package demo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/linkwright/linkwright/dev/inventory"
)

const region = "eu-central-1"

// inventory looks into every account of the demo.
func (d *demo) inventory(ctx context.Context) (inventory.Inventory, error) {
	var all inventory.Inventory
	for _, account := range []string{"provider", "consumer", "dns"} {
		found, err := inventory.Take(ctx, account, aws.Config{
			Region: region, Credentials: d.stack.Admin(account), BaseEndpoint: aws.String(d.stack.Cloud.URL()),
		})
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}
