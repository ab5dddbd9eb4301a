package temporal_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/linkwright/linkwright/dev/temporal"
)

// dataDirVariable makes this test binary a server on the folder it names, for a test to kill.
const dataDirVariable = "LINKWRIGHT_TEST_DATA_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(dataDirVariable); dir != "" {
		if err := serveUntilKilled(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// serveUntilKilled starts a server and a workflow on it, says so on standard output, and waits.
func serveUntilKilled(dir string) error {
	ctx := context.Background()
	server, err := temporal.Start(ctx, temporal.Options{DataDir: dir, SearchAttributes: attributes(), NoUI: true})
	if err != nil {
		return err
	}
	c, err := server.Dial(ctx)
	if err != nil {
		return err
	}
	if _, err := startGreet(ctx, c, "greet", "red"); err != nil {
		return err
	}
	fmt.Println("serving", server.Address())
	select {}
}

func TestDataDir(t *testing.T) {
	dir := t.TempDir() + "/with spaces & a ?" // both mean something in a database address
	kill := startProcess(t, dir)

	t.Run("when another process has the folder, it says so", func(t *testing.T) {
		_, err := temporal.Start(t.Context(), temporal.Options{DataDir: dir, NoUI: true})
		var inUse *temporal.DataDirInUseError
		if !errors.As(err, &inUse) || inUse.Dir != dir {
			t.Errorf("err = %v, want a DataDirInUseError for %s", err, dir)
		}
	})

	kill()
	more := maps.Clone(attributes())
	more["Weight"] = enumspb.INDEXED_VALUE_TYPE_INT

	t.Run("when the process that had the folder was killed, its workflow goes on, also with one more search attribute", func(t *testing.T) {
		server := start(t, temporal.Options{DataDir: dir, SearchAttributes: more, NoUI: true})
		c := dial(t, server)
		serveGreet(t, c)
		signal(t, c)
		var greeting string
		if err := c.GetWorkflow(t.Context(), "greet", "").Get(t.Context(), &greeting); err != nil {
			t.Fatal(err)
		}
		if greeting != "hello Ada" {
			t.Errorf("greeting = %q", greeting)
		}
	})

	t.Run("when it starts on the folder once more, it finds the closed workflow and the same cluster", func(t *testing.T) {
		id := ""
		for range 2 {
			server := start(t, temporal.Options{DataDir: dir, SearchAttributes: more, NoUI: true})
			c := dial(t, server)
			until(t, "the workflow is listed by its colour", func() bool {
				count, err := c.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{
					Query: "Colour = 'red' AND ExecutionStatus = 'Completed' AND Weight IS NULL",
				})
				if err != nil {
					t.Fatal(err)
				}
				return count.Count == 1
			})
			info, err := c.WorkflowService().GetClusterInfo(t.Context(), &workflowservice.GetClusterInfoRequest{})
			if err != nil {
				t.Fatal(err)
			}
			if id != "" && info.ClusterId != id {
				t.Errorf("cluster id = %s, was %s", info.ClusterId, id)
			}
			id = info.ClusterId
			if err := server.Stop(); err != nil {
				t.Fatal(err)
			}
		}
	})

	t.Run("when a search attribute would change its type, it refuses", func(t *testing.T) {
		_, err := temporal.Start(t.Context(), temporal.Options{DataDir: dir, NoUI: true, SearchAttributes: map[string]enumspb.IndexedValueType{
			colour.GetName(): enumspb.INDEXED_VALUE_TYPE_INT,
		}})
		if err == nil || !strings.Contains(err.Error(), "Colour is a Keyword") {
			t.Errorf("err = %v", err)
		}
	})
}

// startProcess runs serveUntilKilled in a process of its own and returns once it serves.
func startProcess(t *testing.T, dir string) (kill func()) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	process := exec.Command(self)
	process.Env = append(os.Environ(), dataDirVariable+"="+dir)
	process.Stderr = os.Stderr
	output, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	kill = sync.OnceFunc(func() {
		if err := process.Process.Kill(); err != nil {
			t.Error(err)
		}
		if err := process.Wait(); err == nil {
			t.Error("the process ended by itself")
		}
	})
	t.Cleanup(kill)
	if line, err := bufio.NewReader(output).ReadString('\n'); err != nil {
		t.Fatalf("the process did not start to serve: %q, %v", line, err)
	}
	return kill
}
