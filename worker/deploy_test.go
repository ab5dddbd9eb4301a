package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"go.temporal.io/sdk/client"
	"sigs.k8s.io/yaml"

	"github.com/linkwright/linkwright/dev/stack"
	"github.com/linkwright/linkwright/dev/temporal"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simcloud"
	"github.com/linkwright/linkwright/starter/cli"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/workflows"
)

// What is handed out in deploy/ speaks of metrics by name. Here a worker runs as it is run in earnest, on a link that
// gets blocked, and has to show each of them.

// expressions are those of the dashboard and the alerts.
func expressions(t *testing.T) []string {
	t.Helper()
	read := func(path string) []byte {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(read("../deploy/grafana/linkwright.json"), &dashboard); err != nil {
		t.Fatal(err)
	}
	var alerts struct {
		Groups []struct {
			Name  string `json:"name"`
			Rules []struct {
				Alert       string            `json:"alert"`
				Expr        string            `json:"expr"`
				For         string            `json:"for"`
				Labels      map[string]string `json:"labels"`
				Annotations map[string]string `json:"annotations"`
			} `json:"rules"`
		} `json:"groups"`
	}
	if err := yaml.UnmarshalStrict(read("../deploy/prometheus/alerts.yaml"), &alerts); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, p := range dashboard.Panels {
		if len(p.Targets) == 0 {
			t.Errorf("panel %q shows nothing", p.Title)
		}
		for _, target := range p.Targets {
			all = append(all, target.Expr)
		}
	}
	for _, g := range alerts.Groups {
		for _, r := range g.Rules {
			if r.Annotations["summary"] == "" {
				t.Errorf("alert %s says nothing", r.Alert)
			}
			all = append(all, r.Expr)
		}
	}
	return all
}

var (
	selector = regexp.MustCompile(`\{([^}]*)\}`)
	label    = regexp.MustCompile(`(\w+)\s*(=~|!~|!=|=)`)
	grouping = regexp.MustCompile(`\b(by|without)\s*\(([^)]*)\)`)
	ranges   = regexp.MustCompile(`\[[^\]]*\]`)
	// word is a name of PromQL; one with a parenthesis is a function.
	word = regexp.MustCompile(`\b[a-zA-Z_]\w*\b(\s*\()?`)
)

// namesIn are the metrics and the labels of an expression. Those that Prometheus adds itself are not among the labels, nor
// are those of "without", which need not be there.
func namesIn(expr string) (metrics, labels []string) {
	for _, s := range selector.FindAllStringSubmatch(expr, -1) {
		for _, l := range label.FindAllStringSubmatch(s[1], -1) {
			labels = append(labels, l[1])
		}
	}
	for _, g := range grouping.FindAllStringSubmatch(expr, -1) {
		if g[1] == "by" {
			labels = append(labels, strings.FieldsFunc(g[2], func(r rune) bool { return r == ',' || r == ' ' })...)
		}
	}
	expr = ranges.ReplaceAllString(grouping.ReplaceAllString(selector.ReplaceAllString(expr, ""), ""), "")
	for _, w := range word.FindAllString(expr, -1) {
		if !strings.HasSuffix(w, "(") && w != "or" {
			metrics = append(metrics, w)
		}
	}
	return metrics, labels
}

// missing says what expressions mention that a scrape does not have.
func missing(expressions []string, scrape string) []string {
	shown := map[string]string{} // the lines of each metric
	for line := range strings.Lines(scrape) {
		name, _, _ := strings.Cut(line, "{")
		name, _, _ = strings.Cut(name, " ")
		shown[name] += line
	}
	var lacks []string
	for _, expr := range expressions {
		metrics, labels := namesIn(expr)
		if len(metrics) == 0 {
			lacks = append(lacks, "a metric in "+expr)
		}
		for _, m := range metrics {
			if shown[m] == "" {
				lacks = append(lacks, m)
				continue
			}
			for _, l := range labels {
				if !regexp.MustCompile(`[{,]` + l + `="`).MatchString(shown[m]) {
					lacks = append(lacks, m+"{"+l+"}")
				}
			}
		}
	}
	slices.Sort(lacks)
	return slices.Compact(lacks)
}

// startWorker runs a worker until it is stopped or the test ends, and returns where it shows its metrics.
func startWorker(t *testing.T, args ...string) (url string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	log, out := io.Pipe()
	cmd := command()
	cmd.SetArgs(append(args, "--metrics-listen", "127.0.0.1:0"))
	cmd.SetErr(out)
	ended := make(chan error, 1)
	go func() {
		err := cmd.ExecuteContext(ctx)
		out.Close()
		ended <- err
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	shown := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(log)
		for lines.Scan() {
			if _, rest, ok := strings.Cut(lines.Text(), "url="); ok && strings.Contains(lines.Text(), "showing metrics") {
				shown <- strings.Trim(rest, `"`)
			}
		}
		close(shown)
	}()
	url, ok := <-shown
	if !ok {
		t.Fatal("the worker shows no metrics")
	}
	return url, stop
}

func scrape(t *testing.T, url string) string {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s answers %s, %v: %s", url, answer.Status, err, text)
	}
	return string(text)
}

// drift takes the consumers off the service, and has that found: a person must say whether they may come back.
func drift(t *testing.T, s *stack.Stack) {
	t.Helper()
	known := flows.New(s.Client, s.Temporal.Address(), temporal.Namespace)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	until := func(done func() bool) {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for !done() {
			select {
			case <-ctx.Done():
				t.Fatal(ctx.Err())
			case <-tick.C:
			}
		}
	}
	var service link.Status
	until(func() bool {
		var err error
		service, err = known.Status(ctx, flows.ServiceRef("payments"))
		return err == nil && service.Phase == link.Serving
	})
	provider := ec2.NewFromConfig(aws.Config{Region: service.Region, BaseEndpoint: aws.String(s.Cloud.URL()), Credentials: s.Admin(service.Account)})
	for _, r := range service.Resources {
		if r.Kind != link.KindService {
			continue
		}
		admitted, err := provider.DescribeVpcEndpointServicePermissions(ctx, &ec2.DescribeVpcEndpointServicePermissionsInput{ServiceId: &r.ID})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range admitted.AllowedPrincipals {
			if _, err := provider.ModifyVpcEndpointServicePermissions(ctx, &ec2.ModifyVpcEndpointServicePermissionsInput{
				ServiceId: &r.ID, RemoveAllowedPrincipals: []string{*p.Principal},
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	until(func() bool { // Temporal lists a flow a moment after it has said what it stands by
		run, err := s.Client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: workflows.ReconcileID("test"), TaskQueue: workflows.TaskQueue},
			workflows.ReconcileWorkflow, workflows.ReconcileInput{})
		var found link.ReconcileReport
		if err == nil {
			err = run.Get(ctx, &found)
		}
		if err != nil {
			t.Fatal(err)
		}
		return found.Waiting == 1
	})
}

func TestAWorkerShowsWhatDashboardAndAlertsSpeakOf(t *testing.T) {
	expressions := expressions(t)
	s, err := stack.Start(t.Context(), stack.Options{NoUI: true, NoWorker: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	fault := simcloud.Fault{Service: "ec2", Action: "CreateVpcEndpoint", Times: 1 << 20, Effect: simcloud.EffectAccessDenied}
	if _, err := s.Cloud.Inject(fault); err != nil {
		t.Fatal(err)
	}
	user, err := s.Admin("platform").Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": user.AccessKeyID, "AWS_SECRET_ACCESS_KEY": user.SecretAccessKey, "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "TEMPORAL_CONFIG_FILE": os.DevNull,
	} {
		t.Setenv(name, value)
	}
	spans := startCollector(t)
	t.Setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", spans.url)
	url, stop := startWorker(t, "--address", s.Temporal.Address(), "--accounts-file", s.Accounts, "--dns-server", s.Cloud.DNSAddr().String(),
		"--poll-min", "100ms", "--poll-max", "500ms", "--blocked-retry", "1s", "--stop-timeout", "1s")
	var out bytes.Buffer
	args := []string{"apply", "-f", s.Specs, "--as", "bob", "--no-plan", "--address", s.Temporal.Address()}
	if code := cli.Run(t.Context(), "test", args, cli.Streams{In: &bytes.Buffer{}, Out: &out, Err: &out}); code != cli.ExitOK {
		t.Fatalf("nothing is applied: %s", out.String())
	}

	drift(t, s)

	// It takes a moment until the link is blocked, and until the links are counted after that.
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		text := scrape(t, url)
		lacks := missing(expressions, text)
		if len(lacks) == 0 {
			break
		}
		select {
		case <-ctx.Done():
			t.Fatalf("the worker does not show %s, but\n%s", strings.Join(lacks, ", "), text)
		case <-tick.C:
		}
	}
	// That what is missing would be found:
	typo := `sum by (acount) (rate(linkwright_cloud_call_total[5m])) / sum by (acount) (linkwright_cloud_calls_total)`
	if lacks := missing([]string{typo}, scrape(t, url)); !slices.Equal(lacks, []string{"linkwright_cloud_call_total", "linkwright_cloud_calls_total{acount}"}) {
		t.Errorf("of an expression with mistakes it finds %q", lacks)
	}
	// No series is about one link.
	if text := scrape(t, url); strings.Contains(text, "shop") {
		t.Errorf("a link is named in\n%s", text)
	}

	// A worker that stops exports what it still has. What the command line began goes on in the worker's steps.
	stop()
	begun := spans.traces("UpdateWithStartWorkflow:apply")
	if len(begun) != 2 { // a service and a connection
		t.Errorf("the command line has begun %d traces", len(begun))
	}
	steps := spans.traces("RunActivity:aws.")
	for _, trace := range begun {
		if !slices.Contains(steps, trace) {
			t.Errorf("of %d traces with steps none is that of the command line", len(steps))
		}
	}
}

func TestWhenMetricsCannotBeShownTheWorkerDoesNotStart(t *testing.T) {
	cmd := command()
	path := t.TempDir() + "/accounts.yaml"
	if err := os.WriteFile(path, []byte("accounts:\n  a: {aws: {accountID: \"111111111111\"}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd.SetArgs([]string{"--accounts-file", path, "--metrics-listen", "127.0.0.1:no-port", "--address", "127.0.0.1:1"})
	if err := cmd.ExecuteContext(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "--metrics-listen: ") {
		t.Errorf("it says %v", err)
	}
}
