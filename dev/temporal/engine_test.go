package temporal

import (
	"errors"
	"log/slog"
	"net"
	"syscall"
	"testing"

	server "go.temporal.io/server/temporal"
)

func TestBootEngine(t *testing.T) {
	store, err := openStore(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	ports, err := pickPorts("test", 0, len(server.DefaultServices))
	if err != nil {
		t.Fatal(err)
	}
	opts := Options{Logger: slog.New(slog.DiscardHandler)}

	for i, port := range ports {
		t.Run("when the port of the "+server.DefaultServices[i]+" service is taken at the last moment, it says so", func(t *testing.T) {
			thief, err := net.Listen("tcp", loopback(port))
			if err != nil {
				t.Fatal(err)
			}
			defer thief.Close()
			others, err := pickPorts("test", 0, len(server.DefaultServices))
			if err != nil {
				t.Fatal(err)
			}
			others[i] = port
			if _, err := bootEngine(opts, store, others); !errors.Is(err, syscall.EADDRINUSE) {
				t.Errorf("err = %v, want EADDRINUSE", err)
			}
		})
	}
}
