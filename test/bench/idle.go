package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/linkwright/linkwright/activities"
)

// idle is what links cost that are ready, and to which nothing happens.
type idle struct {
	record
	Connections int           `json:"connections"`
	Scale       int           `json:"scale"`
	Rest        time.Duration `json:"rest"`
	// Worker and Server are for a thousand connections; the server is the embedded Temporal, with the simulated AWS.
	Worker idleEach `json:"worker"`
	Server idleEach `json:"server"`
	// WorkerEmpty and ServerEmpty are the memory before there were any, in bytes.
	WorkerEmpty float64 `json:"workerEmptyBytes"`
	ServerEmpty float64 `json:"serverEmptyBytes"`
	// Database is how much Temporal's file grew for a thousand connections, from before they were applied, in bytes.
	Database float64 `json:"databaseBytes"`
	// Looks are the calls to the cloud in the time of rest.
	Looks float64 `json:"looks"`
}

// idleEach is what a thousand connections take of one process, but for the CPU, which all of them take together.
type idleEach struct {
	Resident float64 `json:"residentBytes"`
	Heap     float64 `json:"heapBytes"`
	CPU      float64 `json:"cpuPercent"` // of one processor, while all links rest
}

func (i *idle) about() string {
	return `Memory and disk that connections take once they are ready, over what was there without them, after a garbage collection; the worker
in a process of its own. A worker keeps flows that it has run in a cache, so that its share is what they take until others
push them out. Then the CPU that is used while nothing happens.`
}

func (i *idle) flags(f *flag.FlagSet) {
	f.IntVar(&i.Connections, "connections", 1000, "how many connections there are")
	f.IntVar(&i.Scale, "scale", 60, "how many times as fast as AWS's time the cloud's passes while they come")
	f.DurationVar(&i.Rest, "rest", 2*time.Minute, "how long the CPU is looked at")
}

func (i *idle) figures(p *page) {
	row := func(what string, e idleEach, empty float64) []string {
		return []string{what, megabytes(empty), megabytes(e.Resident), megabytes(e.Heap), precise(e.CPU) + " %"}
	}
	p.table([]string{"", "without connections", "a thousand: memory", "of it Go's heap", fmt.Sprintf("CPU, %d at rest", i.Connections)}, [][]string{
		row("worker", i.Worker, i.WorkerEmpty),
		row("Temporal and simulated AWS", i.Server, i.ServerEmpty),
	})
	p.line("Temporal's database grows by %s for a thousand connections. CPU is in parts of one processor, over %v in which %.0f calls to the "+
		"cloud were made: the Watches look at the pace that they have for links that are some minutes old.", megabytes(i.Database), i.Rest, i.Looks)
}

func (i *idle) measure(ctx context.Context) error {
	all, err := repeat(i.Runs, func() (idleRun, error) { return i.once(ctx) })
	if err != nil {
		return err
	}
	i.Worker, i.WorkerEmpty = i.sum(all, func(r idleRun) [3]consumption { return r.worker })
	i.Server, i.ServerEmpty = i.sum(all, func(r idleRun) [3]consumption { return r.server })
	i.Database = median(all, func(r idleRun) float64 { return r.database }) * 1000 / float64(i.Connections)
	i.Looks = median(all, func(r idleRun) float64 { return float64(r.looks) })
	return nil
}

// sum is what one of the processes takes.
func (i *idle) sum(all []idleRun, of func(idleRun) [3]consumption) (each idleEach, empty float64) {
	thousands := float64(i.Connections) / 1000
	return idleEach{
		Resident: median(all, func(r idleRun) float64 { return float64(of(r)[1].Resident-of(r)[0].Resident) / thousands }),
		Heap:     median(all, func(r idleRun) float64 { return float64(of(r)[1].Heap-of(r)[0].Heap) / thousands }),
		CPU:      median(all, func(r idleRun) float64 { return 100 * (of(r)[2].CPU - of(r)[1].CPU).Seconds() / i.Rest.Seconds() }),
	}, median(all, func(r idleRun) float64 { return float64(of(r)[0].Resident) })
}

// idleRun is what was consumed before there were connections, when they had come, and after they had rested.
type idleRun struct {
	worker, server [3]consumption
	database       float64
	looks          int
}

func (i *idle) once(ctx context.Context) (r idleRun, err error) {
	dir, err := os.MkdirTemp("", "linkwright-bench-")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	of := spread(i.Connections, 10, 8)
	in := setup{
		world: of.world(i.Scale), scale: i.Scale, dataDir: dir, apart: true,
		// While links come, the Watches look as often as the cloud changes; then their pauses grow as they do in AWS's time.
		pace: activities.Pace{Min: activities.DefaultPace.Min / time.Duration(i.Scale), Max: activities.DefaultPace.Max},
	}
	err = within(ctx, in, func(s *scene) error {
		of.populate(s)
		if err := s.publish(ctx); err != nil {
			return err
		}
		consume := func(at int) (err error) {
			if r.worker[at], err = s.worker.consumed(); err == nil {
				r.server[at], err = consumed()
			}
			return err
		}
		if err := consume(0); err != nil {
			return err
		}
		before, err := folderSize(filepath.Join(dir, "temporal"))
		if err != nil {
			return err
		}
		if err := s.connect(ctx); err != nil {
			return err
		}
		if err := pause(ctx, i.Rest/2); err != nil { // until what came last has been told to everybody
			return err
		}
		after, err := folderSize(filepath.Join(dir, "temporal"))
		if err != nil {
			return err
		}
		r.database = float64(after - before)
		if err := consume(1); err != nil {
			return err
		}
		_, made, err := s.spent(func() error { return pause(ctx, i.Rest) })
		if err != nil {
			return err
		}
		r.looks = count(made)
		return consume(2)
	})
	return r, err
}

// folderSize is how many bytes the files of a folder have: a database, with what it has not yet put in its place.
func folderSize(dir string) (total int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			total += info.Size()
		}
		return err
	})
	return total, err
}
