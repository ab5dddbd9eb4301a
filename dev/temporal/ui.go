package temporal

import (
	"context"
	"fmt"
	"net/http"

	uiserver "github.com/temporalio/ui-server/v2/server"
	"github.com/temporalio/ui-server/v2/server/config"
	"github.com/temporalio/ui-server/v2/server/server_options"
)

// webUI is Temporal's own web UI with its own server, whose pages are embedded in its module.
type webUI struct {
	server *uiserver.Server
	url    string
	done   chan error
}

// startUI serves the UI for the Temporal server at frontend and returns when it answers.
func startUI(ctx context.Context, port int, frontend string) (*webUI, error) {
	ports, err := pickPorts("Temporal UI", port, 1)
	if err != nil {
		return nil, err
	}
	cfg := &config.Config{
		TemporalGRPCAddress: frontend,
		Host:                loopbackIP,
		Port:                ports[0],
		EnableUI:            true,
		DefaultNamespace:    Namespace,
		DisableNewsFetch:    true,
		HideLogs:            true,
		CORS:                config.CORS{CookieInsecure: true}, // plain HTTP on loopback
	}
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("configure the Temporal UI: %w", err)
	}

	ui := &webUI{
		server: uiserver.NewServer(server_options.WithConfigProvider(cfg)),
		url:    "http://" + loopback(ports[0]),
		done:   make(chan error, 1),
	}
	go func() { ui.done <- ui.server.Start() }()
	if err := eventually(ctx, "start the Temporal UI", ui.check); err != nil {
		ui.stop()
		return nil, err
	}
	return ui, nil
}

func (ui *webUI) check(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, ui.url+"/healthz", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	if err := resp.Body.Close(); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", req.URL, resp.Status)
	}
	return nil
}

// stop closes the listener and all connections at once.
func (ui *webUI) stop() {
	ui.server.Stop()
	<-ui.done
}
