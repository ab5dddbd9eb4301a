package dns

import (
	"context"
	"fmt"
	"strings"
	"sync"

	miekg "github.com/miekg/dns"
)

// udpSize is the largest answer taken over UDP: it fits every path (DNS Flag Day 2020).
const udpSize = 1232

// answer is what one authority says of a TXT record: its values, or why it said nothing of use.
type answer struct {
	server string
	values []string
	err    error
}

// askAll asks every authority at once; the answers come in the order of the servers.
func (r *Resolver) askAll(ctx context.Context, servers []authority, name string) []answer {
	answers := make([]answer, len(servers))
	var wait sync.WaitGroup
	for i, s := range servers {
		wait.Go(func() { answers[i] = r.askAuthority(ctx, s, name) })
	}
	wait.Wait()
	return answers
}

// askAuthority asks one authority for a TXT record. An answer counts only when the server speaks for the zone.
func (r *Resolver) askAuthority(ctx context.Context, s authority, name string) answer {
	a := answer{server: s.String()}
	in, err := r.ask(ctx, s.address, name, miekg.TypeTXT, false)
	switch {
	case err != nil:
		a.err = fmt.Errorf("%s: %w", a.server, err)
	case in.Rcode != miekg.RcodeSuccess && in.Rcode != miekg.RcodeNameError:
		a.err = fmt.Errorf("%s answers %s", a.server, miekg.RcodeToString[in.Rcode])
	case !in.Authoritative:
		a.err = fmt.Errorf("%s is not an authority for %s", a.server, name)
	default:
		a.values = texts(in, name)
	}
	return a
}

// texts are the values of a TXT record. The strings of one value belong together, without blanks between them.
func texts(in *miekg.Msg, name string) []string {
	var values []string
	for _, rr := range in.Answer {
		if txt, ok := rr.(*miekg.TXT); ok && strings.EqualFold(txt.Hdr.Name, miekg.Fqdn(name)) {
			values = append(values, strings.Join(txt.Txt, ""))
		}
	}
	return values
}

// ask sends one question over UDP, and over TCP when the answer does not fit or does not come.
func (r *Resolver) ask(ctx context.Context, address, name string, kind uint16, recursive bool) (*miekg.Msg, error) {
	q := new(miekg.Msg).SetQuestion(miekg.Fqdn(name), kind)
	q.RecursionDesired = recursive
	q.SetEdns0(udpSize, false)
	udp := miekg.Client{Net: "udp", UDPSize: udpSize, Timeout: r.config.Timeout}
	in, _, err := udp.ExchangeContext(ctx, q, address)
	if err == nil && !in.Truncated {
		return in, nil
	}
	tcp := miekg.Client{Net: "tcp", Timeout: r.config.Timeout}
	in, _, err = tcp.ExchangeContext(ctx, q, address)
	return in, err
}
