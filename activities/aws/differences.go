package aws

import (
	"github.com/linkwright/linkwright/activities/sets"
	"github.com/linkwright/linkwright/internal/link"
)

// differing are differences of one kind that let nobody in who is kept out now.
func differing(kind link.DriftKind, texts ...string) []link.Difference {
	var all []link.Difference
	for _, text := range texts {
		all = append(all, link.Difference{Kind: kind, Text: text})
	}
	return all
}

// widening tells of an edit to a list of those who are let in: to add one lets in more, and to remove one does not.
func widening(kind link.DriftKind, what string, e sets.Edit) []link.Difference {
	var all []link.Difference
	if len(e.Add) > 0 {
		all = append(all, link.Difference{Kind: kind, Text: what + sets.Edit{Add: e.Add}.String(), Widens: true})
	}
	if len(e.Remove) > 0 {
		all = append(all, link.Difference{Kind: kind, Text: what + sets.Edit{Remove: e.Remove}.String()})
	}
	return all
}

// narrows reports whether a step that is to be narrow is so about something that it has found. What the flow does not know
// has been made in the place of what it knew and was missing: that is made whole, in however many attempts.
func narrows(narrow bool, known, found string) bool { return narrow && (known == "" || known == found) }

// texts are what differences say, for a status.
func texts(all []link.Difference) []string {
	var lines []string
	for _, d := range all {
		lines = append(lines, d.Text)
	}
	return lines
}

// lostTag is the difference of something of a flow's that has lost its ownership tag.
var lostTag = link.Difference{Kind: link.DriftTags, Text: "gets its ownership tag"}
