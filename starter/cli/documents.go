package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// documents are valid specs in the order in which they are applied: what others need comes before them.
type documents []link.Document

func (d documents) refs() []flows.Ref {
	refs := make([]flows.Ref, len(d))
	for i, doc := range d {
		refs[i] = flows.RefOfDocument(doc)
	}
	return refs
}

func filesFlag(cmd *cobra.Command, files *[]string) {
	cmd.Flags().StringArrayVarP(files, "filename", "f", nil, "file with specs, directory of such files, or - for standard input; may be repeated")
}

// load reads and checks every document of every file, and returns none unless all are valid.
func (a *app) load(paths []string) (documents, error) {
	if len(paths) == 0 {
		return nil, errors.New("name the specs: -f FILE, -f DIRECTORY, or -f - for standard input")
	}
	var files []link.File
	for _, path := range paths {
		read, err := a.read(path)
		if err != nil {
			return nil, err
		}
		files = append(files, read...)
	}
	decoded, err := link.Decode(files...)
	if err != nil {
		return nil, invalid(err)
	}
	if len(decoded) == 0 {
		return nil, fmt.Errorf("no document in %s", link.Few(paths, 1))
	}
	docs := documents(decoded)
	slices.SortStableFunc(docs, func(a, b link.Document) int {
		return rank(flows.RefOfDocument(a)) - rank(flows.RefOfDocument(b))
	})
	return docs, nil
}

// rank is where a flow stands among others: inventories, which connections look for places in, then services, then
// connections, then peerings.
func rank(ref flows.Ref) int {
	return slices.Index([]link.Kind{link.KindVPCInventory, link.KindEndpointService, link.KindConnection, link.KindVPCPeering}, ref.Kind)
}

// invalid puts a heading over everything that is wrong with the specs.
func invalid(err error) error {
	var wrong link.Errors
	if !errors.As(err, &wrong) {
		return err
	}
	things := "1 thing is wrong"
	if len(wrong) != 1 {
		things = fmt.Sprintf("%d things are wrong", len(wrong))
	}
	return fmt.Errorf("%s with the specs, so nothing was done:\n%w", things, err)
}

// read returns what a path stands for: standard input, a file, or the YAML files of a directory by name.
func (a *app) read(path string) ([]link.File, error) {
	if path == "-" {
		data, err := io.ReadAll(a.In)
		return []link.File{{Name: "stdin", Data: data}}, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	paths := []string{path}
	if info.IsDir() {
		if paths, err = yamlFiles(path); err != nil {
			return nil, err
		}
	}
	files := make([]link.File, len(paths))
	for i, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		files[i] = link.File{Name: path, Data: data}
	}
	return files, nil
}

// yamlFiles are the files of a directory that hold specs; directories below it are left alone.
func yamlFiles(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, entry := range entries {
		if ext := filepath.Ext(entry.Name()); !entry.IsDir() && (ext == ".yaml" || ext == ".yml" || ext == ".json") {
			paths = append(paths, filepath.Join(dir, entry.Name()))
		}
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("%s holds no .yaml, .yml or .json file", dir)
	}
	return paths, nil
}

func (a *app) validate() *cobra.Command {
	var files []string
	cmd := &cobra.Command{
		Use:   "validate -f FILE… | FILE…",
		Short: "Check specs without starting anything",
		Long: `Check specs, all of them, and print everything that is wrong with the place where it is written. It talks to
nobody: whether accounts, networks and load balancers are there shows when the specs are applied.`,
		Example: `  linkwright validate payments.yaml
  cat *.yaml | linkwright validate -f -`,
		RunE: func(_ *cobra.Command, args []string) error {
			docs, err := a.load(append(files, args...))
			if err != nil {
				return err
			}
			for _, ref := range docs.refs() {
				if _, err := fmt.Fprintf(a.Out, "%s is valid\n", ref); err != nil {
					return err
				}
			}
			return nil
		},
	}
	filesFlag(cmd, &files)
	return cmd
}
