package dns

import (
	"context"
	"net"
	"strings"
	"testing"

	miekg "github.com/miekg/dns"
)

// zone is what a test's name server holds: records in zone-file notation.
type zone struct {
	records string
	// lame makes the server answer without speaking for the zone; udpFits is how large an answer over UDP may be.
	lame    bool
	udpFits int
}

// serve runs a name server, UDP and TCP on one loopback port, and returns its address.
func serve(t *testing.T, z zone) string {
	t.Helper()
	var records []miekg.RR
	parser := miekg.NewZoneParser(strings.NewReader(z.records), "", "")
	for rr, ok := parser.Next(); ok; rr, ok = parser.Next() {
		records = append(records, rr)
	}
	if err := parser.Err(); err != nil {
		t.Fatal(err)
	}
	handler := miekg.HandlerFunc(func(w miekg.ResponseWriter, q *miekg.Msg) {
		in := new(miekg.Msg).SetReply(q)
		in.Authoritative = !z.lame
		exists := false
		for _, rr := range records {
			if !strings.EqualFold(rr.Header().Name, q.Question[0].Name) {
				continue
			}
			exists = true
			if rr.Header().Rrtype == q.Question[0].Qtype {
				in.Answer = append(in.Answer, rr)
			}
		}
		if !exists {
			in.Rcode = miekg.RcodeNameError
		}
		if len(in.Answer) == 0 {
			in.Ns = soaAbove(records, q.Question[0].Name)
		}
		if _, udp := w.RemoteAddr().(*net.UDPAddr); udp && z.udpFits > 0 {
			in.Truncate(z.udpFits)
		}
		if err := w.WriteMsg(in); err != nil {
			t.Errorf("answer: %v", err)
		}
	})
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	packets, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, server := range []*miekg.Server{{Listener: listener, Handler: handler}, {PacketConn: packets, Handler: handler}} {
		started := make(chan struct{})
		server.NotifyStartedFunc = func() { close(started) }
		done := make(chan error, 1)
		go func() { done <- server.ActivateAndServe() }()
		<-started
		t.Cleanup(func() {
			if err := server.ShutdownContext(context.Background()); err != nil {
				t.Errorf("stop: %v", err)
			}
			if err := <-done; err != nil {
				t.Errorf("serve: %v", err)
			}
		})
	}
	return listener.Addr().String()
}

// soaAbove is the SOA record of the zone that a name without an answer lies in.
func soaAbove(records []miekg.RR, name string) []miekg.RR {
	for _, rr := range records {
		if rr.Header().Rrtype == miekg.TypeSOA && miekg.IsSubDomain(rr.Header().Name, name) {
			return []miekg.RR{rr}
		}
	}
	return nil
}

// nobody is an address of this machine where nobody listens.
func nobody(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := listener.Close(); err != nil {
			t.Error(err)
		}
	}()
	return listener.Addr().String()
}
