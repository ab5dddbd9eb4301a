package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/linkwright/linkwright/starter/cli/render"
)

// errDeclined is a person who was asked and said no.
var errDeclined = errors.New("nothing was done")

// confirm asks a person whether to go on; only yes is yes.
func (a *app) confirm(ctx context.Context, question string) error {
	fmt.Fprintf(a.Err, "%s [y/N] ", render.Lines(question))
	answer := make(chan string, 1)
	go func() {
		line, err := bufio.NewReader(a.In).ReadString('\n')
		if err != nil {
			line = "" // no answer is no
		}
		answer <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case text := <-answer:
		if text == "y" || text == "yes" {
			return nil
		}
		return errDeclined
	}
}
