package cmd

import (
	"cmp"
	"crypto/fips140"
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"certgen/cmd/internal/cli"
	"certgen/render"
)

func newVersionCmd(streams cli.IOStreams) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version of certgen and of the Go that built it",
		Long: `Print the version and commit of certgen, the Go that built it, the platform that it is for, and whether
its cryptography is in FIPS 140-3 mode. GODEBUG=fips140=on in the environment switches that on, and a
build with GOFIPS140=latest has it on; fips140=only refuses everything that FIPS 140 does not know, such
as all keystores.`,
		Example: `  certgen version
  certgen version -o json`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return runVersion(streams, format) },
	}
	cmd.Flags().StringVarP(&format, "output", "o", "", "print json instead of a line")
	cli.CompleteWords(cmd, "output", []render.Format{render.JSON})
	return cmd
}

// build says which certgen this is. Its fields are those of kubectl version -o json where it has them.
type build struct {
	Version   string `json:"version"`
	Commit    string `json:"gitCommit"`
	TreeState string `json:"gitTreeState"` // clean, dirty where it was built from more than the commit, or unknown as that is
	Go        string `json:"goVersion"`
	Platform  string `json:"platform"`
	FIPS140   string `json:"fips140"` // off, on or only, and the version of Go's module where it is on
}

func runVersion(streams cli.IOStreams, format string) error {
	b := thisBuild()
	switch format {
	case "":
		return streams.Write(fmt.Appendf(nil, "certgen %s, commit %s, %s %s, FIPS 140-3 %s\n", b.Version, b.commit(), b.Go, b.Platform, b.FIPS140))
	case string(render.JSON):
		out, err := json.MarshalIndent(b, "", "  ")
		if err != nil {
			return err
		}
		return streams.Write(append(out, '\n'))
	}
	return cli.Usagef("--output %q: the format is json", format)
}

// commit words the commit. go run, and a build with -buildvcs=false, leave it out.
func (b build) commit() string {
	switch b.TreeState {
	case unknown:
		return unknown + " (built without version control information)"
	case "clean":
		return b.Commit
	}
	return b.Commit + ", " + b.TreeState
}

// unknown is what the toolchain did not write down.
const unknown = "unknown"

// thisBuild reads what the Go toolchain wrote into the binary.
func thisBuild() build {
	b := build{
		Version: unknown, Commit: unknown, TreeState: unknown,
		Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, FIPS140: fipsMode(),
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	b.Version = cmp.Or(info.Main.Version, b.Version)
	for _, setting := range info.Settings {
		switch {
		case setting.Key == "vcs.revision":
			b.Commit = setting.Value
		case setting.Key == "vcs.modified" && setting.Value == "true":
			b.TreeState = "dirty"
		case setting.Key == "vcs.modified":
			b.TreeState = "clean"
		}
	}
	return b
}

// fipsMode names the mode that Go's cryptography runs in, as GODEBUG does.
func fipsMode() string {
	switch {
	case !fips140.Enabled():
		return "off"
	case fips140.Enforced():
		return "only, module " + fips140.Version()
	}
	return "on, module " + fips140.Version()
}
