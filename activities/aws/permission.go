package aws

import (
	"regexp"

	"github.com/linkwright/linkwright/internal/link"
)

// What AWS says of a refused request (IAM User Guide, "Troubleshoot access denied error messages"). Two actions can be
// named: the one that no policy allows, and, before, the one that was refused for it.
var (
	notAllowed    = regexp.MustCompile(`because no [A-Za-z -]+ allows the ([a-z0-9-]+:[A-Za-z0-9]+) action`)
	notAuthorized = regexp.MustCompile(`is not authorized to perform: ([a-z0-9-]+:[A-Za-z0-9]+)`)
)

// missingAction is the IAM action that a refused call lacks: the one that the message names, which need not be the one
// that was called (an endpoint is made with the permissions to tag it and to associate its private zone), or else
// the call itself.
func missingAction(p link.Problem) string {
	for _, says := range []*regexp.Regexp{notAllowed, notAuthorized} {
		if named := says.FindStringSubmatch(p.Message); named != nil {
			return named[1]
		}
	}
	return p.Call
}
