package link

import "time"

// Verb is what was decided.
type Verb string

const (
	Approve    Verb = "approve"
	Reject     Verb = "reject"
	Retry      Verb = "retry"
	Apply      Verb = "apply"
	Disconnect Verb = "disconnect"
	Withdraw   Verb = "withdraw"
	Close      Verb = "close"
	Remove     Verb = "remove"
)

// Via is how a decision arrived.
type Via string

const (
	ViaUpdate  Via = "update"
	ViaSignal  Via = "signal"
	ViaPolicy  Via = "policy"  // the service's approval policy decided
	ViaTimeout Via = "timeout" // nobody did
	ViaCloud   Via = "cloud"   // somebody acted in the cloud, outside Linkwright
	// ViaPredecessor was taken on the same endpoint, in a flow that has handed it over.
	ViaPredecessor Via = "predecessor"
	ViaCancel      Via = "cancel" // the workflow was cancelled
)

// Decision is who decided what, when and why. An approval or rejection also names exactly what the approver
// saw, and only that is acted on.
type Decision struct {
	Verb Verb `json:"verb,omitempty"`
	// Endpoint and Owner are the endpoint id and the account id that the decision is about.
	Endpoint string `json:"endpoint,omitempty"`
	Owner    string `json:"owner,omitempty"`
	// Link is the mark of the request that the decision is about, on clouds that have one: Azure's link identifier.
	Link string `json:"link,omitempty"`
	// Nonce is the question that is answered. It may be left out where no signature is asked for.
	Nonce string `json:"nonce,omitempty"`
	// ID is a mark that the sender chose, to find the decision again in the status; it means nothing else.
	ID string `json:"id,omitempty"`
	// By is who says to have decided. It is a claim.
	By string `json:"by,omitempty"`
	// Principal is the sender that the Temporal server authenticated, where it did (signals only).
	Principal string    `json:"principal,omitempty"`
	Reason    string    `json:"reason,omitempty"`
	At        time.Time `json:"at,omitzero"`
	Via       Via       `json:"via,omitempty"`
	// Signature is an SSH signature over the decision's [Statement], armored as ssh-keygen -Y sign writes it.
	Signature string `json:"signature,omitempty"`
	// Key is the fingerprint of the key that made the signature.
	Key string `json:"key,omitempty"`
	// Proven is who has decided, as the policy asked to have it proven; empty when it asked for no proof.
	Proven string `json:"proven,omitempty"`
	// Refused is why the decision was not carried out; empty when it was.
	Refused string `json:"refused,omitempty"`
}

// Who is whose the decision is: who has proven to have taken it or, where that was not asked for, who says so.
func (d Decision) Who() string {
	if d.Proven != "" {
		return d.Proven
	}
	return d.By
}
