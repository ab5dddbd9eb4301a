package route53

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/linkwright/linkwright/internal/simaws/sim"
)

const namespace = "https://route53.amazonaws.com/doc/2013-04-01/"

// timestamp is how Route 53 writes a time.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// created is a result that answers 201 and says where the new resource is.
type created interface{ location() string }

// response writes the result of an action.
func response(action string, result any) (sim.Response, error) {
	var body bytes.Buffer
	body.WriteString(xml.Header)
	start := xml.StartElement{
		Name: xml.Name{Local: action + "Response"},
		Attr: []xml.Attr{{Name: xml.Name{Local: "xmlns"}, Value: namespace}},
	}
	if err := xml.NewEncoder(&body).EncodeElement(result, start); err != nil {
		return sim.Response{}, fmt.Errorf("write %s response: %w", action, err)
	}
	resp := sim.Response{Status: http.StatusOK, Header: http.Header{"Content-Type": {"text/xml"}}, Body: body.Bytes()}
	if c, ok := result.(created); ok {
		resp.Status = http.StatusCreated
		resp.Header.Set("Location", c.location())
	}
	return resp, nil
}

type errorResponse struct {
	XMLName   xml.Name    `xml:"https://route53.amazonaws.com/doc/2013-04-01/ ErrorResponse"`
	Error     errorDetail `xml:"Error"`
	RequestID string      `xml:"RequestId"`
}

type errorDetail struct {
	Type, Code, Message string
}

// Error implements sim.Service. InvalidChangeBatch looks like every other error, its messages in brackets in
// the one Message: that is what the service sends today, and the AWS CLI finds no code in the older form
// whose root element is InvalidChangeBatch.
func (s *Service) Error(r *sim.Request, e *sim.Error) sim.Response {
	detail := errorDetail{Type: "Sender", Code: e.Code, Message: e.Message}
	if e.Status >= http.StatusInternalServerError {
		detail.Type = "Receiver"
	}
	resp := sim.Response{Status: e.Status, Header: http.Header{"Content-Type": {"text/xml"}}}
	body, err := xml.Marshal(errorResponse{Error: detail, RequestID: r.ID})
	if err != nil { // three strings: XML escapes whatever they hold
		return resp
	}
	resp.Body = append([]byte(xml.Header), body...)
	return resp
}

// decode reads a request's body, whose root element must be root, into v.
func decode(c call, root string, v any) error {
	decoder := xml.NewDecoder(bytes.NewReader(c.Body))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return sim.Errorf("MalformedInput", "The request has no body; %s is expected.", root)
		}
		if err != nil {
			return sim.Errorf("MalformedInput", "Unparseable XML: %v", err)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if start.Name.Local != root {
			return sim.Errorf("MalformedInput", "%s is not valid, expected %s", start.Name.Local, root)
		}
		if err := decoder.DecodeElement(v, &start); err != nil {
			return sim.Errorf("MalformedInput", "Unparseable XML: %v", err)
		}
		return nil
	}
}
