package lab

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
)

// process is one of the binaries, running.
type process struct {
	cmd    *exec.Cmd
	stdout io.ReadCloser
	log    *os.File
}

// command runs one of the binaries.
func (o Options) command(name string, args ...string) *exec.Cmd {
	return exec.Command(filepath.Join(o.Bin, name), args...)
}

// log is the file that a part writes its log to, after what an earlier process has written.
func (o Options) log(part string) string { return filepath.Join(o.Dir, part+".log") }

func start(cmd *exec.Cmd, log string) (_ *process, err error) {
	p := &process{cmd: cmd}
	if p.log, err = os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		return nil, err
	}
	cmd.Stderr = p.log
	if p.stdout, err = cmd.StdoutPipe(); err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", cmd, err), p.log.Close())
	}
	return p, nil
}

// ready reads the line of JSON that the process prints when it serves.
func (p *process) ready(ctx context.Context, v any) error {
	read := make(chan error, 1)
	go func() {
		line, err := bufio.NewReader(p.stdout).ReadBytes('\n')
		if err == nil {
			err = json.Unmarshal(line, v)
		}
		read <- err
	}()
	select {
	case err := <-read:
		if err != nil {
			return fmt.Errorf("%s did not become ready (see %s): %w", p.cmd, p.log.Name(), err)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%s did not become ready: %w", p.cmd, context.Cause(ctx))
	}
}

// kill ends the process at once, without a chance to clean up. It does nothing to one that was killed before.
func (p *process) kill() error {
	if p == nil || p.cmd.ProcessState != nil {
		return nil
	}
	if err := p.cmd.Process.Kill(); err != nil {
		return fmt.Errorf("kill %s (see %s): %w", p.cmd, p.log.Name(), err)
	}
	var ended *exec.ExitError
	if err := p.cmd.Wait(); err != nil && !errors.As(err, &ended) { // an ExitError is how it was killed
		return err
	}
	return p.log.Close()
}

// portOf is the port of an address; 0, which is any free one, of none.
func portOf(address string) (string, error) {
	if address == "" {
		return "0", nil
	}
	_, port, err := net.SplitHostPort(address)
	return port, err
}

// tail is how much of a log is worth reading first.
const tail = 4 << 10

// LogTail is the end of a part's log, for a person to read: of "worker", "temporal", "cloud", or of a worker that was added.
func (o Options) LogTail(part string) string {
	data, err := os.ReadFile(o.log(part))
	if err != nil {
		return err.Error()
	}
	return string(data[max(0, len(data)-tail):])
}
