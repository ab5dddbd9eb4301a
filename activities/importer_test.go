package activities_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

func TestWhatDoesNotFitIsCounted(t *testing.T) {
	var all activities.Discovered
	for i := range 100 {
		all.Services = append(all.Services, activities.FoundService{ID: fmt.Sprint("vpce-svc-", i)})
		all.Endpoints = append(all.Endpoints, activities.FoundEndpoint{ID: fmt.Sprint("vpce-", i)})
		all.LeftOut = append(all.LeftOut, link.LeftOut{ID: fmt.Sprint("vpce-", i)})
	}
	for _, room := range []int{0, 1000, 20_000, 1 << 20} {
		got := all.Within(room)
		if n := len(got.Services) + len(got.Endpoints) + len(got.LeftOut) + got.More; n != 300 {
			t.Errorf("with room for %d bytes, it counts %d of 300", room, n)
		}
		for _, part := range []any{got.Services, got.Endpoints, got.LeftOut} {
			text, err := json.Marshal(part)
			if err != nil {
				t.Fatal(err)
			}
			if room -= len(text) - 400; room < 0 { // commas and brackets aside
				t.Errorf("it takes too much room: %d", room)
			}
		}
		if len(got.Services) < 100 && len(got.Endpoints)+len(got.LeftOut) > 0 {
			t.Error("services do not come first")
		}
	}
	if got := all.Within(1 << 20); got.More != 0 {
		t.Errorf("with room for all, %d are missing", got.More)
	}
}
