package temporal

import (
	"errors"
	"fmt"
	"net"
	"syscall"
)

// PortInUseError reports that something else listens on the port that was asked for.
type PortInUseError struct {
	For  string // what the port was meant for
	Port int
	Err  error
}

func (e *PortInUseError) Error() string {
	return fmt.Sprintf("port %d of the %s is in use; stop what listens there, or choose another port, or 0 for any free one", e.Port, e.For)
}

func (e *PortInUseError) Unwrap() error { return e.Err }

// pickPorts returns n distinct loopback ports that nobody listens on: first the wanted one, unless that is
// 0, then free ones. The server binds them by itself a moment later, so another process can still take
// one meanwhile.
func pickPorts(purpose string, wanted, n int) ([]int, error) {
	ports := make([]int, 0, n)
	for len(ports) < n {
		listener, err := net.Listen("tcp", loopback(wanted))
		if errors.Is(err, syscall.EADDRINUSE) && wanted != 0 {
			return nil, &PortInUseError{For: purpose, Port: wanted, Err: err}
		}
		if err != nil {
			return nil, fmt.Errorf("find a port for the %s: %w", purpose, err)
		}
		defer listener.Close() // only when all are chosen, so that no port is chosen twice
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
		wanted = 0
	}
	return ports, nil
}
