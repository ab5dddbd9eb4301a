package accounts

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/linkwright/linkwright/internal/simcloud"
)

// instruments is where the measurements of a test end up.
type instruments struct {
	t      *testing.T
	reader *metric.ManualReader
}

func measured(t *testing.T, b *Book) instruments {
	t.Helper()
	reader := metric.NewManualReader()
	if err := b.Measure(metric.NewMeterProvider(metric.WithReader(reader)).Meter("")); err != nil {
		t.Fatal(err)
	}
	return instruments{t, reader}
}

// read is what an instrument has measured so far.
func (i instruments) read(name string) metricdata.Aggregation {
	i.t.Helper()
	var all metricdata.ResourceMetrics
	if err := i.reader.Collect(i.t.Context(), &all); err != nil {
		i.t.Fatal(err)
	}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			if m.Name == name {
				return m.Data
			}
		}
	}
	return nil
}

// outcomes counts how the calls have ended that have these labels, and no others.
func (i instruments) outcomes(account, cloud, service, action string) map[string]int64 {
	i.t.Helper()
	counts := map[string]int64{}
	sum, _ := i.read("linkwright_cloud_calls").(metricdata.Sum[int64])
	for _, point := range sum.DataPoints {
		outcome, _ := point.Attributes.Value("outcome")
		want := attribute.NewSet(attribute.String("account", account), attribute.String("cloud", cloud),
			attribute.String("service", service), attribute.String("action", action), attribute.String("outcome", outcome.AsString()))
		if point.Attributes.Equals(&want) {
			counts[outcome.AsString()] = point.Value
		} else {
			i.t.Errorf("there is a series %v", point.Attributes.ToSlice())
		}
	}
	return counts
}

// struck are the ways in which a call can end, the same in both clouds. The SDKs try again what may pass then.
var struck = []struct {
	name   string
	effect simcloud.Effect
	want   map[string]int64
}{
	{"when it passes, it is ok", "", map[string]int64{"ok": 1}},
	{"when it is denied, it is refused", simcloud.EffectAccessDenied, map[string]int64{"refused": 1}},
	{"when the cloud fails, it has failed, and is tried again", simcloud.EffectInternalError, map[string]int64{"failed": 1, "ok": 1}},
	{"when nothing comes back, it is unanswered, and is tried again", simcloud.EffectCut, map[string]int64{"unanswered": 1, "ok": 1}},
}

func TestHowCallsToAWSEndIsCounted(t *testing.T) {
	for _, c := range append(struck, struct {
		name   string
		effect simcloud.Effect
		want   map[string]int64
	}{"when it is throttled, it is so counted, and is tried again", simcloud.EffectThrottle, map[string]int64{"throttled": 1, "ok": 1}}) {
		t.Run(c.name, func(t *testing.T) {
			cloud, b := start(t)
			counts := measured(t, b)
			if c.effect != "" {
				if _, err := cloud.Inject(simcloud.Fault{Service: "ec2", Action: "DescribeVpcs", Effect: c.effect}); err != nil {
					t.Fatal(err)
				}
			}
			clients, err := b.Clients(t.Context(), "provider", "us-east-1")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := clients.EC2.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{}); (err == nil) != (c.want["ok"] == 1) {
				t.Fatalf("the call answers %v", err)
			}
			if got := counts.outcomes("provider", "aws", "ec2", "DescribeVpcs"); !maps.Equal(got, c.want) {
				t.Errorf("counted are %v, want %v", got, c.want)
			}
		})
	}
}

func TestHowCallsToAzureEndIsCounted(t *testing.T) {
	for _, c := range append(struck, struct {
		name   string
		effect simcloud.Effect
		want   map[string]int64
	}{"when it is throttled, it is so counted, and comes back later", simcloud.EffectThrottle, map[string]int64{"throttled": 1}}) {
		t.Run(c.name, func(t *testing.T) {
			cloud, b := startAzure(t)
			counts := measured(t, b)
			if c.effect != "" {
				if _, err := cloud.Inject(simcloud.Fault{Action: "privateLinkServices/read", Effect: c.effect}); err != nil {
					t.Fatal(err)
				}
			}
			if err := listServices(t.Context(), b, "one"); (err == nil) != (c.want["ok"] == 1) {
				t.Fatalf("the call answers %v", err)
			}
			if got := counts.outcomes("one", "azure", "Microsoft.Network", "Microsoft.Network/privateLinkServices/read"); !maps.Equal(got, c.want) {
				t.Errorf("counted are %v, want %v", got, c.want)
			}
		})
	}
}

func TestHowLongCallsWaitForTheirTurnIsMeasured(t *testing.T) {
	_, b := startAzure(t)
	counts := measured(t, b)
	if err := listServices(t.Context(), b, "one"); err != nil {
		t.Fatal(err)
	}
	l := b.pages["one"].azure.limiter
	for range 1000 { // more than the bucket has
		l.ask(l.visit("", "resourceManager", "", "read"), time.Now())
	}
	ctx, cancel := context.WithTimeout(t.Context(), callTime)
	defer cancel()
	var turn *TurnError
	if err := listServices(ctx, b, "one"); !errors.As(err, &turn) {
		t.Fatalf("it answers %v", err)
	}
	waits, _ := counts.read("linkwright_cloud_turn_wait").(metricdata.Histogram[float64])
	want := attribute.NewSet(attribute.String("account", "one"), attribute.String("cloud", "azure"), attribute.String("service", "Microsoft.Network"))
	if len(waits.DataPoints) != 1 || !waits.DataPoints[0].Attributes.Equals(&want) {
		t.Fatalf("measured is %+v", waits.DataPoints)
	}
	if p := waits.DataPoints[0]; p.Count != 2 || p.Sum < turn.After.Seconds() {
		t.Errorf("%d calls have waited %v s, want 2, one of which is to come back in %v", p.Count, p.Sum, turn.After)
	}
	if got := counts.outcomes("one", "azure", "Microsoft.Network", "Microsoft.Network/privateLinkServices/read"); !maps.Equal(got, map[string]int64{"ok": 1}) {
		t.Errorf("a call that was not made is counted: %v", got)
	}
}
