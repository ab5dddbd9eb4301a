package dns

import (
	"fmt"
	"strings"

	mdns "github.com/miekg/dns"
)

// Answer is what a resolver says to one question.
type Answer struct {
	Code    string   `json:"code"`    // "NOERROR", "NXDOMAIN", "REFUSED", …
	Records []string `json:"records"` // in the form of a zone file
}

// Refused is the answer of a resolver that does not serve whoever asks.
func Refused() Answer {
	return Answer{Code: mdns.RcodeToString[mdns.RcodeRefused], Records: []string{}}
}

// Lookup answers a question without a server, as one that answers from these names would.
func (n Names) Lookup(name, recordType string) (Answer, error) {
	qtype, ok := mdns.StringToType[strings.ToUpper(recordType)]
	if !ok {
		return Answer{}, fmt.Errorf("there is no record type %q", recordType)
	}
	if _, ok := mdns.IsDomainName(name); !ok || name == "" {
		return Answer{}, fmt.Errorf("%q is no domain name", name)
	}
	r, err := n.resolve(mdns.Question{Name: mdns.Fqdn(name), Qtype: qtype, Qclass: mdns.ClassINET})
	if err != nil {
		return Answer{}, err
	}
	answer := Answer{Code: mdns.RcodeToString[r.rcode], Records: []string{}}
	for _, rr := range r.records {
		answer.Records = append(answer.Records, strings.ReplaceAll(rr.String(), "\t", " "))
	}
	return answer, nil
}
