package cli

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(a.Out, "linkwright", versionText(a.version, debug.ReadBuildInfo))
			return err
		},
	}
}

// versionText is the version that the build was given, or else the module's, with the commit it was built
// from and the Go that built it.
func versionText(version string, read func() (*debug.BuildInfo, bool)) string {
	info, ok := read()
	if !ok {
		return version
	}
	if version == "" {
		version = info.Main.Version
	}
	setting := map[string]string{}
	for _, s := range info.Settings {
		setting[s.Key] = s.Value
	}
	text := version
	if commit := setting["vcs.revision"]; commit != "" {
		text += ", commit " + commit[:min(12, len(commit))]
		if setting["vcs.modified"] == "true" {
			text += " with changes"
		}
	}
	return text + ", " + info.GoVersion
}
