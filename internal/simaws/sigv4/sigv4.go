// Package sigv4 verifies AWS Signature Version 4 on incoming requests, as AWS's services do (IAM User Guide,
// "AWS Signature Version 4 for API requests"). It reads the signature from the Authorization header; it does
// not sign, and it does not know whose keys there are.
package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Algorithm is the only one that AWS's SDKs use for symmetric signatures.
const Algorithm = "AWS4-HMAC-SHA256"

// MaxSkew is how far a request's time may be from the service's. AWS promises five minutes (IAM User Guide,
// "Elements of an AWS API request signature") and its services grant up to fifteen.
const MaxSkew = 15 * time.Minute

// The ways in which a signature can be wrong.
var (
	ErrMissing   = errors.New("the request is not signed with " + Algorithm)
	ErrMalformed = errors.New("the Authorization header is malformed")
	ErrExpired   = errors.New("the request's time is too far from now")
	ErrMismatch  = errors.New("the signature does not match the request")
)

// Signature is what a request's Authorization header says.
type Signature struct {
	AccessKey string
	Date      string // "20261121"
	Region    string
	Service   string // "ec2"
	Headers   []string
	Value     string // hexadecimal
}

// timeFormat is that of X-Amz-Date.
const timeFormat = "20060102T150405Z"

// Read takes the signature from a request, without verifying it.
func Read(r *http.Request) (Signature, error) {
	rest, ok := strings.CutPrefix(r.Header.Get("Authorization"), Algorithm+" ")
	if !ok {
		return Signature{}, ErrMissing
	}
	var s Signature
	var credential string
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "Credential":
			credential = value
		case "SignedHeaders":
			s.Headers = strings.Split(value, ";")
		case "Signature":
			s.Value = value
		}
	}
	scope := strings.Split(credential, "/")
	if len(scope) != 5 || scope[4] != "aws4_request" || len(s.Headers) == 0 || s.Value == "" {
		return Signature{}, ErrMalformed
	}
	s.AccessKey, s.Date, s.Region, s.Service = scope[0], scope[1], scope[2], scope[3]
	return s, nil
}

// Verify reports whether the request was signed with the secret key, close enough to now, and has not been
// changed since.
func (s Signature) Verify(r *http.Request, body []byte, secret string, now time.Time) error {
	signedAt, err := time.Parse(timeFormat, r.Header.Get("X-Amz-Date"))
	if err != nil || signedAt.Format("20060102") != s.Date {
		return fmt.Errorf("%w: X-Amz-Date %q does not fit the credential scope", ErrMalformed, r.Header.Get("X-Amz-Date"))
	}
	if skew := now.Sub(signedAt).Abs(); skew > MaxSkew {
		return fmt.Errorf("%w: signed at %s", ErrExpired, signedAt.Format(timeFormat))
	}
	if !slices.Contains(s.Headers, "host") {
		return fmt.Errorf("%w: the host header must be signed", ErrMismatch)
	}
	want, err := hex.DecodeString(s.Value)
	if err != nil {
		return fmt.Errorf("%w: the signature is not hexadecimal", ErrMalformed)
	}
	payload := sha256.Sum256(body)
	if declared := r.Header.Get("X-Amz-Content-Sha256"); declared != "" && declared != hex.EncodeToString(payload[:]) {
		return fmt.Errorf("%w: X-Amz-Content-Sha256 is not the body's hash", ErrMismatch)
	}
	canonical := s.canonicalRequest(r, hex.EncodeToString(payload[:]))
	if !hmac.Equal(want, s.sign(secret, r.Header.Get("X-Amz-Date"), canonical)) {
		return ErrMismatch
	}
	return nil
}

// sign computes the signature of a canonical request.
func (s Signature) sign(secret, at, canonical string) []byte {
	hash := sha256.Sum256([]byte(canonical))
	scope := strings.Join([]string{s.Date, s.Region, s.Service, "aws4_request"}, "/")
	key := []byte("AWS4" + secret)
	for _, part := range []string{s.Date, s.Region, s.Service, "aws4_request"} {
		key = mac(key, part)
	}
	return mac(key, strings.Join([]string{Algorithm, at, scope, hex.EncodeToString(hash[:])}, "\n"))
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text)) // never fails (hash.Hash)
	return h.Sum(nil)
}

func (s Signature) canonicalRequest(r *http.Request, payloadHash string) string {
	var headers strings.Builder
	for _, name := range s.Headers {
		headers.WriteString(name + ":" + headerValue(r, name) + "\n")
	}
	return strings.Join([]string{
		r.Method, s.canonicalPath(r.URL), canonicalQuery(r.URL.RawQuery), headers.String(), strings.Join(s.Headers, ";"), payloadHash,
	}, "\n")
}

// headerValue is a header as it is signed: values joined by commas, runs of spaces made one.
func headerValue(r *http.Request, name string) string {
	switch name {
	case "host": // net/http keeps these two out of the header map
		return r.Host
	case "content-length":
		return fmt.Sprint(r.ContentLength)
	}
	var values []string
	for _, value := range r.Header.Values(name) {
		values = append(values, strings.Join(strings.Fields(value), " "))
	}
	return strings.Join(values, ",")
}

// canonicalPath encodes the path as it came, which is encoded already, once more; Amazon S3 alone does not.
func (s Signature) canonicalPath(u *url.URL) string {
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	if s.Service == "s3" {
		return path
	}
	return encode(path, "/")
}

// canonicalQuery sorts the parameters by encoded name, then by encoded value.
func canonicalQuery(raw string) string {
	if raw == "" {
		return ""
	}
	var pairs []string
	for part := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(part, "=")
		pairs = append(pairs, reencode(name)+"="+reencode(value))
	}
	slices.SortFunc(pairs, func(a, b string) int {
		nameA, valueA, _ := strings.Cut(a, "=")
		nameB, valueB, _ := strings.Cut(b, "=")
		if c := strings.Compare(nameA, nameB); c != 0 {
			return c
		}
		return strings.Compare(valueA, valueB)
	})
	return strings.Join(pairs, "&")
}

// reencode brings one encoded query part into AWS's own encoding.
func reencode(part string) string {
	plain, err := url.QueryUnescape(part)
	if err != nil {
		return part
	}
	return encode(plain, "")
}

// encode percent-encodes all but the unreserved characters of RFC 3986 and those in keep.
func encode(text, keep string) string {
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		unreserved := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~"+keep, c) >= 0
		if unreserved {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
