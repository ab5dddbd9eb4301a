package aws

import (
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simaws"
)

const (
	paymentsName = "com.amazonaws.vpce.us-east-1.vpce-svc-0a1b2c3d4e5f67890"
	otherFlow    = activities.Owner("default/endpoint-service/other")
)

func publication(owner activities.Owner, value string) activities.NameRequest {
	return activities.NameRequest{Place: consumer, Owner: owner, Parameter: "/linkwright/payments", Value: value}
}

// put writes the parameter by hand.
func (sc *scene) put(value string, tags ...ssmtypes.Tag) {
	sc.t.Helper()
	if _, err := sc.clients(consumer).SSM.PutParameter(sc.t.Context(), &ssm.PutParameterInput{
		Name: sdk.String("/linkwright/payments"), Value: sdk.String(value), Type: ssmtypes.ParameterTypeString, Tags: tags,
	}); err != nil {
		sc.t.Fatal(err)
	}
}

func reading() activities.ReadNameRequest {
	return activities.ReadNameRequest{Place: consumer, Parameter: "/linkwright/payments"}
}

func TestNamesCannotCollide(t *testing.T) {
	for _, c := range []struct {
		name    string
		prepare func(*scene)
	}{
		{"when another service has the parameter, it stays that one's", func(*scene) {}},
		{"when the other one was not shown a moment ago, it stays that one's", func(sc *scene) {
			// The look is answered as the cloud began: with no parameter. So both write, and AWS takes the first.
			sc.inject(simaws.Fault{Action: "GetParameter", Effect: simaws.EffectStale})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			sc := newScene(t)
			n := NewNames(sc.config)
			must(t, plain(n.PublishName), publication(serviceFlow, paymentsName))
			c.prepare(sc)
			other := publication(otherFlow, "com.amazonaws.vpce.us-east-1.vpce-svc-00000000000000000")
			_, err := run(t, plain(n.PublishName), other)
			if p := wantProblem(t, err, link.ReasonParameterConflict); !strings.Contains(p.Message, string(serviceFlow)) {
				t.Errorf("it does not say whose the parameter is: %+v", p)
			}
			must(t, plain(n.WithdrawName), other)
			if got := must(t, n.ReadName, reading()); got.Name != paymentsName {
				t.Errorf("consumers read %+v", got)
			}
		})
	}
}

func TestAParameterOfSomebodyElseIsNotOverwritten(t *testing.T) {
	sc := newScene(t)
	sc.put("by hand")
	_, err := run(t, plain(NewNames(sc.config).PublishName), publication(serviceFlow, paymentsName))
	wantProblem(t, err, link.ReasonParameterConflict)
	must(t, plain(NewNames(sc.config).WithdrawName), publication(serviceFlow, ""))
	if n, m := sc.calls("DeleteParameter"), sc.calls("PutParameter"); n != 0 || m != 1 {
		t.Errorf("it was deleted %d times, and written %d times", n, m)
	}
}

func TestReadName(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{"when it is a name, it is that", paymentsName, paymentsName},
		{"when it was written with a line break, it is the name", paymentsName + "\n", paymentsName},
		{"when it is one of China, it is that", "cn.com.amazonaws.vpce.cn-north-1.vpce-svc-0a", "cn.com.amazonaws.vpce.cn-north-1.vpce-svc-0a"},
		{"when it is one of the European Sovereign Cloud, it is that", "eu.amazonaws.vpce.eusc-de-east-1.vpce-svc-0a", "eu.amazonaws.vpce.eusc-de-east-1.vpce-svc-0a"},
		{"when it is one of AWS's own services, it is none of ours", "com.amazonaws.us-east-1.s3", ""},
		{"when it is an id alone, it is no name", "vpce-svc-0a1b2c3d4e5f67890", ""},
		{"when there is more in it, it is no name", paymentsName + " secret", ""},
		{"when it is something else, it is no name", "secret", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			sc := newScene(t)
			sc.put(c.value)
			got, err := run(t, NewNames(sc.config).ReadName, reading())
			if c.want != "" {
				if err != nil || got.Name != c.want {
					t.Errorf("it reads %+v, %v", got, err)
				}
				return
			}
			if p := wantProblem(t, err, link.ReasonServiceNotPublished); strings.Contains(p.Message, "secret") {
				t.Errorf("it repeats what the parameter holds: %+v", p)
			}
		})
	}
}

func TestReadNameWaitsForTheProvider(t *testing.T) {
	sc := newScene(t)
	var heartbeat any
	if _, err := attempt(t, NewNames(sc.config).ReadName, reading(), &heartbeat); !isPending(err) {
		t.Errorf("while there is no parameter, it answers %v", err)
	}
	sc.config.Patience = time.Nanosecond
	_, err := run(t, NewNames(sc.config).ReadName, reading())
	if p := wantProblem(t, err, link.ReasonServiceNotPublished); !strings.Contains(p.Message, "/linkwright/payments") {
		t.Errorf("problem = %+v", p)
	}
	must(t, plain(NewNames(sc.config).PublishName), publication(serviceFlow, paymentsName))
	before := sc.calls("ListTagsForResource")
	if got := must(t, NewNames(sc.config).ReadName, reading()); got.Name != paymentsName || sc.calls("ListTagsForResource") != before {
		t.Errorf("it reads %+v", got)
	}
}
