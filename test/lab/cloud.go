package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/dev/inventory"
	"github.com/linkwright/linkwright/internal/simaws"
)

// Cloud is the simulated cloud. Its fields are what it prints when it is ready.
type Cloud struct {
	Endpoint string `json:"endpoint"`
	DNS      string `json:"dns"`
	Accounts []struct {
		Name  string `json:"name"`
		ID    string `json:"id"`
		Users []user `json:"users"`
	} `json:"accounts"`
	Resources []simaws.Resource `json:"resources"`
	Files     struct {
		Accounts string `json:"accounts"`
		Specs    string `json:"specs"`
	} `json:"files"`

	process *process
}

type user struct {
	AccessKey string `json:"accessKeyId"`
	SecretKey string `json:"secretAccessKey"`
}

func startCloud(ctx context.Context, o Options) (*Cloud, error) {
	c := &Cloud{}
	var err error
	c.process, err = start(o.command("linkwright-dev", "cloud",
		"--listen", "127.0.0.1:0", "--data-dir", o.Dir, "--scale", fmt.Sprint(o.Scale)), o.log("cloud"))
	if err != nil {
		return nil, err
	}
	return c, c.process.ready(ctx, c)
}

func (c *Cloud) user(account string) user {
	for _, a := range c.Accounts {
		if a.Name == account && len(a.Users) > 0 {
			return a.Users[0]
		}
	}
	return user{}
}

// admin acts as an account's administrator does.
func (c *Cloud) admin(account string) aws.Config {
	user := c.user(account)
	return aws.Config{
		Region: "eu-central-1", BaseEndpoint: aws.String(c.Endpoint),
		Credentials: credentials.NewStaticCredentialsProvider(user.AccessKey, user.SecretKey, ""),
	}
}

// OpenEndpoint has the consumer open an endpoint to a service by itself, and answers with its id.
func (c *Cloud) OpenEndpoint(ctx context.Context, service string) (string, error) {
	made, err := ec2.NewFromConfig(c.admin("consumer")).CreateVpcEndpoint(ctx, &ec2.CreateVpcEndpointInput{
		VpcEndpointType: ec2types.VpcEndpointTypeInterface, ServiceName: aws.String(service),
		VpcId:             aws.String(c.resource("vpc", "internet")),
		SubnetIds:         []string{c.resource("subnet", "internet/internet-a")},
		SecurityGroupIds:  []string{c.resource("security-group", "internet/endpoints")},
		PrivateDnsEnabled: aws.Bool(false),
	})
	if err != nil {
		return "", err
	}
	return aws.ToString(made.VpcEndpoint.VpcEndpointId), nil
}

// resource is the id of what the world file made in the consumer's account.
func (c *Cloud) resource(kind, name string) string {
	for _, r := range c.Resources {
		if r.Account == "consumer" && r.Kind == kind && r.Name == name {
			return r.ID
		}
	}
	return ""
}

// Inventory is what there is in the accounts of the demo's world.
func (c *Cloud) Inventory(ctx context.Context) (inventory.Inventory, error) {
	var all inventory.Inventory
	for _, account := range []string{"provider", "consumer", "dns"} {
		found, err := inventory.Take(ctx, account, c.admin(account))
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// Inject adds a fault.
func (c *Cloud) Inject(ctx context.Context, f simaws.Fault) error {
	body, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return c.manage(ctx, http.MethodPost, "faults", body, nil)
}

// ClearFaults takes all faults away, and lets the calls go on that they held.
func (c *Cloud) ClearFaults(ctx context.Context) error {
	return c.manage(ctx, http.MethodDelete, "faults", nil, nil)
}

// Faults are the faults in force, and how often each has struck.
func (c *Cloud) Faults(ctx context.Context) (faults []simaws.FaultState, err error) {
	err = c.manage(ctx, http.MethodGet, "faults", nil, &faults)
	return faults, err
}

// Calls are those that Linkwright made since ForgetCalls, oldest first; administrators' are left out.
func (c *Cloud) Calls(ctx context.Context) ([]simaws.Call, error) {
	var all []simaws.Call
	if err := c.manage(ctx, http.MethodGet, "calls", nil, &all); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(call simaws.Call) bool { return strings.HasSuffix(call.Principal, ":user/admin") }), nil
}

// ForgetCalls empties the log of calls.
func (c *Cloud) ForgetCalls(ctx context.Context) error {
	return c.manage(ctx, http.MethodDelete, "calls", nil, nil)
}

// AwaitHeld waits until a fault holds a call.
func (c *Cloud) AwaitHeld(ctx context.Context) (simaws.HeldCall, error) {
	var held []simaws.HeldCall
	err := Until(ctx, "a call to be held", func() (bool, error) {
		err := c.manage(ctx, http.MethodGet, "held", nil, &held)
		return len(held) > 0, err
	})
	if err != nil {
		return simaws.HeldCall{}, err
	}
	return held[0], nil
}

// manage speaks with what only a simulated cloud has.
func (c *Cloud) manage(ctx context.Context, method, path string, body []byte, answer any) error {
	request, err := http.NewRequestWithContext(ctx, method, c.Endpoint+"/_linkwright/"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s %s: %s", method, request.URL, response.Status)
	}
	if answer == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(answer)
}
