package cli

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

var update = flag.Bool("update", false, "rewrite docs/reference/cli.md and testdata")

// TestTheReferenceSaysWhatTheHelpSays keeps docs/reference/cli.md in step with the commands; go test -update
// writes it.
func TestTheReferenceSaysWhatTheHelpSays(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "reference", "cli.md")
	got := reference((&app{}).root())
	wantFile(t, path, got)
}

// wantFile compares a text with the file that holds it, or writes it there when the test is run with -update.
func wantFile(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; if that is right, run go test ./starter/cli -update. Now it is:\n%s", path, got)
	}
}

// reference is the page about the command line, made from what the commands say of themselves.
func reference(root *cobra.Command) string {
	root.InitDefaultCompletionCmd()
	var b strings.Builder
	b.WriteString("# The linkwright command line\n\n<!-- Made from the commands' help by go test ./starter/cli -update. -->\n\n")
	about, codes, _ := strings.Cut(root.Long, "Exit codes:\n")
	fmt.Fprintf(&b, "%s## Exit codes\n\n```text\n%s\n```\n\n", about, codes)
	b.WriteString("## Flags of every command\n\n")
	b.WriteString(flagTable(root.PersistentFlags()))
	for _, cmd := range root.Commands() {
		if !cmd.Hidden {
			writeCommand(&b, cmd)
		}
	}
	return b.String()
}

func writeCommand(b *strings.Builder, cmd *cobra.Command) {
	long := cmd.Long
	if long == "" {
		long = cmd.Short + "."
	}
	if cmd.Name() == "completion" { // its help is per shell; the page says how to get there
		long = "Print the script that makes a shell complete commands, flags, and the names of what is there: " +
			"`linkwright completion bash|zsh|fish|powershell`. `linkwright completion SHELL --help` says where it goes."
		fmt.Fprintf(b, "\n## linkwright completion\n\n%s\n", long)
		return
	}
	path := cmd.CommandPath()
	fmt.Fprintf(b, "\n## %s\n\n%s\n\n    %s%s\n", path, long, path, strings.TrimPrefix(cmd.Use, cmd.Name()))
	if cmd.Example != "" {
		fmt.Fprintf(b, "\nExamples:\n\n```sh\n%s\n```\n", strings.ReplaceAll(strings.TrimPrefix(cmd.Example, "  "), "\n  ", "\n"))
	}
	if table := flagTable(cmd.LocalNonPersistentFlags()); table != "" {
		b.WriteString("\n" + table)
	}
	for _, sub := range cmd.Commands() {
		writeCommand(b, sub)
	}
}

func flagTable(flags *pflag.FlagSet) string {
	var b strings.Builder
	flags.VisitAll(func(f *pflag.Flag) {
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		usage := f.Usage
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "[]" && f.DefValue != "0s" {
			usage += fmt.Sprintf(" (default: %s)", f.DefValue)
		}
		fmt.Fprintf(&b, "| `%s` | %s |\n", name, strings.ReplaceAll(usage, "|", `\|`))
	})
	if b.Len() == 0 {
		return ""
	}
	return "| flag | meaning |\n| --- | --- |\n" + b.String()
}
