package system

import (
	"context"
	"fmt"

	"github.com/linkwright/linkwright/activities"
)

var _ activities.Topics = (*Fleet)(nil)

// Topics implements [activities.Topics].
func (f *Fleet) Topics(ctx context.Context, watch string) ([]activities.Watched, error) {
	var all []activities.Watched
	after := ""
	for {
		answer, err := f.client.QueryWorkflow(ctx, watch, "", activities.TopicsQuery, after)
		var page []activities.Watched
		if err == nil {
			err = answer.Get(&page)
		}
		if err != nil {
			return nil, fmt.Errorf("ask %s what to look at: %w", watch, err)
		}
		all = append(all, page...)
		if len(page) < activities.MaxTopics {
			return all, nil
		}
		after = page[len(page)-1].Key()
	}
}
