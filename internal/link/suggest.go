package link

import (
	"strings"

	"github.com/agnivade/levenshtein"
)

// didYouMean suggests the candidate that was probably meant: " (did you mean vpc?)", or nothing when none
// is close.
func didYouMean(word string, candidates []string) string {
	if best := closest(word, candidates); best != "" {
		return " (did you mean " + best + "?)"
	}
	return ""
}

// closest returns the candidate that is within a third of the word's length in edits, without regard to
// case; "" when none is.
func closest(word string, candidates []string) string {
	if len(word) > 64 {
		return ""
	}
	best, least := "", max(1, len(word)/3)+1
	for _, c := range candidates {
		if d := levenshtein.ComputeDistance(strings.ToLower(word), strings.ToLower(c)); d < least {
			best, least = c, d
		}
	}
	return best
}
