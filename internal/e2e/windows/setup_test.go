package windows

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"certgen/internal/e2e"
	"certgen/internal/e2e/story"
	"certgen/internal/testbed"
)

// windows runs certgen's Windows binary under Wine.
type windows struct {
	wine, exe string
	settings  []string // variables of Wine's own
}

// newWindows makes a Wine prefix of the test's own: a folder that Wine takes for drive C. Drive Z is this
// machine's root, so that paths of both sides lead to the same files.
func newWindows(t *testing.T) *windows {
	t.Helper()
	if testing.Short() {
		testbed.Missing(t, "needs Wine, which a run with -short does not start")
	}
	wine, server := e2e.Need(t, "wine64"), e2e.Need(t, "wineserver64")
	gcc := e2e.Need(t, "x86_64-w64-mingw32-gcc-win32")
	dir := t.TempDir()
	prefix := filepath.Join(dir, "prefix")
	if err := os.Mkdir(prefix, 0o700); err != nil {
		t.Fatal(err)
	}
	w := &windows{wine: wine, exe: filepath.Join(dir, "certgen.exe"), settings: []string{
		"WINEPREFIX=" + prefix,
		"WINEDEBUG=-all",
		// No question whether to download .NET and a browser, and nothing in the user's desktop menus.
		"WINEDLLOVERRIDES=mscoree,mshtml,winemenubuilder.exe=",
		"TMPDIR=" + dir, // where Wine looks for its server; a script has one of its own, and would start another server
		"CERTGEN_TEST_BINARY=" + windowsPath(filepath.Join(dir, "certgen.exe")), // for the tests in cmd
		"LC_ALL=C.UTF-8", // how Wine reads arguments
	}}
	if err := e2e.Build(w.exe, "windows", "amd64"); err != nil {
		t.Fatal(err)
	}
	// All runs share one server, which takes a second to start. It ends with the test, or a minute after the last
	// program where the test was killed.
	w.start(t, server, "-p60")
	t.Cleanup(func() {
		kill := exec.Command(server, "-k") // what runs in the prefix; it fails where the server has ended already
		kill.Env = w.env()
		_ = kill.Run()
		w.start(t, server, "-w") // waits until it is gone
	})
	w.start(t, wine, "wineboot", "--init")
	e2e.Output(t, "", gcc, "-shared", "-O2", "-Wall", "-Wextra", "-Werror", "../../../testdata/wine/bcryptprimitives.c", "-ladvapi32",
		"-o", filepath.Join(prefix, "drive_c", "windows", "system32", "bcryptprimitives.dll"))
	return w
}

// certgen runs certgen.exe in a folder.
func (w *windows) certgen(t *testing.T, dir string, args ...string) e2e.Result {
	t.Helper()
	return w.run(t, dir, append([]string{w.exe}, args...)...)
}

// env is the environment of programs that run in the prefix.
func (w *windows) env() []string { return append(os.Environ(), w.settings...) }

// start runs a program of Wine's own. It gets no pipes, because what it starts outlives it and would hold them open.
func (w *windows) start(t *testing.T, program string, args ...string) {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Env = w.env()
	if err := cmd.Run(); err != nil {
		t.Errorf("%s: %v", cmd, err)
	}
}

// run runs a Windows program.
func (w *windows) run(t *testing.T, dir string, args ...string) e2e.Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, w.wine, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, w.env(), &stdout, &stderr
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatalf("%s: %v", cmd, err)
	}
	return e2e.Result{Stdout: stdout.String(), Stderr: stderr.String(), Code: cmd.ProcessState.ExitCode()}
}

// tests runs tests of a package that are Windows programs themselves.
func (w *windows) tests(t *testing.T, pkg, pattern string) {
	t.Helper()
	exe := filepath.Join(t.TempDir(), "tests.exe")
	cmd := exec.Command("go", "test", "-c", "-o", exe, "certgen/"+pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=windows", "GOARCH=amd64")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	if r := w.run(t, filepath.Join("../../..", pkg), exe, "-test.short", "-test.run="+pattern); r.Code != 0 {
		t.Errorf("exit %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
}

// stories runs user stories with the Windows binary as their certgen. Its files, its API server and the
// programs beside it are this machine's: drive Z is the root folder.
func (w *windows) stories(t *testing.T, stories testscript.Params) {
	t.Helper()
	programs := w.programs(t)
	setup := stories.Setup
	stories.Setup = func(env *testscript.Env) error {
		err := setup(env)
		env.Setenv("/", `\`) // in what certgen prints
		env.Setenv("PATH", programs+string(filepath.ListSeparator)+env.Getenv("PATH"))
		return err
	}
	stories.Condition = story.OnWine(true)
	stories.UpdateScripts = false
	testscript.Run(t, stories)
}

// programs returns a folder with programs that start the Windows one by each of its names. Wine translates
// arguments, standard streams and the exit code, but of the paths in the environment none.
func (w *windows) programs(t *testing.T) string {
	t.Helper()
	var settings strings.Builder
	for _, variable := range w.settings {
		fmt.Fprintf(&settings, "export '%s'\n", variable)
	}
	settings.WriteString(`[ -z "$KUBECONFIG" ] || export KUBECONFIG="Z:$(echo "$KUBECONFIG" | sed 's,:,;Z:,g; s,/,\\,g')"` + "\n")
	dir := t.TempDir()
	for _, name := range []string{"certgen", "kubectl-certgen", "kubectl_complete-certgen"} {
		exe := filepath.Join(dir, name+".exe")
		if err := os.Link(w.exe, exe); err != nil {
			t.Fatal(err)
		}
		script := "#!/bin/sh\n" + settings.String() + fmt.Sprintf("exec '%s' '%s' \"$@\"\n", w.wine, exe)
		e2e.Write(t, filepath.Join(dir, name), []byte(script))
		if err := os.Chmod(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
