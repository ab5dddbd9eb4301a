package query

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"net/http"

	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Protocol writes answers. A result is a struct whose xml tags are the element names of the API reference:
//
//	type describeVpcsResult struct {
//		Vpcs      []vpcItem `xml:"vpcSet>item"`
//		NextToken string    `xml:"nextToken,omitempty"`
//	}
//
// A nil result answers an action that returns nothing.
type Protocol struct {
	Namespace string // "http://ec2.amazonaws.com/doc/2016-11-15/"
	EC2       bool   // the "ec2" protocol's envelope and error body; otherwise those of the "query" protocol
}

// Handler carries one action out and returns its result.
type Handler func(r *sim.Request, f Form) (any, error)

// Action names the action of a Query request, false when handlers has none of that name.
func Action(r *sim.Request, handlers map[string]Handler) (string, bool) {
	name := r.Form.Get("Action")
	_, ok := handlers[name]
	return name, ok
}

// Handle runs the handler of r's action and writes its result.
func (p Protocol) Handle(r *sim.Request, handlers map[string]Handler) (sim.Response, error) {
	handler, ok := handlers[r.Action]
	if !ok {
		return sim.Response{}, UnknownAction(r)
	}
	result, err := handler(r, NewForm(r.Form))
	if err != nil {
		return sim.Response{}, err
	}
	return p.Response(r, result)
}

// UnknownAction is the error of a Query service for an action that it does not have.
func UnknownAction(r *sim.Request) *sim.Error {
	return sim.Errorf("InvalidAction", "The action %s is not valid for this web service.", r.Form.Get("Action"))
}

// Response wraps a result in the action's envelope.
func (p Protocol) Response(r *sim.Request, result any) (sim.Response, error) {
	var body bytes.Buffer
	body.WriteString(xml.Header)
	fmt.Fprintf(&body, `<%sResponse xmlns="%s">`, r.Action, p.Namespace)
	if p.EC2 {
		fmt.Fprintf(&body, "<requestId>%s</requestId>", r.ID)
		inner, err := fields(result)
		if err != nil {
			return sim.Response{}, err
		}
		body.Write(inner)
	} else {
		if result != nil {
			start := xml.StartElement{Name: xml.Name{Local: r.Action + "Result"}}
			if err := xml.NewEncoder(&body).EncodeElement(result, start); err != nil {
				return sim.Response{}, fmt.Errorf("write %s result: %w", r.Action, err)
			}
		}
		fmt.Fprintf(&body, "<ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata>", r.ID)
	}
	fmt.Fprintf(&body, "</%sResponse>", r.Action)
	return XML(http.StatusOK, body.Bytes()), nil
}

// fields are the elements of a result without an element around them, as the ec2 protocol has them.
func fields(result any) ([]byte, error) {
	if result == nil {
		return nil, nil
	}
	var b bytes.Buffer
	start := xml.StartElement{Name: xml.Name{Local: "r"}}
	if err := xml.NewEncoder(&b).EncodeElement(result, start); err != nil {
		return nil, fmt.Errorf("write result %T: %w", result, err)
	}
	inner := bytes.TrimPrefix(b.Bytes(), []byte("<r>"))
	return bytes.TrimSuffix(inner, []byte("</r>")), nil
}

type errorDetail struct {
	Type    string `xml:"Type,omitempty"`
	Code    string `xml:"Code"`
	Message string `xml:"Message"`
}

type ec2Errors struct {
	XMLName   xml.Name      `xml:"Response"`
	Errors    []errorDetail `xml:"Errors>Error"`
	RequestID string        `xml:"RequestID"`
}

type queryError struct {
	XMLName   xml.Name    `xml:"ErrorResponse"`
	Namespace string      `xml:"xmlns,attr"`
	Error     errorDetail `xml:"Error"`
	RequestID string      `xml:"RequestId"`
}

// Error writes an error body.
func (p Protocol) Error(r *sim.Request, e *sim.Error) sim.Response {
	detail := errorDetail{Code: e.Code, Message: e.Message}
	var body any
	if p.EC2 {
		body = ec2Errors{Errors: []errorDetail{detail}, RequestID: r.ID}
	} else {
		detail.Type = "Sender"
		if e.Status >= http.StatusInternalServerError {
			detail.Type = "Receiver"
		}
		body = queryError{Namespace: p.Namespace, Error: detail, RequestID: r.ID}
	}
	b, err := xml.Marshal(body)
	if err != nil { // strings alone: XML escapes whatever they hold
		return XML(http.StatusInternalServerError, nil)
	}
	return XML(e.Status, append([]byte(xml.Header), b...))
}

// XML is a response whose body is XML.
func XML(status int, body []byte) sim.Response {
	return sim.Response{
		Status: status,
		Header: http.Header{"Content-Type": {"text/xml;charset=UTF-8"}},
		Body:   body,
	}
}
