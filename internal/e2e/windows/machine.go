package windows

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"certgen/internal/e2e"
	"certgen/internal/testbed"
)

// Reserve is the time that must be left for another program to be started: under Wine the longest story took 26 s at a load of 6.
const Reserve = 2 * time.Minute

// Machine is a Windows that Wine plays. Drive C is a folder of the test's own, and drive Z this machine's root, so
// that paths of both sides lead to the same files.
type Machine struct {
	// Exe is where certgen.exe is, a path of this machine.
	Exe string

	wine     string
	settings []string // variables of Wine's own
}

// New makes a Windows for a test, in which nothing ran before. It ends with the test.
func New(t *testing.T) *Machine {
	t.Helper()
	testbed.Long(t, "starts Wine")
	wine, server := e2e.Need(t, "wine64"), e2e.Need(t, "wineserver64")
	gcc := e2e.Need(t, "x86_64-w64-mingw32-gcc-win32")
	dir := t.TempDir()
	prefix := filepath.Join(dir, "prefix")
	if err := os.Mkdir(prefix, 0o700); err != nil {
		t.Fatal(err)
	}
	m := &Machine{wine: wine, Exe: filepath.Join(dir, "certgen.exe"), settings: []string{
		"WINEPREFIX=" + prefix,
		"WINEDEBUG=-all",
		// No question whether to download .NET and a browser, and nothing in the user's desktop menus.
		"WINEDLLOVERRIDES=mscoree,mshtml,winemenubuilder.exe=",
		"TMPDIR=" + dir, // where Wine looks for its server; a script has one of its own, and would start another server
		"CERTGEN_TEST_BINARY=" + Path(filepath.Join(dir, "certgen.exe")), // for the tests in cmd
		"LC_ALL=C.UTF-8", // how Wine reads arguments
	}}
	e2e.Build(t, m.Exe, "windows", "amd64")
	// All runs share one server, which takes a second to start. It ends with the test, or a minute after the last
	// program where the test was killed.
	m.start(t, server, "-p60")
	t.Cleanup(func() {
		kill := exec.Command(server, "-k") // what runs in the prefix; it fails where the server has ended already
		kill.Env = m.env()
		_ = kill.Run()
		m.start(t, server, "-w") // waits until it is gone
	})
	m.start(t, wine, "wineboot", "--init")
	e2e.Output(t, "", gcc, "-shared", "-O2", "-Wall", "-Wextra", "-Werror", testbed.Data(t, "wine/bcryptprimitives.c"), "-ladvapi32",
		"-o", filepath.Join(prefix, "drive_c", "windows", "system32", "bcryptprimitives.dll"))
	return m
}

// Path is how Windows programs see a path of this machine.
func Path(path string) string { return "Z:" + strings.ReplaceAll(path, "/", `\`) }

// With returns the same Windows for programs that have more variables in their environment, as NAME=VALUE.
func (m *Machine) With(variables ...string) *Machine {
	with := *m
	with.settings = slices.Concat(m.settings, variables)
	return &with
}

// Certgen runs certgen.exe in a folder of this machine.
func (m *Machine) Certgen(t *testing.T, dir string, args ...string) e2e.Result {
	t.Helper()
	return m.Run(t, dir, 2*time.Minute, append([]string{m.Exe}, args...)...)
}

// Run runs a Windows program in a folder of this machine, for so long at most.
func (m *Machine) Run(t *testing.T, dir string, limit time.Duration, args ...string) e2e.Result {
	t.Helper()
	if testbed.OutOfTime(t, Reserve) {
		t.Skipf("Wine is too slow here: less than %s of the test's time is left", Reserve)
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, m.wine, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, m.env(), &stdout, &stderr
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatalf("%s: %v", cmd, err)
	}
	return e2e.Result{Stdout: stdout.String(), Stderr: stderr.String(), Code: cmd.ProcessState.ExitCode()}
}

// env is the environment of programs that run in the prefix.
func (m *Machine) env() []string { return append(os.Environ(), m.settings...) }

// start runs a program of Wine's own. It gets no pipes, because what it starts outlives it and would hold them open.
func (m *Machine) start(t *testing.T, program string, args ...string) {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Env = m.env()
	if err := cmd.Run(); err != nil {
		t.Errorf("%s: %v", cmd, err)
	}
}
