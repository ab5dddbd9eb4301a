package flows

import (
	"context"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"github.com/linkwright/linkwright/internal/dial"
)

// answerWithin is how long a flow has to answer an update: long enough for a worker that has just been
// started, short enough for a person at a prompt.
const answerWithin = 20 * time.Second

// Client speaks with the flows of one Temporal namespace.
type Client struct {
	temporal           client.Client
	address, namespace string
	// memos reads memos.
	memos converter.DataConverter
}

// New speaks with flows through a Temporal client that is already there; the caller closes it. Address and
// namespace are what the client was made with; they stand in error messages. It reads no memos that are encrypted.
func New(temporal client.Client, address, namespace string) *Client {
	return &Client{temporal: temporal, address: address, namespace: namespace, memos: converter.GetDefaultDataConverter()}
}

// Dial reaches Temporal as the standard client configuration and the options say.
func Dial(ctx context.Context, o dial.Options) (*Client, error) {
	c, err := dial.ForCaller(ctx, o)
	if err != nil {
		return nil, err
	}
	return &Client{temporal: c.Client, address: c.Address, namespace: c.Namespace, memos: c.Converter}, nil
}

// Close lets the connection go.
func (c *Client) Close() { c.temporal.Close() }
