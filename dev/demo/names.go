package demo

import (
	"regexp"
	"strings"

	"github.com/linkwright/linkwright/internal/simaws"
)

// names call what the world file made by its name there, in what is told.
type names struct{ replacer *strings.Replacer }

func worldNames(resources []simaws.Resource) names {
	var pairs []string
	for _, r := range resources {
		switch {
		case strings.HasPrefix(r.ID, "arn:"):
			pairs = append(pairs, r.ID, r.Kind+" "+r.Name) // nobody can read so much of an ARN
		case r.Kind == "vpc", r.Kind == "security-group", r.Kind == "subnet":
			pairs = append(pairs, r.ID, r.ID+" ("+r.Name+")")
		}
	}
	return names{strings.NewReplacer(pairs...)}
}

// azureID is a resource id of Azure, of which the resource group, the type and the name are enough.
var azureID = regexp.MustCompile(`/subscriptions/[0-9a-fA-F-]+/resourceGroups/([^/ ]+)/providers/Microsoft\.Network/([^ ,:]+)`)

// in puts names into a text.
func (n names) in(text string) string {
	if n.replacer != nil {
		text = n.replacer.Replace(text)
	}
	return azureID.ReplaceAllString(text, "$1/$2")
}
