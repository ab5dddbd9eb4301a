// Package dns is the simulated cloud's authoritative name server: it answers over UDP and TCP for the zones
// and hosts that others tell it of (Zones, Hosts), and for nothing else. It resolves for nobody: a name in
// no zone is refused. Resolver is the other side, a client that asks one server.
package dns

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"

	mdns "github.com/miekg/dns"
)

// udpSize is the largest UDP answer (DNS flag day 2020: what passes everywhere without fragments).
const udpSize = 1232

// Server is a running name server.
type Server struct {
	names   Names
	log     *slog.Logger
	addr    netip.AddrPort
	servers [2]*mdns.Server // UDP, TCP
	done    chan error
}

// Listen starts a server on 127.0.0.1, UDP and TCP on the same port; port 0 takes a free one. Close stops it.
func Listen(port uint16, names Names, log *slog.Logger) (*Server, error) {
	packets, streams, err := listen(port)
	if err != nil {
		return nil, fmt.Errorf("listen for DNS on 127.0.0.1:%d: %w", port, err)
	}
	addr, err := netip.ParseAddrPort(streams.Addr().String())
	if err != nil {
		return nil, errors.Join(err, packets.Close(), streams.Close())
	}
	s := &Server{names: names, log: log, addr: addr, done: make(chan error, 2)}
	started := make(chan struct{}, 2)
	s.servers = [2]*mdns.Server{{PacketConn: packets}, {Listener: streams}}
	for _, server := range s.servers {
		server.Handler = s
		server.NotifyStartedFunc = func() { started <- struct{}{} }
		go func() { s.done <- server.ActivateAndServe() }()
	}
	for range s.servers {
		<-started
	}
	return s, nil
}

// listen opens both sockets. A free UDP port may be taken for TCP, so it tries several.
func listen(port uint16) (net.PacketConn, net.Listener, error) {
	const attempts = 20
	var failed error
	for range attempts {
		packets, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: int(port)})
		if err != nil {
			return nil, nil, err
		}
		streams, err := net.Listen("tcp4", packets.LocalAddr().String())
		if err == nil {
			return packets, streams, nil
		}
		failed = errors.Join(err, packets.Close())
		if port != 0 {
			break
		}
	}
	return nil, nil, failed
}

// Addr is where the server listens.
func (s *Server) Addr() netip.AddrPort { return s.addr }

// Close stops the server and returns when it has stopped, or with ctx.
func (s *Server) Close(ctx context.Context) error {
	var failed error
	for _, server := range s.servers {
		failed = errors.Join(failed, server.ShutdownContext(ctx))
	}
	for range s.servers {
		select {
		case err := <-s.done:
			failed = errors.Join(failed, err)
		case <-ctx.Done():
			return errors.Join(failed, ctx.Err())
		}
	}
	return failed
}

// ServeDNS implements the handler of miekg/dns.
func (s *Server) ServeDNS(w mdns.ResponseWriter, req *mdns.Msg) {
	msg := s.answer(req)
	size := mdns.MaxMsgSize
	if _, overUDP := w.LocalAddr().(*net.UDPAddr); overUDP {
		size = mdns.MinMsgSize
		if opt := req.IsEdns0(); opt != nil {
			size = max(size, min(int(opt.UDPSize()), udpSize))
		}
	}
	msg.Truncate(size)
	if err := w.WriteMsg(msg); err != nil {
		s.log.Warn("DNS answer not sent", "to", w.RemoteAddr(), "error", err)
	}
}

// answer makes the whole message that answers req.
func (s *Server) answer(req *mdns.Msg) *mdns.Msg {
	msg := new(mdns.Msg)
	msg.SetReply(req)
	if opt := req.IsEdns0(); opt != nil {
		msg.SetEdns0(udpSize, false)
		if opt.Version() != 0 {
			msg.Rcode = mdns.RcodeBadVers
			return msg
		}
	}
	if len(req.Question) != 1 {
		msg.Rcode = mdns.RcodeFormatError
		return msg
	}
	r, err := s.names.resolve(req.Question[0])
	if err != nil {
		s.log.Warn("DNS query failed", "name", req.Question[0].Name, "error", err)
		msg.Rcode = mdns.RcodeServerFailure
		return msg
	}
	msg.Rcode, msg.Answer, msg.Ns = r.rcode, r.records, r.authority
	msg.Authoritative = r.rcode != mdns.RcodeRefused && !r.referral
	return msg
}
