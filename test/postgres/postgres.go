// Package postgres runs a PostgreSQL server for a test: in a folder of its own, on a free loopback port, from the
// programs that are installed on the machine. It can be crashed.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// ErrNotInstalled is a machine without PostgreSQL.
var ErrNotInstalled = errors.New("PostgreSQL is not installed (Debian: apt-get install postgresql)")

// The superuser of the server, and his password.
const (
	superuser = "linkwright"
	password  = "a:secret@/?"
)

// system is the user that the server runs as when the test is run by root, whom PostgreSQL refuses. Packages make it.
const system = "postgres"

// packaged is where Debian puts the programs of each version.
const packaged = "/usr/lib/postgresql/*/bin"

// startAttempts bounds how often another port is tried because another process took one in between.
const startAttempts = 3

// Server is a running PostgreSQL server.
type Server struct {
	programs, dir string
	port          int
	as            *syscall.SysProcAttr // nil: as whoever runs the test
}

// Start makes a server. Stop it afterwards. It fails with [ErrNotInstalled] where there is none.
func Start(ctx context.Context) (_ *Server, err error) {
	s := &Server{}
	if s.programs, err = find(); err != nil {
		return nil, err
	}
	// Not in the test's own folder, which nobody else may enter.
	if s.dir, err = os.MkdirTemp("", "linkwright-postgres-"); err != nil {
		return nil, err
	}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.dir))
	}
	return s, nil
}

// find returns the folder of the programs.
func find() (string, error) {
	if path, err := exec.LookPath("pg_ctl"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path), nil
		}
	}
	versions, err := filepath.Glob(packaged)
	if err != nil || len(versions) == 0 {
		return "", ErrNotInstalled
	}
	return versions[len(versions)-1], nil
}

func (s *Server) start(ctx context.Context) error {
	if err := s.leaveRoot(); err != nil {
		return err
	}
	secret := filepath.Join(s.dir, "password")
	if err := os.WriteFile(secret, []byte(password), 0o644); err != nil { // of nothing but this test
		return err
	}
	err := s.run(ctx, "initdb", "--pgdata", s.data(), "--username", superuser, "--auth", "scram-sha-256", "--pwfile", secret,
		"--encoding", "UTF8", "--locale", "C", "--no-sync")
	for range startAttempts {
		if err != nil {
			return err
		}
		if s.port, err = freePort(); err != nil {
			return err
		}
		if err = s.control(ctx, "start", "-o", fmt.Sprintf("-p %d -c listen_addresses=127.0.0.1 -k %s", s.port, s.dir)); err == nil {
			return nil
		}
	}
	return err
}

// leaveRoot has the server run as another user where root runs the test.
func (s *Server) leaveRoot() error {
	if os.Geteuid() != 0 {
		return nil
	}
	account, err := user.Lookup(system)
	if err != nil {
		return fmt.Errorf("PostgreSQL does not run as root, and there is no user to run it as: %w", err)
	}
	uid, err := strconv.Atoi(account.Uid)
	if err != nil {
		return err
	}
	gid, err := strconv.Atoi(account.Gid)
	if err != nil {
		return err
	}
	s.as = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	return os.Chown(s.dir, uid, gid)
}

// Crash ends the server as a crash would, and starts it again: what it had not finished is lost, and it recovers from
// its log.
func (s *Server) Crash(ctx context.Context) error {
	return s.control(ctx, "restart", "-m", "immediate")
}

// Stop ends the server and removes its folder.
func (s *Server) Stop(ctx context.Context) error {
	return errors.Join(s.control(ctx, "stop", "-m", "immediate"), os.RemoveAll(s.dir))
}

// URL is the address of a database of the server's, which need not exist, with the superuser's credentials.
func (s *Server) URL(database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(superuser, password),
		Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)), Path: "/" + database,
	}
	return u.String()
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// control has pg_ctl do something and wait until it is done.
func (s *Server) control(ctx context.Context, verb string, args ...string) error {
	return s.run(ctx, "pg_ctl", append([]string{verb, "--wait", "--pgdata", s.data(), "--log", filepath.Join(s.dir, "log")}, args...)...)
}

// run runs one of PostgreSQL's programs. Its output goes to a file, for the server that it starts keeps it open.
func (s *Server) run(ctx context.Context, program string, args ...string) error {
	output, err := os.CreateTemp(s.dir, program+"-")
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(s.programs, program), args...)
	cmd.Dir, cmd.SysProcAttr, cmd.Stdout, cmd.Stderr = s.dir, s.as, output, output
	if err := cmd.Run(); err != nil {
		said, unread := os.ReadFile(output.Name())
		return errors.Join(fmt.Errorf("%s: %w: %s", cmd, err, said), unread, output.Close())
	}
	return output.Close()
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return listener.Addr().(*net.TCPAddr).Port, listener.Close()
}
