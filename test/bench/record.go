package main

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// record is what every benchmark keeps beside its figures.
type record struct {
	// Command repeats it.
	Command string  `json:"command"`
	Runs    int     `json:"runs"`
	Machine machine `json:"machine"`
	Day     string  `json:"day"`
	// Took is how many seconds all runs took together.
	Took float64 `json:"tookSeconds"`
}

func (r *record) head() *record { return r }

// begin writes down how the benchmark was called: the flags that differ from their defaults, but for where the results go.
func (r *record) begin(name string, flags *flag.FlagSet) {
	words := []string{"go run ./test/bench", name}
	flags.Visit(func(f *flag.Flag) {
		if f.Name != "out" && f.Name != "within" && f.Value.String() != f.DefValue {
			words = append(words, strings.TrimSuffix("-"+f.Name+" "+f.Value.String(), " true"))
		}
	})
	r.Command = strings.Join(words, " ")
	r.Machine = thisMachine()
	r.Day = time.Now().UTC().Format(time.DateOnly)
}

// machine is where something was measured.
type machine struct {
	CPUs   int    `json:"cpus"`
	Model  string `json:"model"`
	Memory string `json:"memory"`
	Go     string `json:"go"`
	Kernel string `json:"kernel"`
}

func (m machine) String() string {
	return fmt.Sprintf("%d CPUs (%s), %s of memory, %s, %s", m.CPUs, m.Model, m.Memory, m.Go, m.Kernel)
}

// thisMachine reads what Linux says of itself; on other systems most of it is unknown.
func thisMachine() machine {
	m := machine{
		CPUs: runtime.NumCPU(), Go: runtime.Version(),
		Model:  cmp.Or(procLine("/proc/cpuinfo", "model name"), runtime.GOARCH),
		Memory: "unknown", Kernel: runtime.GOOS,
	}
	var kilobytes int64
	if _, err := fmt.Sscanf(procLine("/proc/meminfo", "MemTotal"), "%d kB", &kilobytes); err == nil {
		m.Memory = fmt.Sprintf("%.0f GiB", float64(kilobytes)/(1<<20))
	}
	if release, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.Kernel = "Linux " + strings.TrimSpace(string(release))
	}
	return m
}

// procLine is the value of the first line "name : value" of a file.
func procLine(file, name string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// save writes a benchmark down as JSON.
func save(path string, b benchmark) error {
	text, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}

// repeat does something so often, and returns what each time came of it.
func repeat[T any](runs int, once func() (T, error)) ([]T, error) {
	var all []T
	for range runs {
		one, err := once()
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// median is that of one figure of several runs.
func median[T any](all []T, of func(T) float64) float64 {
	var values []float64
	for _, one := range all {
		values = append(values, of(one))
	}
	return quantile(values, 0.5)
}

// quantile is the value below which a part of the values are; of an even number of values, the middle is between two.
func quantile(values []float64, part float64) float64 {
	if len(values) == 0 {
		return 0
	}
	values = slices.Sorted(slices.Values(values))
	at := part * float64(len(values)-1)
	low := int(at)
	high := min(low+1, len(values)-1)
	return values[low] + (at-float64(low))*(values[high]-values[low])
}

func seconds(d time.Duration) float64 {
	return float64(d.Round(time.Millisecond)) / float64(time.Second)
}
