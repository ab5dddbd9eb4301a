package azure

import (
	"context"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// The network clients of the SDK have no options for conditions, which Microsoft.Network takes as headers like other
// resource providers (Azure REST API guidelines, "Conditional requests").

// ifUnchanged lets a write pass only while the resource is as it was read.
func ifUnchanged(ctx context.Context, etag *string) context.Context {
	if value(etag) == "" {
		return ctx
	}
	return policy.WithHTTPHeader(ctx, http.Header{"If-Match": {*etag}})
}

// ifAbsent lets a write pass only while there is no such resource.
func ifAbsent(ctx context.Context) context.Context {
	return policy.WithHTTPHeader(ctx, http.Header{"If-None-Match": {"*"}})
}
