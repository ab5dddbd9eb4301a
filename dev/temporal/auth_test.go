package temporal_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/proto"

	"github.com/linkwright/linkwright/dev/temporal"
)

func TestPrincipal(t *testing.T) {
	server := start(t, temporal.Options{
		SearchAttributes: attributes(),
		Tokens:           map[string]string{"secret-of-grace": "grace"},
	})
	anonymous := dial(t, server)
	if _, err := startGreet(t.Context(), anonymous, "greet", "blue"); err != nil {
		t.Fatal(err)
	}
	grace := &commonpb.Principal{Type: "token", Name: "grace"}

	tests := map[string]struct {
		signal func(t *testing.T)
		want   *commonpb.Principal
	}{
		"when a caller shows a known token, the signal bears its name": {
			signal: func(t *testing.T) { signal(t, dialAs(t, server, "secret-of-grace")) },
			want:   grace,
		},
		"when a caller shows a known token to the UI, the signal bears its name": {
			signal: func(t *testing.T) { signalOverUI(t, server, "secret-of-grace") },
			want:   grace,
		},
		"when a caller shows no token, the signal bears no name": {
			signal: func(t *testing.T) { signal(t, anonymous) },
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.signal(t)
			if got := principalOfLastSignal(t, anonymous); !proto.Equal(got, test.want) {
				t.Errorf("principal = %v, want %v", got, test.want)
			}
		})
	}

	t.Run("when a caller shows an unknown token, it is refused", func(t *testing.T) {
		_, err := server.DialAs(t.Context(), "a guess")
		var denied *serviceerror.PermissionDenied
		if !errors.As(err, &denied) {
			t.Errorf("err = %v, want PermissionDenied", err)
		}
	})
}

func signal(t *testing.T, c client.Client) {
	t.Helper()
	if err := c.SignalWorkflow(t.Context(), "greet", "", "name", "Ada"); err != nil {
		t.Fatal(err)
	}
}

// signalOverUI sends what the UI's form sends.
func signalOverUI(t *testing.T, server *temporal.Server, token string) {
	t.Helper()
	url := server.UIURL() + "/api/v1/namespaces/default/workflows/greet/signal/name"
	body := `{"input":{"payloads":[{"metadata":{"encoding":"anNvbi9wbGFpbg=="},"data":"IkFkYSI="}]}}`
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("signal over the UI: %s", resp.Status)
	}
}

func principalOfLastSignal(t *testing.T, c client.Client) (principal *commonpb.Principal) {
	t.Helper()
	events := c.GetWorkflowHistory(t.Context(), "greet", "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	signals := 0
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			t.Fatal(err)
		}
		if event.EventType == enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED {
			signals++
			principal = event.Principal
		}
	}
	if signals == 0 {
		t.Fatal("the history has no signal")
	}
	return principal
}
