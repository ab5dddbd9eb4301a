package lab

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/dev/inventory"
	"github.com/linkwright/linkwright/internal/simaws"
)

// Cloud is the simulated AWS, and the simulated Azure beside it where the scenario has one. Its fields are what they print
// when they are ready.
type Cloud struct {
	Simulation
	DNS      string `json:"dns"`
	Accounts []struct {
		Name  string   `json:"name"`
		ID    string   `json:"id"`
		Users []User   `json:"users"`
		Roles []string `json:"roles"` // ARNs
	} `json:"accounts"`
	Resources []simaws.Resource `json:"resources"`
	Files     struct {
		Accounts  string `json:"accounts"`
		Specs     string `json:"specs"`
		AWSConfig string `json:"awsConfig"`
	} `json:"files"`
	Azure *AzureCloud `json:"azure"`

	process *process
}

// User is who may do everything in an account.
type User struct {
	AccessKey string `json:"accessKeyId"`
	SecretKey string `json:"secretAccessKey"`
}

// StartCloud runs the simulated clouds alone.
func StartCloud(ctx context.Context, o Options) (*Cloud, error) {
	c := &Cloud{}
	var err error
	args := []string{"cloud", "--listen", "127.0.0.1:0", "--azure-port", "0", "--data-dir", o.Dir, "--scale", fmt.Sprint(o.Scale)}
	if o.World != "" {
		args = append(args, "--world", o.World)
	}
	if o.Scenario != "" {
		args = append(args, "--scenario", o.Scenario)
	}
	c.process, err = start(o.command("linkwright-dev", args...), o.log("cloud"))
	if err != nil {
		return nil, err
	}
	if err := c.process.ready(ctx, c); err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	c.client, c.isAdmin = http.DefaultClient, func(principal string) bool { return strings.HasSuffix(principal, ":user/admin") }
	if c.Azure != nil {
		if err := c.Azure.connect(); err != nil {
			return nil, errors.Join(err, c.Stop())
		}
	}
	return c, nil
}

// Stop ends the cloud. What it has kept stays in its folder.
func (c *Cloud) Stop() error { return c.process.kill() }

// User is an account's administrator.
func (c *Cloud) User(account string) User {
	for _, a := range c.Accounts {
		if a.Name == account && len(a.Users) > 0 {
			return a.Users[0]
		}
	}
	return User{}
}

// Role is an account's role for whoever is trusted, by ARN.
func (c *Cloud) Role(account string) string {
	for _, a := range c.Accounts {
		if a.Name == account && len(a.Roles) > 0 {
			return a.Roles[0]
		}
	}
	return ""
}

// Admin acts as an account's administrator does.
func (c *Cloud) Admin(account string) aws.Config {
	user := c.User(account)
	return aws.Config{
		Region: "eu-central-1", BaseEndpoint: aws.String(c.Endpoint),
		Credentials: credentials.NewStaticCredentialsProvider(user.AccessKey, user.SecretKey, ""),
	}
}

// OpenEndpoint has the consumer open an endpoint to a service by itself, and answers with its id.
func (c *Cloud) OpenEndpoint(ctx context.Context, service string) (string, error) {
	made, err := ec2.NewFromConfig(c.Admin("consumer")).CreateVpcEndpoint(ctx, &ec2.CreateVpcEndpointInput{
		VpcEndpointType: ec2types.VpcEndpointTypeInterface, ServiceName: aws.String(service),
		VpcId:             aws.String(c.Resource("consumer", "vpc", "internet")),
		SubnetIds:         []string{c.Resource("consumer", "subnet", "internet/internet-a")},
		SecurityGroupIds:  []string{c.Resource("consumer", "security-group", "internet/endpoints")},
		PrivateDnsEnabled: aws.Bool(false),
	})
	if err != nil {
		return "", err
	}
	return aws.ToString(made.VpcEndpoint.VpcEndpointId), nil
}

// Resource is the id, or the ARN, of what the world file made in an account.
func (c *Cloud) Resource(account, kind, name string) string {
	for _, r := range c.Resources {
		if r.Account == account && r.Kind == kind && r.Name == name {
			return r.ID
		}
	}
	return ""
}

// Inventory is what there is in some accounts, in those of the demo's world if none is named.
func (c *Cloud) Inventory(ctx context.Context, accounts ...string) (inventory.Inventory, error) {
	if len(accounts) == 0 {
		accounts = []string{"provider", "consumer", "dns"}
	}
	var all inventory.Inventory
	for _, account := range accounts {
		found, err := inventory.Take(ctx, account, c.Admin(account))
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}
