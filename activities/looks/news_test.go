package looks

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/linkwright/linkwright/activities"
)

func TestChangesTakeNothingForGoneThatIsTooNewToBeListed(t *testing.T) {
	now := time.Now()
	topic := activities.Topic{Kind: activities.TopicEndpoint, ID: "vpce-1"}
	for _, c := range []struct {
		name  string
		topic activities.Watched
		gone  bool
	}{
		{"when it was never seen and is new, it waits", activities.Watched{Topic: topic, Since: now}, false},
		{"when it was never seen for long, it is gone after some looks", activities.Watched{Topic: topic, Since: now.Add(-time.Hour)}, true},
		{"when it was seen before, it is gone after some looks", activities.Watched{Topic: topic, Since: now, Seen: "abc"}, true},
		{"when it is known to be gone, that is no news", activities.Watched{Topic: topic, Since: now, Seen: GoneDigest}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			missing := map[string]int{}
			for look := 1; look <= BelievedAfter; look++ {
				changes, err := View{}.Changes([]activities.Watched{c.topic}, now.Add(-time.Minute), missing)
				if gone := c.gone && look == BelievedAfter; err != nil || (len(changes) == 1) != gone {
					t.Errorf("at look %d, changes = %+v, %v", look, changes, err)
				}
			}
		})
	}
}

func TestAnAnswerHoldsAsManyChangesAsFit(t *testing.T) {
	change := activities.Change{Topic: activities.Topic{Kind: activities.TopicEndpoint, ID: "vpce-1"}, Seen: strings.Repeat("x", 1000)}
	for _, c := range []struct {
		name        string
		changes     []activities.Change
		least, most int
	}{
		{"when all fit, all are told", slices.Repeat([]activities.Change{change}, 100), 100, 100},
		{"when not all fit, as many are told as do", slices.Repeat([]activities.Change{change}, 5000), 400, 524},
		{"when one alone is too large, it is told all the same", []activities.Change{{Seen: strings.Repeat("x", 1<<20)}, change}, 1, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			told, err := fitting(c.changes)
			if err != nil || len(told) < c.least || len(told) > c.most {
				t.Errorf("%d of %d are told, %v; want %d to %d", len(told), len(c.changes), err, c.least, c.most)
			}
		})
	}
}

func TestPauseFollowsTheYoungestTopic(t *testing.T) {
	old, young := activities.Watched{}, activities.Watched{}
	old.Since, young.Since = time.Now().Add(-time.Hour), time.Now().Add(-time.Minute)
	if got := Age([]activities.Watched{old, young}); got < time.Minute || got > 2*time.Minute {
		t.Errorf("age = %s", got)
	}
	young.Since = time.Now().Add(time.Minute) // another machine's clock
	if got := Age([]activities.Watched{old, young}); got != 0 {
		t.Errorf("age of something from the future = %s", got)
	}
}
