package temporal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync/atomic"

	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/log/tag"
)

// serverLogger writes the server's log to a slog.Logger.
//
// The server calls Fatal where it cannot go on and expects the process to end there, which it shares with
// others here. So Fatal unwinds to buildServer while the server is built, to become its error. Later it ends
// the goroutine that called it, and failed says why.
type serverLogger struct {
	logger   *slog.Logger
	building atomic.Bool
	failed   chan error
}

// fatal is what Fatal and Panic unwind with.
type fatal struct{ error }

func (f fatal) Unwrap() error { return f.error }

var _ log.Logger = (*serverLogger)(nil)

func newServerLogger(logger *slog.Logger) *serverLogger {
	return &serverLogger{logger: logger, failed: make(chan error, 1)}
}

func (l *serverLogger) Debug(msg string, tags ...tag.Tag)  { l.log(slog.LevelDebug, msg, tags) }
func (l *serverLogger) Info(msg string, tags ...tag.Tag)   { l.log(slog.LevelInfo, msg, tags) }
func (l *serverLogger) Warn(msg string, tags ...tag.Tag)   { l.log(slog.LevelWarn, msg, tags) }
func (l *serverLogger) Error(msg string, tags ...tag.Tag)  { l.log(slog.LevelError, msg, tags) }
func (l *serverLogger) DPanic(msg string, tags ...tag.Tag) { l.log(slog.LevelError, msg, tags) }

func (l *serverLogger) Panic(msg string, tags ...tag.Tag) {
	l.log(slog.LevelError, msg, tags)
	panic(fatal{describe(msg, tags)}) // the server recovers it where it can
}

func (l *serverLogger) Fatal(msg string, tags ...tag.Tag) {
	l.log(slog.LevelError, msg, tags)
	err := describe(msg, tags)
	if l.building.Load() {
		panic(fatal{err})
	}
	select {
	case l.failed <- err:
	default: // the first failure is the one that counts
	}
	runtime.Goexit()
}

func (l *serverLogger) log(level slog.Level, msg string, tags []tag.Tag) {
	ctx := context.Background()
	if !l.logger.Enabled(ctx, level) {
		return
	}
	attrs := make([]slog.Attr, 0, len(tags))
	for _, t := range tags {
		attrs = append(attrs, slog.Any(t.Key(), t.Value()))
	}
	l.logger.LogAttrs(ctx, level, msg, attrs...)
}

// describe makes an error of a log entry, which wraps the entry's own if it has one.
func describe(msg string, tags []tag.Tag) error {
	for _, t := range tags {
		z, ok := t.(tag.ZapTag) // its Value would give the text of an error alone
		if !ok {
			continue
		}
		if err, ok := z.Field().Interface.(error); ok {
			return fmt.Errorf("%s: %w", msg, err)
		}
	}
	return errors.New(msg)
}
