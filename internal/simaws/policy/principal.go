package policy

import (
	"fmt"
	"regexp"
	"strings"
)

// Principal is who asks for a role.
type Principal struct {
	ARN     string // of the user, or of the session of a role
	Role    string // ARN of the role behind the session; a user's own ARN
	Account string // twelve digits
}

// principal is one that a trust policy names.
type principal struct {
	anyone  bool
	account string // of a whole account
	arn     string // of a user, a role or a session
	other   bool   // a service or an identity provider: nobody of this cloud
}

var (
	wholeAccount = regexp.MustCompile(`^(?:arn:aws[a-z-]*:iam::)?(\d{12})(?::root)?$`)
	oneIdentity  = regexp.MustCompile(`^arn:aws[a-z-]*:(iam::\d{12}:(user|role)/[\w+=,.@/-]*[\w+=,.@-]|sts::\d{12}:(assumed-role/[\w+=,.@-]+/[\w+=,.@-]+|federated-user/[\w+=,.@-]+))$`)
)

// readPrincipal reads a principal of the key "AWS".
func readPrincipal(given string) (principal, string) {
	switch {
	case given == "*":
		return principal{anyone: true}, ""
	case wholeAccount.MatchString(given) && strings.HasPrefix(given, "arn:") == strings.HasSuffix(given, ":root"):
		return principal{account: wholeAccount.FindStringSubmatch(given)[1]}, ""
	case oneIdentity.MatchString(given):
		return principal{arn: given}, ""
	}
	return principal{}, fmt.Sprintf("%q is not an account id, nor an ARN of an account's root, a user, a role or a session, nor \"*\"", given)
}

// Trusts is what a trust policy says of a request to assume its role. direct is true when it names who asks
// itself; an account that it names decides by its own policies who of it may (IAM User Guide, "AWS JSON policy
// elements: Principal").
func (d *Document) Trusts(by Principal, r Request) (decision Decision, direct bool) {
	for _, s := range d.statements {
		for _, p := range s.principals {
			if !p.is(by) || !s.about(r) {
				continue
			}
			decision = max(decision, s.decision())
			direct = direct || !s.deny && p.account == ""
		}
	}
	return decision, direct
}

func (p principal) is(by Principal) bool {
	switch {
	case p.other:
		return false
	case p.anyone:
		return true
	case p.account != "":
		return p.account == by.Account
	}
	return p.arn == by.ARN || p.arn == by.Role
}
