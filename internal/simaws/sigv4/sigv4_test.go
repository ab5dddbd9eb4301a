package sigv4_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/linkwright/linkwright/internal/simaws/sigv4"
)

// The credentials, time and signature of "get-vanilla" in AWS's Signature Version 4 test suite.
const (
	secret        = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
	at            = "20150830T123600Z"
	authorization = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, " +
		"Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
)

func vanilla() *http.Request {
	r := httptest.NewRequest(http.MethodGet, "https://example.amazonaws.com/", nil)
	r.Header.Set("X-Amz-Date", at)
	r.Header.Set("Authorization", authorization)
	return r
}

func TestVerify(t *testing.T) {
	signedAt := time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)
	for _, test := range []struct {
		name   string
		change func(*http.Request)
		secret string
		now    time.Time
		want   error
	}{
		{"when the request is as signed, it is good", func(*http.Request) {}, secret, signedAt, nil},
		{"when it is 15 minutes old, it is good", func(*http.Request) {}, secret, signedAt.Add(sigv4.MaxSkew), nil},
		{"when it is older, it is expired", func(*http.Request) {}, secret, signedAt.Add(sigv4.MaxSkew + time.Second), sigv4.ErrExpired},
		{"when it is from the future, it is expired", func(*http.Request) {}, secret, signedAt.Add(-sigv4.MaxSkew - time.Second), sigv4.ErrExpired},
		{"when the secret differs, it does not match", func(*http.Request) {}, "other", signedAt, sigv4.ErrMismatch},
		{"when the method differs, it does not match", func(r *http.Request) { r.Method = http.MethodPost }, secret, signedAt, sigv4.ErrMismatch},
		{"when the host differs, it does not match", func(r *http.Request) { r.Host = "example.com" }, secret, signedAt, sigv4.ErrMismatch},
		{"when a parameter is added, it does not match", func(r *http.Request) { r.URL.RawQuery = "a=b" }, secret, signedAt, sigv4.ErrMismatch},
		{"when the payload's hash is wrong, it does not match", func(r *http.Request) { r.Header.Set("X-Amz-Content-Sha256", "00") }, secret, signedAt, sigv4.ErrMismatch},
		{"when the date does not fit the scope, it is malformed", func(r *http.Request) { r.Header.Set("X-Amz-Date", "20150831T123600Z") }, secret, signedAt, sigv4.ErrMalformed},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := vanilla()
			test.change(r)
			s, err := sigv4.Read(r)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Verify(r, nil, test.secret, test.now); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

func TestReadRefusesWhatIsNoSignature(t *testing.T) {
	for _, test := range []struct {
		name, authorization string
		want                error
	}{
		{"when there is no header", "", sigv4.ErrMissing},
		{"when it is another scheme", "Basic dXNlcjpwYXNz", sigv4.ErrMissing},
		{"when the scope is short", "AWS4-HMAC-SHA256 Credential=A/20150830/us-east-1, SignedHeaders=host, Signature=00", sigv4.ErrMalformed},
		{"when the signature is missing", "AWS4-HMAC-SHA256 Credential=A/20150830/us-east-1/ec2/aws4_request, SignedHeaders=host", sigv4.ErrMalformed},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := vanilla()
			r.Header.Set("Authorization", test.authorization)
			if _, err := sigv4.Read(r); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}
