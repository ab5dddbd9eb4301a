package ec2

import (
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Notification asks EC2 to tell an SNS topic of events on a service or an endpoint. It is remembered and
// shown; this cloud has no topics to send to.
type Notification struct {
	Resource
	Topic    string
	Events   []string
	Service  string // the id of one of the two
	Endpoint string
}

var notificationNotFound = missing("InvalidConnectionNotification.NotFound", "The connection notification '%s' does not exist")

func (s *Service) createNotification(r *sim.Request, f query.Form) (any, error) {
	id, err := s.madeBefore(r, f)
	if err != nil {
		return nil, err
	}
	notification := s.state.Notifications[id]
	if notification == nil {
		if notification, err = s.newNotification(r, f); err != nil {
			return nil, err
		}
		s.state.Notifications[notification.ID] = notification
		s.remember(r, f, notification.ID)
	}
	var result struct {
		Notification notificationItem `xml:"connectionNotification"`
		ClientToken  string           `xml:"clientToken,omitempty"`
	}
	result.Notification, result.ClientToken = notification.item(), f.String("ClientToken")
	return result, nil
}

func (s *Service) newNotification(r *sim.Request, f query.Form) (*Notification, error) {
	service, endpoint := f.String("ServiceId"), f.String("VpcEndpointId")
	if (service == "") == (endpoint == "") {
		return nil, sim.Errorf("InvalidParameterCombination", "Exactly one of ServiceId and VpcEndpointId must be given.")
	}
	if service != "" {
		if _, err := owned(r, s.state.EndpointServices, service, serviceNotFound); err != nil {
			return nil, err
		}
	} else if _, err := owned(r, s.state.Endpoints, endpoint, endpointNotFound); err != nil {
		return nil, err
	}
	n := &Notification{Topic: f.String("ConnectionNotificationArn"), Events: f.List("ConnectionEvents"), Service: service, Endpoint: endpoint}
	if err := n.check(); err != nil {
		return nil, err
	}
	n.Resource = s.newResource(r, "vpce-nfn", "vpc-endpoint-connection-notification", nil)
	return n, nil
}

func (n *Notification) check() error {
	if !strings.HasPrefix(n.Topic, "arn:") || !strings.Contains(n.Topic, ":sns:") {
		return sim.Errorf("InvalidParameterValue", "Value (%s) for parameter ConnectionNotificationArn is invalid.", n.Topic)
	}
	if len(n.Events) == 0 {
		return missingParameter("ConnectionEvents")
	}
	for _, event := range n.Events {
		if !slices.Contains([]string{"Accept", "Connect", "Delete", "Reject"}, event) {
			return sim.Errorf("InvalidParameterValue", "Value (%s) for parameter ConnectionEvents is invalid.", event)
		}
	}
	return nil
}

func (s *Service) modifyNotification(r *sim.Request, f query.Form) (any, error) {
	notification, err := owned(r, s.state.Notifications, f.String("ConnectionNotificationId"), notificationNotFound)
	if err != nil {
		return nil, err
	}
	changed := *notification
	if topic := f.String("ConnectionNotificationArn"); topic != "" {
		changed.Topic = topic
	}
	if events := f.List("ConnectionEvents"); len(events) > 0 {
		changed.Events = events
	}
	if err := changed.check(); err != nil {
		return nil, err
	}
	*notification = changed
	return done{true}, nil
}

func (s *Service) deleteNotifications(r *sim.Request, f query.Form) (any, error) {
	return each(r, f.List("ConnectionNotificationId"), func(id string) error {
		if _, err := owned(r, s.state.Notifications, id, notificationNotFound); err != nil {
			return err
		}
		delete(s.state.Notifications, id)
		return nil
	})
}

type notificationItem struct {
	ID       string   `xml:"connectionNotificationId"`
	Type     string   `xml:"connectionNotificationType"`
	State    string   `xml:"connectionNotificationState"`
	Topic    string   `xml:"connectionNotificationArn"`
	Events   []string `xml:"connectionEvents>item"`
	Service  string   `xml:"serviceId,omitempty"`
	Endpoint string   `xml:"vpcEndpointId,omitempty"`
}

func (n *Notification) item() notificationItem {
	return notificationItem{ID: n.ID, Type: "Topic", State: "Enabled", Topic: n.Topic, Events: n.Events, Service: n.Service, Endpoint: n.Endpoint}
}

func (s *Service) describeNotifications(r *sim.Request, f query.Form) (any, error) {
	var result struct {
		Notifications []notificationItem `xml:"connectionNotificationSet>item"`
		NextToken     string             `xml:"nextToken,omitempty"`
	}
	table := s.state.Notifications
	if id := f.String("ConnectionNotificationId"); id != "" {
		notification, err := owned(r, table, id, notificationNotFound)
		if err != nil {
			return nil, err
		}
		table = map[string]*Notification{id: notification}
	}
	notifications, next, err := list(s, r, f, listing[*Notification]{
		table: table,
		filters: map[string]func(*Notification) []string{
			"connection-notification-id":    one(func(n *Notification) string { return n.ID }),
			"connection-notification-arn":   one(func(n *Notification) string { return n.Topic }),
			"connection-notification-type":  one(func(*Notification) string { return "Topic" }),
			"connection-notification-state": one(func(*Notification) string { return "Enabled" }),
			"service-id":                    one(func(n *Notification) string { return n.Service }),
			"vpc-endpoint-id":               one(func(n *Notification) string { return n.Endpoint }),
		},
	})
	if err != nil {
		return nil, err
	}
	for _, n := range notifications {
		result.Notifications = append(result.Notifications, n.item())
	}
	result.NextToken = next
	return result, nil
}
