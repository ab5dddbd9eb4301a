// Package stack runs all of Linkwright in one process: a Temporal server with its UI, the simulated clouds, and
// a worker between them. `linkwright-dev up` and `demo` run it, and so do the end-to-end tests.
package stack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"go.temporal.io/sdk/client"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/dev/temporal"
	"github.com/linkwright/linkwright/internal/accounts"
	"github.com/linkwright/linkwright/internal/sealed"
	"github.com/linkwright/linkwright/internal/simaws"
	"github.com/linkwright/linkwright/internal/simazure"
	"github.com/linkwright/linkwright/internal/simcloud"
	"github.com/linkwright/linkwright/worker/serve"
	"github.com/linkwright/linkwright/workflows"
)

// Options says what to run. The zero value runs everything in memory, on free ports.
type Options struct {
	// DataDir keeps Temporal's database, the simulated cloud and the files for people across restarts.
	// Empty: Temporal and the cloud are in memory, and the files in a temporary folder.
	DataDir string
	// Postgres, when not empty, is the URL of a PostgreSQL database for Temporal, in place of DataDir for that.
	Postgres string
	// The ports, all on loopback; 0 takes a free one.
	TemporalPort, UIPort, CloudPort, AzurePort, DNSPort int
	// CloudListen, when not empty, is a loopback host:port in place of CloudPort.
	CloudListen string
	// NoUI leaves Temporal's UI out, NoWorker the worker; NoTemporal and NoCloud leave these out, and with
	// either the worker, which needs both.
	NoUI, NoWorker, NoTemporal, NoCloud bool
	// Scenario names what stands in the simulated cloud and which specs there are to try; empty: DefaultScenario.
	Scenario string
	// World is a world file in place of the scenario's, without specs, and AzureWorld that of a simulated Azure besides.
	World, AzureWorld []byte
	// Faults are rules for the simulated cloud, as a file has them; nil is none.
	Faults []byte
	// Scale, when above zero, is how many times faster than AWS the cloud changes; else the world file says.
	Scale float64
	// Patience says how patiently the worker asks the cloud and waits for people; nil is right for the demo.
	Patience *Patience
	// LongHistory is the number of events after which Temporal asks a workflow to continue as new; 0 is its
	// default, some thousands.
	LongHistory int
	// AllowedSigners is the file by which the worker knows whose signatures to accept; empty: nobody's.
	AllowedSigners string
	// Tokens makes Temporal authenticate callers: names by bearer token.
	Tokens map[string]string
	// Keys encrypt what Temporal keeps; nil encrypts nothing.
	Keys *sealed.Keys
	// Log receives what the parts have to say; nil writes it to linkwright-dev.log among the files.
	Log *slog.Logger
}

// Stack is everything, running.
type Stack struct {
	Temporal *temporal.Server
	Client   client.Client
	Cloud    *simaws.Cloud
	// Azure is nil unless the scenario, or the options, have a world for it.
	Azure *simazure.Cloud
	// Accounts is the path of the accounts file, Specs that of specs to try, AWSConfig that of profiles for
	// the AWS CLI; Dir is the folder of them all.
	Accounts, Specs, AWSConfig, Dir string
	// AzureCA is the path of the certificates that clients of the simulated Azure must trust.
	AzureCA string
	// Example is a connection of the specs, by the path that the command line takes, and an account to look into.
	Example Example

	options    Options
	world      simaws.WorldFile
	azureWorld simazure.WorldFile
	log        *slog.Logger
	logFile    *os.File
	workers    *serve.Workers
	steward    client.Client // the workers' own
	failed     chan error
	stopped    chan struct{}
	saver      sync.WaitGroup
	kept       []*keptCloud
	// keepFiles leaves the temporary folder there.
	keepFiles bool
}

// Start runs everything. On failure nothing is left running.
func Start(ctx context.Context, o Options) (_ *Stack, err error) {
	o.Scenario = cmp.Or(o.Scenario, DefaultScenario)
	if err := checkScenario(o.Scenario); err != nil {
		return nil, err
	}
	s := &Stack{options: o, failed: make(chan error), stopped: make(chan struct{})}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Stop(context.WithoutCancel(ctx)))
		}
	}()
	if err := s.makeFolder(); err != nil {
		return nil, err
	}
	if !o.NoCloud {
		if err := errors.Join(s.startCloud(ctx), s.startAzure(ctx)); err != nil {
			return nil, err
		}
		if err := s.writeFiles(); err != nil {
			return nil, err
		}
	}
	if !o.NoTemporal {
		if err := s.startTemporal(ctx); err != nil {
			return nil, err
		}
	}
	if o.NoWorker || o.NoCloud || o.NoTemporal {
		return s, nil
	}
	return s, s.StartWorker()
}

// report passes on the news that a part has broken down, for as long as the stack runs.
func (s *Stack) report(failed <-chan error) {
	go func() {
		select {
		case err := <-failed:
			select {
			case s.failed <- err:
			case <-s.stopped:
			}
		case <-s.stopped:
		}
	}()
}

// Stop ends everything, the worker first. What is in the data folder stays.
func (s *Stack) Stop(ctx context.Context) error {
	close(s.stopped)
	s.StopWorker()
	var failed error
	if s.Client != nil {
		s.Client.Close()
	}
	if s.Temporal != nil {
		failed = errors.Join(failed, s.Temporal.Stop())
	}
	failed = errors.Join(failed, s.saveClouds())
	if s.Cloud != nil {
		failed = errors.Join(failed, s.Cloud.Close(ctx))
	}
	if s.Azure != nil {
		failed = errors.Join(failed, s.Azure.Close(ctx))
	}
	if s.logFile != nil {
		failed = errors.Join(failed, s.logFile.Close())
	}
	if s.options.DataDir == "" && s.Dir != "" && !s.keepFiles {
		failed = errors.Join(failed, os.RemoveAll(s.Dir))
	}
	return failed
}

// KeepFiles leaves a temporary folder there when the stack stops, for those who want to read the log.
func (s *Stack) KeepFiles() { s.keepFiles = true }

// StartWorker starts the worker; only one runs at a time.
func (s *Stack) StartWorker() error {
	book, err := accounts.Load(s.Accounts)
	if err != nil {
		return err
	}
	worker := s.world.Accounts[0].Users[0]
	book.UseCredentials(credentials.NewStaticCredentialsProvider(worker.AccessKey, worker.SecretKey, ""))
	patience := demoPatience
	if s.options.Patience != nil {
		patience = *s.options.Patience
	}
	var sealing client.Options
	s.steward, err = s.Temporal.Dial(context.Background(), func(o client.Options) client.Options {
		sealing = sealed.ForWorker(o, s.options.Keys)
		return sealing
	})
	if err != nil {
		return fmt.Errorf("reach Temporal for the worker: %w", err)
	}
	s.workers, err = serve.Start(serve.Config{
		Client: s.steward, Converter: sealing.DataConverter, Accounts: book,
		Pace: patience.Pace, LookAgain: patience.LookAgain, Patience: patience.Hope,
		DNSServer: s.Cloud.DNSAddr().String(), AllowedSigners: s.options.AllowedSigners, StopTimeout: 5 * time.Second,
	})
	if err == nil {
		s.report(s.workers.Failed)
	}
	return err
}

// Patience is how patiently a worker asks the cloud again, how soon it looks for a person's remedy, and how
// long it hopes before it asks for one; see [serve.Config].
type Patience struct {
	Pace            activities.Pace
	LookAgain, Hope time.Duration
}

// demoPatience is for a cloud that changes sixty times faster than AWS, and for people who watch it.
var demoPatience = Patience{
	Pace:      activities.Pace{Min: 200 * time.Millisecond, Max: 2 * time.Second},
	LookAgain: 2 * time.Second, Hope: 20 * time.Second,
}

// StopWorker stops the worker, if one runs.
func (s *Stack) StopWorker() {
	if s.workers != nil {
		s.workers.Stop()
		s.workers = nil
	}
	if s.steward != nil {
		s.steward.Close()
		s.steward = nil
	}
}

// Admin returns credentials of an account's first user, for acting as a person would.
func (s *Stack) Admin(account string) awssdk.CredentialsProvider {
	for _, a := range s.world.Accounts {
		if a.Name == account && len(a.Users) > 0 {
			return credentials.NewStaticCredentialsProvider(a.Users[0].AccessKey, a.Users[0].SecretKey, "")
		}
	}
	return awssdk.AnonymousCredentials{}
}

func (s *Stack) makeFolder() (err error) {
	s.Dir = s.options.DataDir
	if s.Dir == "" {
		s.Dir, err = os.MkdirTemp("", "linkwright-dev-")
	} else {
		err = os.MkdirAll(s.Dir, 0o700)
	}
	if err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	s.log = s.options.Log
	if s.log == nil {
		file, err := os.OpenFile(filepath.Join(s.Dir, "linkwright-dev.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return fmt.Errorf("open the log: %w", err)
		}
		s.logFile = file
		s.log = slog.New(slog.NewTextHandler(file, &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	return nil
}

func (s *Stack) startCloud(ctx context.Context) error {
	file := s.options.World
	if file == nil {
		file = scenarioFile(s.options.Scenario, "world.yaml")
	}
	var err error
	if s.world, err = simaws.ParseWorldFile(file); err != nil {
		return err
	}
	faults, err := simcloud.ParseFaults(s.options.Faults)
	if err != nil {
		return err
	}
	before, err := s.savedCloud(awsFile)
	if err != nil {
		return err
	}
	listen := s.options.CloudListen
	if listen == "" {
		listen = net.JoinHostPort("127.0.0.1", strconv.Itoa(s.options.CloudPort))
	}
	s.Cloud, err = simaws.New(simaws.Config{
		World: s.world, Scale: s.options.Scale, Snapshot: before, Faults: faults, Log: s.log,
		Listen: listen, DNSPort: uint16(s.options.DNSPort),
	})
	if err != nil {
		return err
	}
	if err := s.Cloud.Start(ctx); err != nil {
		return err
	}
	s.keep(awsFile, s.Cloud.Snapshot)
	return nil
}

const awsFile = "cloud.json"

func (s *Stack) startTemporal(ctx context.Context) (err error) {
	database := ""
	if s.options.DataDir != "" && s.options.Postgres == "" {
		database = filepath.Join(s.Dir, "temporal")
	}
	s.Temporal, err = temporal.Start(ctx, temporal.Options{
		DataDir: database, Postgres: s.options.Postgres, Port: s.options.TemporalPort, UIPort: s.options.UIPort, NoUI: s.options.NoUI,
		SearchAttributes: workflows.SearchAttributes(), LongHistory: s.options.LongHistory, Tokens: s.options.Tokens, Logger: s.log,
	})
	if err != nil {
		return err
	}
	s.report(s.Temporal.Failed())
	s.Client, err = s.Temporal.Dial(ctx, func(o client.Options) client.Options { return sealed.ForCaller(o, s.options.Keys) })
	return err
}

// AllowedSigners is the file by which the worker knows whose signatures to accept; empty: nobody's.
func (s *Stack) AllowedSigners() string { return s.options.AllowedSigners }

// World is what the simulated cloud was made from.
func (s *Stack) World() simaws.WorldFile { return s.world }

// Failed delivers an error when a part breaks down for good.
func (s *Stack) Failed() <-chan error { return s.failed }

// LogFile is where the parts write their log; empty when the caller took it.
func (s *Stack) LogFile() string {
	if s.logFile == nil {
		return ""
	}
	return s.logFile.Name()
}
