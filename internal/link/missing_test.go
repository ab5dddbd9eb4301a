package link

import (
	"slices"
	"testing"
)

func TestWhatIsMissingIsADriftOfAKindThatIsListed(t *testing.T) {
	for resource, k := range missing {
		if !slices.Contains(DriftKinds(), k) {
			t.Errorf("a missing %s is a drift of the kind %q, which is not listed", resource, k)
		}
	}
}
