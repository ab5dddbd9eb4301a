package link

import "strings"

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
		if d := edits(strings.ToLower(word), strings.ToLower(c)); d < least {
			best, least = c, d
		}
	}
	return best
}

// edits is the Levenshtein distance: how many letters must be inserted, deleted or replaced.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
