package link

// Cloud is a provider of networks; it is also the prefix under which that cloud's activities are registered.
type Cloud string

const (
	AWS   Cloud = "aws"   // Amazon Web Services
	Azure Cloud = "azure" // Microsoft Azure
)

// Account is what flows may know of an account: no credential, no role.
type Account struct {
	// Name in the accounts file.
	Name string `json:"name"`
	// Cloud the account belongs to.
	Cloud Cloud `json:"cloud"`
	// ID is what the cloud calls it: twelve digits on AWS, the id of the subscription on Azure.
	ID string `json:"id"`
	// Partition of AWS: aws, aws-cn, aws-us-gov, aws-eusc. Cloud of Azure: public, government, china.
	Partition string `json:"partition,omitempty"`
	// TaskQueue serves the account's activities; empty for the shared one.
	TaskQueue string `json:"taskQueue,omitempty"`
}
