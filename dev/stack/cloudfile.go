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

// keptCloud is a simulated cloud that is kept in one file, which is never more than saveEvery behind: a process that is
// killed loses no more of it.
type keptCloud struct {
	path     string
	snapshot func() ([]byte, error)
	saved    []byte // as it was written last
}

// keep has a cloud written to a file of the data folder, again and again until the stack stops; without such a folder it
// does nothing.
func (s *Stack) keep(file string, snapshot func() ([]byte, error)) {
	if s.options.DataDir == "" {
		return
	}
	kept := &keptCloud{path: filepath.Join(s.Dir, file), snapshot: snapshot}
	s.kept = append(s.kept, kept)
	s.saver.Go(func() {
		tick := time.NewTicker(saveEvery)
		defer tick.Stop()
		for {
			select {
			case <-s.stopped:
				return
			case <-tick.C:
				if err := kept.save(); err != nil {
					s.log.Error("a simulated cloud was not saved", "error", err)
				}
			}
		}
	})
}

// savedCloud is what was kept of a cloud; nil when nothing was.
func (s *Stack) savedCloud(file string) ([]byte, error) {
	if s.options.DataDir == "" {
		return nil, nil
	}
	data, err := os.ReadFile(filepath.Join(s.Dir, file))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// saveClouds writes all clouds down, once nobody else does any more.
func (s *Stack) saveClouds() error {
	s.saver.Wait()
	var failed error
	for _, kept := range s.kept {
		failed = errors.Join(failed, kept.save())
	}
	return failed
}

func (k *keptCloud) save() error {
	data, err := k.snapshot()
	if err != nil {
		return err
	}
	if bytes.Equal(data, k.saved) {
		return nil
	}
	temporary := k.path + ".new"
	if err := os.WriteFile(temporary, data, 0o600); err != nil {
		return fmt.Errorf("keep the simulated cloud: %w", err)
	}
	if err := os.Rename(temporary, k.path); err != nil {
		return fmt.Errorf("keep the simulated cloud: %w", err)
	}
	k.saved = data
	return nil
}
