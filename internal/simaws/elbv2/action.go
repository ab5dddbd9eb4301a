package elbv2

import (
	"regexp"
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Action is what a listener, or a rule, does with a request. One of Forward, FixedResponse and Redirect is set, as
// Type says.
type Action struct {
	Type          string // "forward", "fixed-response", "redirect"
	Order         int
	Forward       *Forward
	FixedResponse *FixedResponse
	Redirect      *Redirect
}

// Forward shares traffic among target groups by weight.
type Forward struct {
	TargetGroups      []WeightedTargetGroup `xml:"TargetGroups>member"`
	Sticky            bool                  `xml:"TargetGroupStickinessConfig>Enabled"`
	StickinessSeconds int                   `xml:"TargetGroupStickinessConfig>DurationSeconds,omitempty"`
}

// WeightedTargetGroup is a share of the traffic.
type WeightedTargetGroup struct {
	ARN    string `xml:"TargetGroupArn"`
	Weight int    `xml:"Weight"`
}

// FixedResponse is an HTTP answer that the load balancer gives by itself.
type FixedResponse struct {
	MessageBody string `xml:"MessageBody,omitempty"`
	StatusCode  string `xml:"StatusCode"`
	ContentType string `xml:"ContentType,omitempty"`
}

// Redirect sends the client elsewhere.
type Redirect struct {
	Protocol   string `xml:"Protocol"`
	Port       string `xml:"Port"`
	Host       string `xml:"Host"`
	Path       string `xml:"Path"`
	Query      string `xml:"Query"`
	StatusCode string `xml:"StatusCode"`
}

type wireAction struct {
	Type           string         `xml:"Type"`
	TargetGroupARN string         `xml:"TargetGroupArn,omitempty"`
	Order          int            `xml:"Order,omitempty"`
	Forward        *Forward       `xml:"ForwardConfig"`
	FixedResponse  *FixedResponse `xml:"FixedResponseConfig"`
	Redirect       *Redirect      `xml:"RedirectConfig"`
}

// wireActions writes actions; one that forwards to a single target group says so in the older way too.
func wireActions(actions []Action) []wireAction {
	var list []wireAction
	for _, a := range actions {
		w := wireAction{Type: a.Type, Order: a.Order, Forward: a.Forward, FixedResponse: a.FixedResponse, Redirect: a.Redirect}
		if a.Forward != nil && len(a.Forward.TargetGroups) == 1 {
			w.TargetGroupARN = a.Forward.TargetGroups[0].ARN
		}
		list = append(list, w)
	}
	return list
}

// targetGroupsOf are the target groups that actions forward to.
func targetGroupsOf(actions []Action) []string {
	var arns []string
	for _, a := range actions {
		if a.Forward == nil {
			continue
		}
		for _, tg := range a.Forward.TargetGroups {
			arns = append(arns, tg.ARN)
		}
	}
	return arns
}

func readAction(f query.Form) (Action, error) {
	a := Action{Type: f.String("Type")}
	order, err := f.Int("Order")
	if err != nil {
		return a, err
	}
	if order != nil {
		a.Order = *order
	}
	switch a.Type {
	case "forward":
		a.Forward, err = readForward(f)
	case "fixed-response":
		a.FixedResponse, err = readFixedResponse(f.Sub("FixedResponseConfig"))
	case "redirect":
		a.Redirect, err = readRedirect(f.Sub("RedirectConfig"))
	default:
		err = sim.Errorf("InvalidLoadBalancerAction", "The action type '%s' is not simulated; forward, fixed-response and redirect are", a.Type)
	}
	return a, err
}

// readForward reads a forward action: one target group, or several with weights from 0 to 999. Who gives both ways
// names the same single group in both (Elastic Load Balancing API Reference, Action and TargetGroupTuple).
func readForward(f query.Form) (*Forward, error) {
	config := f.Sub("ForwardConfig")
	fw := &Forward{}
	for _, tuple := range config.Structs("TargetGroups") {
		weight, err := tuple.Int("Weight")
		if err != nil {
			return nil, err
		}
		tg := WeightedTargetGroup{ARN: tuple.String("TargetGroupArn"), Weight: 1}
		if weight != nil {
			tg.Weight = *weight
		}
		if tg.Weight < 0 || tg.Weight > 999 {
			return nil, sim.Errorf("ValidationError", "The weight of a target group must be between 0 and 999, not %d", tg.Weight)
		}
		fw.TargetGroups = append(fw.TargetGroups, tg)
	}
	if err := fw.readStickiness(config.Sub("TargetGroupStickinessConfig")); err != nil {
		return nil, err
	}
	arn := f.String("TargetGroupArn")
	switch {
	case len(fw.TargetGroups) == 0 && arn == "":
		return nil, sim.Errorf("ValidationError", "A target group ARN must be specified for a forward action")
	case len(fw.TargetGroups) == 0:
		fw.TargetGroups = []WeightedTargetGroup{{ARN: arn, Weight: 1}}
	case arn != "" && (len(fw.TargetGroups) > 1 || fw.TargetGroups[0].ARN != arn):
		return nil, sim.Errorf("ValidationError", "The target group ARN must be the only one of the forward configuration")
	}
	return fw, nil
}

// readStickiness: to be enabled it needs a duration of 1 to 604800 seconds (Elastic Load Balancing API Reference,
// TargetGroupStickinessConfig).
func (fw *Forward) readStickiness(f query.Form) error {
	var err error
	if fw.Sticky, err = f.True("Enabled"); err != nil {
		return err
	}
	seconds, err := f.Int("DurationSeconds")
	if err != nil {
		return err
	}
	if seconds != nil {
		fw.StickinessSeconds = *seconds
	}
	if fw.Sticky && (fw.StickinessSeconds < 1 || fw.StickinessSeconds > 604800) {
		return sim.Errorf("ValidationError", "Target group stickiness duration must be between 1 and 604800 seconds")
	}
	return nil
}

var (
	statusOfResponse = regexp.MustCompile(`^[245]\d\d$`)
	contentTypes     = []string{"", "text/plain", "text/css", "text/html", "application/javascript", "application/json"}
)

// maxMessageBody is in characters (Elastic Load Balancing API Reference, FixedResponseActionConfig).
const maxMessageBody = 1024

func readFixedResponse(f query.Form) (*FixedResponse, error) {
	response := &FixedResponse{f.String("MessageBody"), f.String("StatusCode"), f.String("ContentType")}
	switch {
	case !statusOfResponse.MatchString(response.StatusCode):
		return nil, sim.Errorf("ValidationError", "A fixed response needs a status code of the form 2XX, 4XX or 5XX, not '%s'", response.StatusCode)
	case !slices.Contains(contentTypes, response.ContentType):
		return nil, sim.Errorf("ValidationError", "The content type '%s' of a fixed response is not valid", response.ContentType)
	case len(response.MessageBody) > maxMessageBody:
		return nil, sim.Errorf("ValidationError", "The message body of a fixed response has at most %d characters", maxMessageBody)
	}
	return response, nil
}

func readRedirect(f query.Form) (*Redirect, error) {
	rd := &Redirect{Protocol: "#{protocol}", Port: "#{port}", Host: "#{host}", Path: "/#{path}", Query: "#{query}", StatusCode: f.String("StatusCode")}
	for name, field := range map[string]*string{
		"Protocol": &rd.Protocol, "Port": &rd.Port, "Host": &rd.Host, "Path": &rd.Path, "Query": &rd.Query,
	} {
		if f.Has(name) {
			*field = f.String(name)
		}
	}
	if rd.StatusCode != "HTTP_301" && rd.StatusCode != "HTTP_302" {
		return nil, sim.Errorf("ValidationError", "The status code of a redirect is HTTP_301 or HTTP_302")
	}
	return rd, nil
}
