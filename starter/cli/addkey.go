package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/linkwright/linkwright/internal/sealed"
)

func (a *app) addKey() *cobra.Command {
	var name string
	cmd := &cobra.Command{
		Use:   "add-key FILE",
		Short: "Make an encryption key and add it to a key file",
		Long: `Make an encryption key and add it to a key file, which is made when it does not exist. The first key encrypts
from the beginning. A further one only decrypts, until encryptWith in the file names it: so that it can be brought
to every worker and everybody else before the first of them uses it.`,
		Example: `  linkwright add-key keys.yaml
  linkwright-worker --encryption-keys keys.yaml`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if name == "" {
				name = time.Now().UTC().Format(time.DateOnly)
			}
			if err := sealed.AddKey(args[0], name); err != nil {
				return err
			}
			_, err := fmt.Fprintf(a.Out, "key %s added to %s\n", name, args[0])
			return err
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "name of the key (default: today's date)")
	return cmd
}
