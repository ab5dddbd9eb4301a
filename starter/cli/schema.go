package cli

import (
	"github.com/spf13/cobra"

	"github.com/linkwright/linkwright/internal/link"
)

func (a *app) schema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of specs",
		Long: `Print the JSON Schema (draft 2020-12) of specs, so that editors complete and check them while they are
written. linkwright validate checks more than a schema can say.`,
		Example: `  linkwright schema > linkwright.schema.json
  # and in the first line of a spec: # yaml-language-server: $schema=linkwright.schema.json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			text, err := link.Schema()
			if err != nil {
				return err
			}
			_, err = a.Out.Write(text)
			return err
		},
	}
}
