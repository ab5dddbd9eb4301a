package activities

import (
	"context"
	"encoding/json"
)

// Fleets is what a reconciliation asks of Temporal about all flows at once.
type Fleets interface {
	// SurveyFleet finds out in which places the flows of a query stand by something.
	SurveyFleet(context.Context, SurveyFleetRequest) (FleetSurvey, error)
	// TellFleet sends each flow an update, some at once, and returns their answers in the same order. An update is taken
	// in once, however often it is sent under its id.
	TellFleet(context.Context, TellFleetRequest) ([]FlowAnswer, error)
	// AskFleet asks each flow a query, some at once, and returns their answers in the same order.
	AskFleet(context.Context, AskFleetRequest) ([]FlowAnswer, error)
}

// SurveyFleetRequest selects flows by queries of Temporal's visibility.
type SurveyFleetRequest struct {
	// Settled selects those that stand by something, and Attribute is the search attribute that lists where: "account/region".
	Settled   string `json:"settled"`
	Attribute string `json:"attribute"`
	// Broken selects those that have ended otherwise than by their teardown, where they may have left something; empty when
	// nobody asks.
	Broken string `json:"broken,omitempty"`
	// Within is an account, a region, or both, that alone matters; what is empty matters not.
	Within Place `json:"within,omitzero"`
	// AtWork selects those that are not where they are to be yet; they are counted.
	AtWork string `json:"atWork"`
}

// FleetSurvey is where flows stand by something, or have.
type FleetSurvey struct {
	Places []Place `json:"places"` // in order
	// Left are those of Places where something may be left that nobody stands by any more.
	Left []Place `json:"left,omitempty"`
	// Flows are how many stand by something there.
	Flows  int `json:"flows"`
	AtWork int `json:"atWork"`
	// Silent are settled flows that have not said what they stand by, by workflow id.
	Silent []string `json:"silent,omitempty"`
}

// TellFleetRequest is what to tell flows.
type TellFleetRequest struct {
	Update string `json:"update"`
	// ID goes before each workflow id in the id of its update.
	ID       string        `json:"id"`
	Messages []FlowMessage `json:"messages"`
}

// FlowMessage is for one flow.
type FlowMessage struct {
	WorkflowID string          `json:"workflowID"`
	Message    json.RawMessage `json:"message"`
}

// AskFleetRequest is what to ask flows.
type AskFleetRequest struct {
	Query       string   `json:"query"`
	WorkflowIDs []string `json:"workflowIDs"`
}

// FlowAnswer is what a flow has answered. Without an answer, Missing says why.
type FlowAnswer struct {
	Answer  json.RawMessage `json:"answer,omitempty"`
	Missing string          `json:"missing,omitempty"`
}
