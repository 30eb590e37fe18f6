package manifest

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"certgen/cmd/internal/cli"
	"certgen/secrets/certmanager"
)

// Flags say which manifests are read, and how.
type Flags struct {
	files                    []string
	recursive                bool
	keepGoing                bool
	parallel                 int
	clusterResourceNamespace string
}

// AddTo registers the flags.
func (f *Flags) AddTo(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringSliceVarP(&f.files, "filename", "f", nil, "read cert-manager's Certificates and Issuers from these files or folders, or from standard input (-)")
	flags.BoolVarP(&f.recursive, "recursive", "R", false, "with -f, read the folders in a folder, too")
	flags.BoolVar(&f.keepGoing, "keep-going", false, "with -f, make what can be made though something is wrong with the rest")
	flags.IntVar(&f.parallel, "parallel", 0, "with -f, how many certificates are made at the same time (default: one a core, into a cluster 32)")
	flags.StringVar(&f.clusterResourceNamespace, "cluster-resource-namespace", certmanager.DefaultResourceNamespace, "with -f, where the Secrets of ClusterIssuers are")
}

// Given reports whether manifests are read.
func (f *Flags) Given() bool { return len(f.files) > 0 }

// own are the flags that are of no use without -f.
func own() []string {
	return []string{"recursive", "keep-going", "parallel", "cluster-resource-namespace"}
}

// Validate finds flags that do not go together: with -f, those that a manifest says itself; without, those of -f. allowed are the
// command's flags that go with -f.
func (f *Flags) Validate(flags *pflag.FlagSet, allowed ...string) error {
	if !f.Given() {
		for _, name := range own() {
			if flags.Changed(name) {
				return cli.Usagef("--%s needs -f", name)
			}
		}
		return nil
	}
	if f.parallel < 0 {
		return cli.Usagef("--parallel %d: must be 1 or more", f.parallel)
	}
	var wrong []string
	flags.Visit(func(flag *pflag.Flag) {
		if flag.Name != "filename" && !slices.Contains(own(), flag.Name) && !slices.Contains(allowed, flag.Name) {
			wrong = append(wrong, "--"+flag.Name)
		}
	})
	if len(wrong) > 0 {
		return cli.WithHint(cli.Usagef("%s: with -f the manifests say that", strings.Join(wrong, ", ")), "write it into the Certificate, or leave -f out")
	}
	return nil
}

// Options are those of certmanager.Run that the flags set; parallel is how many certificates are made at the same time where
// they do not say.
func (f *Flags) Options(parallel int) certmanager.Options {
	if f.parallel > 0 {
		parallel = f.parallel
	}
	return certmanager.Options{Parallel: parallel, KeepGoing: f.keepGoing, ClusterResourceNamespace: f.clusterResourceNamespace}
}
