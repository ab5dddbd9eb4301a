package network

import (
	"fmt"

	"github.com/linkwright/linkwright/internal/simazure/arm"
)

// Decide has the owner of a service decide on a connection, named by its own id or by the private endpoint's:
// "Approved", "Rejected", or "Disconnected" to end it.
func (s *Service) Decide(id arm.ID, status string) error {
	for _, service := range s.state.Services.All() {
		for _, c := range service.Properties.Connections {
			own := connectionID(service.ID, c)
			if !c.Endpoint.Is(id) && !own.Is(id) {
				continue
			}
			switch status {
			case disconnected:
				s.removeConnection(own)
			case approved, rejected:
				s.setState(service, c, connectionState{Status: status})
			default:
				return fmt.Errorf("a connection cannot become %q", status)
			}
			return nil
		}
	}
	return fmt.Errorf("%s has no connection", id)
}
