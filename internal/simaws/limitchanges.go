package simaws

import (
	"bytes"
	"encoding/xml"
)

// costOfChanges is what the changes of a ChangeResourceRecordSets request take from the bucket of changes (Route 53 API
// Reference, "Throttling API requests"). A body that cannot be read costs nothing: the service will refuse it.
func costOfChanges(body []byte) float64 {
	var request struct {
		Actions []string `xml:"ChangeBatch>Changes>Change>Action"`
	}
	if err := xml.NewDecoder(bytes.NewReader(body)).Decode(&request); err != nil {
		return 0
	}
	cost := float64(len(request.Actions))
	for _, action := range request.Actions {
		if action == "UPSERT" {
			cost++
		}
	}
	return cost
}
