package stack

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

const saveEvery = time.Second

// keepSaving writes the cloud down again and again until the stack stops.
func (s *Stack) keepSaving() {
	if s.options.DataDir == "" {
		return
	}
	s.saver.Go(func() {
		tick := time.NewTicker(saveEvery)
		defer tick.Stop()
		for {
			select {
			case <-s.stopped:
				return
			case <-tick.C:
				if err := s.saveCloud(); err != nil {
					s.log.Error("the simulated cloud was not saved", "error", err)
				}
			}
		}
	})
}

// The simulated cloud is kept in one file, which is never more than saveEvery behind: a process that is killed
// loses no more of it.
func (s *Stack) cloudFile() string { return filepath.Join(s.Dir, "cloud.json") }

func (s *Stack) savedCloud() ([]byte, error) {
	if s.options.DataDir == "" {
		return nil, nil
	}
	data, err := os.ReadFile(s.cloudFile())
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

func (s *Stack) saveCloud() error {
	if s.options.DataDir == "" {
		return nil
	}
	data, err := s.Cloud.Snapshot()
	if err != nil {
		return err
	}
	if bytes.Equal(data, s.saved) {
		return nil
	}
	temporary := s.cloudFile() + ".new"
	if err := os.WriteFile(temporary, data, 0o600); err != nil {
		return fmt.Errorf("keep the simulated cloud: %w", err)
	}
	if err := os.Rename(temporary, s.cloudFile()); err != nil {
		return fmt.Errorf("keep the simulated cloud: %w", err)
	}
	s.saved = data
	return nil
}
