package temporal

import (
	"errors"
	"io/fs"
	"log/slog"
	"testing"

	"go.temporal.io/server/common/log/tag"
)

func TestServerLoggerFatal(t *testing.T) {
	t.Run("when a running server calls it, the calling goroutine ends and failed tells the cause", func(t *testing.T) {
		logger := newServerLogger(slog.New(slog.DiscardHandler))
		ended := make(chan struct{})
		wentOn := false
		go func() {
			defer close(ended)
			logger.Fatal("disk is gone", tag.Int("shard", 1), tag.Error(fs.ErrClosed))
			wentOn = true
		}()
		<-ended
		if wentOn {
			t.Error("Fatal returned")
		}
		err := <-logger.failed
		if !errors.Is(err, fs.ErrClosed) || err.Error() != "disk is gone: file already closed" {
			t.Errorf("failed delivered %v", err)
		}
	})
}
