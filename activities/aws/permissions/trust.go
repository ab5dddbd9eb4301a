package permissions

// Account is what the accounts file says of an account.
type Account struct {
	ID        string
	Partition string
	RoleARN   string // empty when the worker's own credentials act in it
	// ExternalID is what the role's trust policy asks for.
	ExternalID string
}

// What has to be filled in begins with this; IAM refuses it until it is.
const blank = "REPLACE-WITH-"

// blankRole is the ARN of an account's role that is not known.
func blankRole(account string) string {
	return "arn:aws:iam::" + blank + "ACCOUNT-ID-OF-" + account + ":role/" + blank + "ITS-NAME"
}

// trust lets the worker assume a role, when it knows the external ID. That keeps others, who can talk the worker
// into acting for them, from borrowing its trust (IAM User Guide, "The confused deputy problem").
func trust(worker, externalID string) *Policy {
	if worker == "" {
		worker = blankRole("THE-WORKER")
	}
	s := Statement{
		Sid: "WorkerAssumesRole", Effect: "Allow", Principal: map[string]string{"AWS": worker},
		Action: Values{"sts:AssumeRole"},
	}
	if externalID != "" {
		s.Condition = when("StringEquals", "sts:ExternalId", externalID)
	}
	return &Policy{Version: "2012-10-17", Statement: []Statement{s}}
}

// assumption is what the worker's own identity must be allowed. Asking whose credentials it has, which it does for
// accounts without a role, takes no permission (AWS STS API Reference, GetCallerIdentity).
func assumption(roles []string) []Statement {
	return []Statement{allow("WorkerAssumesRoles", Values{"sts:AssumeRole"}, roles)}
}
