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
	flags.StringSliceVarP(&f.files, "filename", "f", nil, "read cert-manager's Certificates and Issuers from these files or folders, or from standard input (-); with NAME, one csr.json of cfssl")
	flags.BoolVarP(&f.recursive, "recursive", "R", false, "with -f, read the folders in a folder, too")
	flags.BoolVar(&f.keepGoing, "keep-going", false, "with -f, make what can be made though something is wrong with the rest")
	flags.IntVar(&f.parallel, "parallel", 0, "with -f, how many certificates are made at the same time (default: one a core, into a cluster 32)")
	flags.StringVar(&f.clusterResourceNamespace, "cluster-resource-namespace", certmanager.DefaultResourceNamespace, "with -f, where the Secrets of ClusterIssuers are")
}

// Given reports whether manifests are read.
func (f *Flags) Given() bool { return len(f.files) > 0 }

// own are the flags that are of no use without -f.
func own() []string {
	return []string{"recursive", "keep-going", "parallel", "cluster-resource-namespace", "prune"}
}

// OneFile is the one file that -f names where there is a NAME, a csr.json of cfssl and no manifest; "" without -f. The error
// is that of flags which go with manifests alone.
func (f *Flags) OneFile(flags *pflag.FlagSet) (string, error) {
	for _, name := range own() {
		switch {
		case !flags.Changed(name):
		case f.Given():
			return "", cli.WithHint(cli.Usagef("--%s is for manifests, but with a NAME -f is a csr.json of cfssl", name), "leave the NAME out: manifests name their Secrets")
		default:
			return "", cli.Usagef("--%s needs -f", name)
		}
	}
	switch len(f.files) {
	case 0:
		return "", nil
	case 1:
		return f.files[0], nil
	}
	return "", cli.WithHint(cli.Usagef("with a NAME, -f is one csr.json of cfssl, but there are %d files", len(f.files)), "run certgen for each, with its own NAME; or leave the NAME out for cert-manager's manifests")
}

// Validate finds flags that do not go with manifests, which say that themselves. allowed are the command's flags that do.
func (f *Flags) Validate(flags *pflag.FlagSet, allowed ...string) error {
	for _, name := range []string{"profiles", "profile"} {
		if flags.Changed(name) {
			return cli.WithHint(cli.Usagef("--%s goes with a csr.json of cfssl, for which the NAME of the Secret is missing", name), "certgen create NAME -f csr.json --profiles ca-config.json --profile server")
		}
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
	slices.Sort(wrong)
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
