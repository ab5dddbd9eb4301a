package dns

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	mdns "github.com/miekg/dns"
)

// Resolver asks one name server, over UDP and, when the answer does not fit, over TCP.
type Resolver struct {
	Server netip.AddrPort
}

// LookupTXT returns a name's TXT records, each with its strings joined. A name that does not exist, or has
// no TXT record, has none, which is no error; a server that does not know the name's zone is one.
func (r Resolver) LookupTXT(ctx context.Context, name string) ([]string, error) {
	query := new(mdns.Msg)
	query.SetQuestion(mdns.Fqdn(name), mdns.TypeTXT)
	query.SetEdns0(udpSize, false)
	answer, err := r.exchange(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("look up TXT of %s at %s: %w", name, r.Server, err)
	}
	switch answer.Rcode {
	case mdns.RcodeSuccess, mdns.RcodeNameError:
	default:
		return nil, fmt.Errorf("look up TXT of %s at %s: the server answered %s", name, r.Server, mdns.RcodeToString[answer.Rcode])
	}
	var texts []string
	for _, rr := range answer.Answer {
		if txt, ok := rr.(*mdns.TXT); ok {
			texts = append(texts, plainText(strings.Join(txt.Txt, "")))
		}
	}
	return texts, nil
}

func (r Resolver) exchange(ctx context.Context, query *mdns.Msg) (*mdns.Msg, error) {
	answer, _, err := (&mdns.Client{Net: "udp"}).ExchangeContext(ctx, query, r.Server.String())
	if err == nil && answer.Truncated {
		answer, _, err = (&mdns.Client{Net: "tcp"}).ExchangeContext(ctx, query, r.Server.String())
	}
	return answer, err
}

// plainText undoes the escapes in which miekg/dns hands out character strings: \DDD in decimal, and a
// backslash before any other character.
func plainText(escaped string) string {
	var b strings.Builder
	for i := 0; i < len(escaped); i++ {
		if escaped[i] != '\\' || i+1 == len(escaped) {
			b.WriteByte(escaped[i])
			continue
		}
		if i+3 < len(escaped) {
			if code, err := strconv.ParseUint(escaped[i+1:i+4], 10, 8); err == nil {
				b.WriteByte(byte(code))
				i += 3
				continue
			}
		}
		i++
		b.WriteByte(escaped[i])
	}
	return b.String()
}
