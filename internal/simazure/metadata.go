package simazure

import (
	"net/http"

	"github.com/linkwright/linkwright/internal/simazure/arm"
)

// serveMetadata tells clients where everything is in this cloud. Old versions of the answer are one cloud, newer ones a
// list (Azure Resource Manager, "Get metadata endpoints"; "az cloud register --endpoint-resource-manager" asks for the
// old one).
func (c *Cloud) serveMetadata(w http.ResponseWriter, r *http.Request) {
	url := c.URL()
	cloud := map[string]any{
		"name": "LinkwrightSimulatedAzure", "portal": url, "galleryEndpoint": url, "graphEndpoint": url, "graph": url, "resourceManager": url + "/",
		"authentication": map[string]any{
			"loginEndpoint": url + "/", "audiences": []string{"https://management.core.windows.net/", "https://management.azure.com/"},
			"tenant": "common", "identityProvider": "AAD",
		},
		"suffixes": map[string]string{}, "media": url, "batch": url, "microsoftGraphResourceId": url + "/",
	}
	version := r.URL.Query().Get("api-version")
	switch {
	case version == "":
		c.write(w, arm.Response{Status: http.StatusBadRequest, Body: map[string]any{"error": arm.Errorf("MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests.")}})
	case version < "2019-05-01":
		c.write(w, arm.OK(cloud))
	default:
		c.write(w, arm.OK([]any{cloud}))
	}
}
