package dns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	miekg "github.com/miekg/dns"
)

// resolvConf is where the system's resolvers are found.
const resolvConf = "/etc/resolv.conf"

// authority is one address of a name server.
type authority struct {
	host    string // "ns-1.example.net"; empty when only the address is known
	address string // host:port
}

func (a authority) String() string {
	if a.host == "" {
		return a.address
	}
	return fmt.Sprintf("%s (%s)", a.host, a.address)
}

// authorities finds every address of every name server of the zone that name lies in.
func (r *Resolver) authorities(ctx context.Context, name string) ([]authority, error) {
	if r.config.Server != "" {
		return []authority{{address: r.config.Server}}, nil
	}
	zone, err := r.zoneOf(ctx, name)
	if err != nil {
		return nil, err
	}
	in, err := r.recurse(ctx, zone, miekg.TypeNS)
	if err != nil {
		return nil, err
	}
	var found []authority
	var errs []error
	for _, rr := range in.Answer {
		ns, ok := rr.(*miekg.NS)
		if !ok {
			continue
		}
		addresses, err := r.addresses(ctx, ns.Ns)
		errs = append(errs, err)
		for _, a := range addresses {
			found = append(found, authority{host: strings.TrimSuffix(ns.Ns, "."), address: net.JoinHostPort(a, "53")})
		}
	}
	if len(found) == 0 {
		return nil, errors.Join(append(errs, fmt.Errorf("zone %s has no name servers with an address", zone))...)
	}
	slices.SortFunc(found, func(a, b authority) int { return strings.Compare(a.String(), b.String()) })
	return slices.Compact(found), nil
}

// zoneOf finds the zone that a name lies in. Whoever is asked for the SOA of any name answers with it, or names
// the zone's in the authority section (RFC 2308, section 3).
func (r *Resolver) zoneOf(ctx context.Context, name string) (string, error) {
	for at := miekg.Fqdn(name); at != "."; at = parent(at) {
		in, err := r.recurse(ctx, at, miekg.TypeSOA)
		if err != nil {
			return "", err
		}
		for _, rr := range slices.Concat(in.Answer, in.Ns) {
			if soa, ok := rr.(*miekg.SOA); ok && soa.Hdr.Name != "." && miekg.IsSubDomain(soa.Hdr.Name, at) {
				return soa.Hdr.Name, nil
			}
		}
	}
	return "", fmt.Errorf("%s lies in no zone", name)
}

func parent(name string) string {
	_, rest, _ := strings.Cut(name, ".")
	return miekg.Fqdn(rest)
}

// addresses are the IPv4 and IPv6 addresses of a host.
func (r *Resolver) addresses(ctx context.Context, host string) ([]string, error) {
	var found []string
	var errs []error
	for _, kind := range []uint16{miekg.TypeA, miekg.TypeAAAA} {
		in, err := r.recurse(ctx, host, kind)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, rr := range in.Answer {
			switch a := rr.(type) {
			case *miekg.A:
				found = append(found, a.A.String())
			case *miekg.AAAA:
				found = append(found, a.AAAA.String())
			}
		}
	}
	return found, errors.Join(errs...)
}

// recurse asks the resolvers in turn until one of them knows.
func (r *Resolver) recurse(ctx context.Context, name string, kind uint16) (*miekg.Msg, error) {
	resolvers := r.config.Resolvers
	if len(resolvers) == 0 {
		system, err := miekg.ClientConfigFromFile(resolvConf)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", resolvConf, err)
		}
		for _, s := range system.Servers {
			resolvers = append(resolvers, net.JoinHostPort(s, system.Port))
		}
	}
	errs := []error{fmt.Errorf("no resolver answers for %s", name)}
	for _, address := range resolvers {
		in, err := r.ask(ctx, address, name, kind, true)
		if err == nil && (in.Rcode == miekg.RcodeSuccess || in.Rcode == miekg.RcodeNameError) {
			return in, nil
		}
		if err == nil {
			err = fmt.Errorf("%s answers %s", address, miekg.RcodeToString[in.Rcode])
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}
