package windows

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"certgen/internal/e2e"
	"certgen/internal/testbed"
)

// Programs returns a folder with programs that start certgen.exe by each of its names. Wine translates arguments,
// standard streams and the exit code, but of the paths in the environment none.
func (m *Machine) Programs(t *testing.T) string {
	t.Helper()
	var settings strings.Builder
	for _, variable := range m.settings {
		fmt.Fprintf(&settings, "export '%s'\n", variable)
	}
	settings.WriteString(`[ -z "$KUBECONFIG" ] || export KUBECONFIG="Z:$(echo "$KUBECONFIG" | sed 's,:,;Z:,g; s,/,\\,g')"` + "\n")
	dir := t.TempDir()
	for name := range e2e.Programs() {
		exe := filepath.Join(dir, name+".exe")
		if err := os.Link(m.Exe, exe); err != nil {
			t.Fatal(err)
		}
		script := "#!/bin/sh\n" + settings.String() + fmt.Sprintf("exec '%s' '%s' \"$@\"\n", m.wine, exe)
		testbed.WriteProgram(t, filepath.Join(dir, name), script)
	}
	return dir
}
