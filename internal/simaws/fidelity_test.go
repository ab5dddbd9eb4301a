package simaws

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// The tests in the files fidelity_*_test.go hold the wire against AWS's documents, fact by fact; each fact names the
// document that says so. A fact is looked at from both sides where both can see it: what the SDK, unmodified, makes of
// the answer, and what bytes it was made of. What the documents leave open is not pinned here.

// tape is an HTTP client that keeps what went over the wire last.
type tape struct {
	request string
	header  http.Header // of the answer
	status  int
	body    string // of the answer
	count   int    // of requests
}

// Do sends a request and keeps it and its answer.
func (w *tape) Do(r *http.Request) (*http.Response, error) {
	w.request = ""
	if r.Body != nil {
		sent, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		w.request, r.Body = string(sent), io.NopCloser(bytes.NewReader(sent))
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	got, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	w.status, w.header, w.body = response.StatusCode, response.Header, string(got)
	w.count++
	response.Body = io.NopCloser(bytes.NewReader(got))
	return response, nil
}

// form is what a Query request consisted of.
func (w *tape) form(t *testing.T) url.Values {
	t.Helper()
	return must(url.ParseQuery(w.request))(t)
}

// has checks what the last answer holds, byte for byte.
func (w *tape) has(t *testing.T, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(w.body, part) {
			t.Errorf("there is no %s in the answer %s", part, w.body)
		}
	}
}

// lacks checks what the last answer does not hold.
func (w *tape) lacks(t *testing.T, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if strings.Contains(w.body, part) {
			t.Errorf("there is %s in the answer %s", part, w.body)
		}
	}
}

// taped is an account's configuration for the SDK, and the tape of what it sends and gets.
func (tc testCloud) taped(account string) (aws.Config, *tape) {
	config, wire := tc.config(account), &tape{}
	config.HTTPClient = wire
	return config, wire
}

// send signs a request as an account's user and sends it, without the help of an SDK's idea of the service.
func (tc testCloud) send(account, service, method, path, body string, header http.Header) *tape {
	tc.t.Helper()
	config, wire := tc.taped(account)
	ctx := tc.t.Context()
	r := must(http.NewRequestWithContext(ctx, method, tc.URL()+path, strings.NewReader(body)))(tc.t)
	for name, values := range header {
		r.Header[name] = values
	}
	sum := sha256.Sum256([]byte(body))
	keys := must(config.Credentials.Retrieve(ctx))(tc.t)
	if err := v4.NewSigner().SignHTTP(ctx, keys, r, hex.EncodeToString(sum[:]), service, config.Region, time.Now()); err != nil {
		tc.t.Fatal(err)
	}
	must(wire.Do(r))(tc.t)
	return wire
}

// versions are those of the Query APIs.
var versions = map[string]string{"ec2": "2016-11-15", "elasticloadbalancing": "2015-12-01", "sts": "2011-06-15"}

// query sends a Query request: its action, and parameters by name and value in turn.
func (tc testCloud) query(account, service, action string, parameters ...string) *tape {
	tc.t.Helper()
	form := url.Values{"Action": {action}, "Version": {versions[service]}}
	for i := 0; i < len(parameters); i += 2 {
		form.Set(parameters[i], parameters[i+1])
	}
	return tc.send(account, service, http.MethodPost, "/", form.Encode(), http.Header{"Content-Type": {"application/x-www-form-urlencoded; charset=utf-8"}})
}

// refusal is a documented error.
type refusal struct {
	name   string
	source string // the document that says so
	do     func(context.Context, testCloud, aws.Config) error
	status int
	code   string
	// message is a part of the message; AWS gives many errors one code and tells them apart in the text.
	message string
}

// check sees the error as the SDK does and as the bytes say it. mark surrounds the code in the answer's body.
func (f refusal) check(t *testing.T, account string, mark func(code string) string, changes ...func(*Config)) {
	t.Run(f.name, func(t *testing.T) {
		tc := startCloud(t, changes...)
		config, wire := tc.taped(account)
		err := f.do(t.Context(), tc, config)
		var said smithy.APIError
		if !errors.As(err, &said) || said.ErrorCode() != f.code || !strings.Contains(said.ErrorMessage(), f.message) {
			t.Errorf("the SDK says %v, want %s with %q (%s)", err, f.code, f.message, f.source)
		}
		var response *smithyhttp.ResponseError
		if !errors.As(err, &response) || response.HTTPStatusCode() != f.status || wire.status != f.status {
			t.Errorf("the status is %d, want %d (%s)", wire.status, f.status, f.source)
		}
		wire.has(t, mark(f.code))
	})
}

// inQuery is how the Query protocols, and Route 53, write a code.
func inQuery(code string) string { return "<Code>" + code + "</Code>" }
