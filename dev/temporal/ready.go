package temporal

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
)

const (
	startTimeout  = 30 * time.Second
	retryInterval = 20 * time.Millisecond
)

// addSearchAttributes gives the namespace of an older database the attributes that it lacks, and says
// whether there were any. A name that exists with another type is an error.
func (s *Server) addSearchAttributes(ctx context.Context, wanted map[string]enumspb.IndexedValueType) (added bool, err error) {
	if len(wanted) == 0 {
		return false, nil
	}
	c, err := s.dialWhenUp(ctx)
	if err != nil {
		return false, err
	}
	defer c.Close()

	present, err := c.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: Namespace})
	if err != nil {
		return false, fmt.Errorf("list search attributes: %w", err)
	}
	missing := map[string]enumspb.IndexedValueType{}
	for name, kind := range wanted {
		switch has, ok := present.GetCustomAttributes()[name]; {
		case !ok:
			missing[name] = kind
		case has != kind:
			return false, fmt.Errorf("search attribute %s is a %s in this database and should be a %s; remove the database, or use another", name, has, kind)
		}
	}
	if len(missing) == 0 {
		return false, nil
	}
	_, err = c.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
		Namespace: Namespace, SearchAttributes: missing,
	})
	if err != nil {
		return false, fmt.Errorf("add search attributes: %w", err)
	}
	return true, nil
}

// awaitReady returns when the server has answered a query over all search attributes, which takes the
// frontend, the namespace and the visibility store.
func (s *Server) awaitReady(ctx context.Context, attributes map[string]enumspb.IndexedValueType) error {
	c, err := s.dialWhenUp(ctx)
	if err != nil {
		return err
	}
	defer c.Close()

	query := strings.Join(slices.Sorted(maps.Keys(attributes)), " IS NOT NULL AND ")
	if query != "" {
		query += " IS NOT NULL"
	}
	return eventually(ctx, "query the Temporal server", func(ctx context.Context) error {
		_, err := c.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Namespace: Namespace, Query: query})
		return err
	})
}

func (s *Server) dialWhenUp(ctx context.Context) (c client.Client, err error) {
	err = eventually(ctx, "connect to the Temporal server", func(ctx context.Context) error {
		c, err = s.Dial(ctx)
		return err
	})
	return c, err
}

// eventually repeats try until it succeeds, ctx ends, or the time a start may take is over.
func eventually(ctx context.Context, what string, try func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	tick := time.NewTicker(retryInterval)
	defer tick.Stop()
	for {
		err := try(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("%s: %w (%w)", what, err, context.Cause(ctx))
		}
	}
}
