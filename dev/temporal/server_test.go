package temporal_test

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/dev/temporal"
)

func TestServer(t *testing.T) {
	server := start(t, temporal.Options{SearchAttributes: attributes()})
	c := dial(t, server)

	t.Run("when a worker serves its task queue, a workflow runs and is found by its search attribute", func(t *testing.T) {
		serveGreet(t, c)
		run, err := startGreet(t.Context(), c, "greet/ada", "green")
		if err != nil {
			t.Fatal(err)
		}
		until(t, "the workflow is listed by its colour", func() bool {
			list, err := c.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{
				Query: "Colour = 'green' AND ExecutionStatus = 'Running'",
			})
			if err != nil {
				t.Fatal(err)
			}
			return len(list.Executions) == 1 && list.Executions[0].Execution.WorkflowId == "greet/ada"
		})

		if err := c.SignalWorkflow(t.Context(), run.GetID(), "", "name", "Ada"); err != nil {
			t.Fatal(err)
		}
		var greeting string
		if err := run.Get(t.Context(), &greeting); err != nil {
			t.Fatal(err)
		}
		if greeting != "hello Ada" {
			t.Errorf("greeting = %q", greeting)
		}
	})

	t.Run("when the namespace is described, it keeps histories for the retention period", func(t *testing.T) {
		ns, err := c.WorkflowService().DescribeNamespace(t.Context(), &workflowservice.DescribeNamespaceRequest{Namespace: temporal.Namespace})
		if err != nil {
			t.Fatal(err)
		}
		if got := ns.Config.WorkflowExecutionRetentionTtl.AsDuration(); got != temporal.Retention {
			t.Errorf("retention = %s, want %s", got, temporal.Retention)
		}
	})

	t.Run("when a browser opens the UI, it gets the page, and the page its settings", func(t *testing.T) {
		page, header := get(t, server.UIURL()+"/namespaces/default/workflows")
		if !strings.HasPrefix(header.Get("Content-Type"), "text/html") || !strings.Contains(page, "/_app/") {
			t.Errorf("no UI page, but %s:\n%.300s", header.Get("Content-Type"), page)
		}
		script, _ := get(t, server.UIURL()+firstScript(t, page))
		if script == "" {
			t.Error("the page's script is empty")
		}

		body, _ := get(t, server.UIURL()+"/api/v1/settings")
		var settings struct {
			DefaultNamespace       string
			DisableNewsFetch       bool
			NotifyOnNewVersion     bool
			DisableWriteActions    bool
			WorkflowSignalDisabled bool
			WorkflowUpdateDisabled bool
		}
		if err := json.Unmarshal([]byte(body), &settings); err != nil {
			t.Fatal(err)
		}
		if settings.DefaultNamespace != temporal.Namespace || !settings.DisableNewsFetch || settings.NotifyOnNewVersion ||
			settings.DisableWriteActions || settings.WorkflowSignalDisabled || settings.WorkflowUpdateDisabled {
			t.Errorf("settings = %+v", settings)
		}
	})

	t.Run("when it is stopped twice, the second time does nothing", func(t *testing.T) {
		server := start(t, temporal.Options{NoUI: true})
		if url := server.UIURL(); url != "" {
			t.Errorf("UIURL without a UI = %q", url)
		}
		for range 2 {
			if err := server.Stop(); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestStartOnTakenPort(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port

	for name, opts := range map[string]temporal.Options{
		"when the frontend's port is taken, it names the port": {Port: port},
		"when the UI's port is taken, it names the port":       {UIPort: port},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := temporal.Start(t.Context(), opts)
			var inUse *temporal.PortInUseError
			if !errors.As(err, &inUse) || inUse.Port != port {
				t.Errorf("err = %v, want a PortInUseError for %d", err, port)
			}
		})
	}
}

func TestWhenHistoriesAreCutShortItSuggestsToContinueAsNew(t *testing.T) {
	const long = 10
	server := start(t, temporal.Options{NoUI: true, LongHistory: long})
	c := dial(t, server)
	count := func(ctx workflow.Context) (int, error) {
		for !workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			if err := workflow.Sleep(ctx, time.Millisecond); err != nil {
				return 0, err
			}
		}
		return workflow.GetInfo(ctx).GetCurrentHistoryLength(), nil
	}
	w := worker.New(c, taskQueue, worker.Options{})
	w.RegisterWorkflow(count)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{TaskQueue: taskQueue}, count)
	if err != nil {
		t.Fatal(err)
	}
	var events int
	if err := run.Get(t.Context(), &events); err != nil {
		t.Fatal(err)
	}
	if events < long || events > 2*long {
		t.Errorf("it was suggested after %d events, want about %d", events, long)
	}
}

func get(t *testing.T, url string) (body string, header http.Header) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s", url, resp.Status)
	}
	return string(content), resp.Header
}

// firstScript is the path of the first script that the page loads.
func firstScript(t *testing.T, page string) string {
	t.Helper()
	_, rest, found := strings.Cut(page, `href="/_app/`)
	path, _, closed := strings.Cut(rest, `"`)
	if !found || !closed {
		t.Fatalf("the page loads no script:\n%.1000s", page)
	}
	return "/_app/" + path
}
