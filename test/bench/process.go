package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"github.com/linkwright/linkwright/dev/stack"
	"github.com/linkwright/linkwright/dev/temporal"
	"github.com/linkwright/linkwright/internal/accounts"
	"github.com/linkwright/linkwright/worker/serve"
)

// consumption is what a process holds and has used.
type consumption struct {
	// Resident is its memory in bytes, Heap the part that Go's objects take, both after a garbage collection.
	Resident int64 `json:"resident"`
	Heap     int64 `json:"heap"`
	// CPU is what it has used since it was started.
	CPU time.Duration `json:"cpu"`
}

// consumed is the consumption of this process.
func consumed() (consumption, error) {
	debug.FreeOSMemory() // collects first
	var kilobytes int64
	if _, err := fmt.Sscanf(procLine("/proc/self/status", "VmRSS"), "%d kB", &kilobytes); err != nil {
		return consumption{}, fmt.Errorf("read this process's memory, which takes Linux: %w", err)
	}
	var heap runtime.MemStats
	runtime.ReadMemStats(&heap)
	cpu, err := cpuTime()
	return consumption{Resident: kilobytes << 10, Heap: int64(heap.HeapAlloc), CPU: cpu}, err
}

// cpuTime is the CPU time that this process has used, its own and the kernel's for it.
func cpuTime() (time.Duration, error) {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0, fmt.Errorf("read this process's CPU time: %w", err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano()), nil
}

// workerCommand is the subcommand by which this program starts itself as a worker.
const workerCommand = "worker"

// workerOrder is what such a worker is told: the first line that it reads.
type workerOrder struct {
	Temporal, Accounts, DNS string
	AccessKey, SecretKey    string
	Patience                stack.Patience
}

// work serves as a worker until its input ends. It answers each line after the order with its consumption.
func work(ctx context.Context) error {
	lines := bufio.NewScanner(os.Stdin)
	if !lines.Scan() {
		return errors.New("a worker was not told what to do")
	}
	var order workerOrder
	if err := json.Unmarshal(lines.Bytes(), &order); err != nil {
		return fmt.Errorf("read what the worker is told: %w", err)
	}
	c, err := client.DialContext(ctx, client.Options{
		HostPort: order.Temporal, Namespace: temporal.Namespace, Logger: log.NewStructuredLogger(quiet),
	})
	if err != nil {
		return fmt.Errorf("reach Temporal for the worker: %w", err)
	}
	defer c.Close()
	book, err := accounts.Load(order.Accounts)
	if err != nil {
		return err
	}
	book.UseCredentials(credentials.NewStaticCredentialsProvider(order.AccessKey, order.SecretKey, ""))
	workers, err := serve.Start(serve.Config{
		Client: c, Accounts: book, DNSServer: order.DNS, StopTimeout: 5 * time.Second,
		Pace: order.Patience.Pace, LookAgain: order.Patience.LookAgain, Patience: order.Patience.Hope,
	})
	if err != nil {
		return err
	}
	defer workers.Stop()
	for lines.Scan() {
		used, err := consumed()
		if err != nil {
			return err
		}
		if err := json.NewEncoder(os.Stdout).Encode(used); err != nil {
			return err
		}
	}
	return lines.Err()
}

// workerProcess is a worker in a process of its own.
type workerProcess struct {
	process *exec.Cmd
	in      io.WriteCloser
	out     *json.Decoder
}

// startWorker starts one for a stack, and returns once it serves.
func startWorker(s *stack.Stack, patience stack.Patience) (*workerProcess, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	w := &workerProcess{process: exec.Command(self, workerCommand)}
	w.process.Stderr = os.Stderr
	w.process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // an interrupt is this process's to deal with
	if w.in, err = w.process.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := w.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	w.out = json.NewDecoder(out)
	if err := w.process.Start(); err != nil {
		return nil, fmt.Errorf("start the worker: %w", err)
	}
	user := s.World().Accounts[0].Users[0]
	if err := json.NewEncoder(w.in).Encode(workerOrder{
		Temporal: s.Temporal.Address(), Accounts: s.Accounts, DNS: s.Cloud.DNSAddr().String(),
		AccessKey: user.AccessKey, SecretKey: user.SecretKey, Patience: patience,
	}); err != nil {
		return nil, errors.Join(err, w.stop())
	}
	if _, err := w.consumed(); err != nil {
		return nil, errors.Join(err, w.stop())
	}
	return w, nil
}

// consumed asks the worker for its consumption.
func (w *workerProcess) consumed() (used consumption, err error) {
	if _, err = fmt.Fprintln(w.in); err == nil {
		err = w.out.Decode(&used)
	}
	if err != nil {
		return used, fmt.Errorf("ask the worker what it consumes: %w", err)
	}
	return used, nil
}

// stop ends the worker.
func (w *workerProcess) stop() error {
	return errors.Join(w.in.Close(), w.process.Wait())
}
