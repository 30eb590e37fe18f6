package testbed

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// emptyCache gives a test a user's cache folder of its own, with Go's build cache as it is.
func emptyCache(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("GOCACHE") == "" {
		t.Setenv("GOCACHE", filepath.Join(cache, "go-build"))
	}
	dir := t.TempDir()
	t.Setenv("CERTGEN_TEST_GO", "") // the whole run may have a slow one
	t.Setenv("XDG_CACHE_HOME", dir)
	if got, err := os.UserCacheDir(); got != dir || err != nil {
		t.Skipf("needs a system whose cache folder a variable sets, not %s", got)
	}
	return filepath.Join(dir, "certgen")
}

func TestBuildThatFails(t *testing.T) {
	cache := emptyCache(t)
	program := Program{Name: "x", Dir: "servers", Module: "k8s.io/kubernetes", Package: "k8s.io/kubernetes/cmd/none"}
	_, err := (&builder{need: time.Minute}).find(t, program)
	if err == nil {
		t.Fatal("built")
	}
	want := "cmd/none"
	if testing.Short() {
		want = "-short"
	}
	if !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q in it", err, want)
	}
	if left, _ := filepath.Glob(filepath.Join(cache, "x*", "*")); left != nil {
		t.Errorf("left %q", left)
	}
}

func TestBuildThatTakesTooLong(t *testing.T) {
	Long(t, "builds")
	cache := emptyCache(t)
	b := &builder{limit: time.Now().Add(time.Second)}
	began := time.Now()
	if _, err := b.find(t, kubernetes("kube-apiserver")); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "next one goes on") {
		t.Errorf("error %v", err)
	}
	if took := time.Since(began); took > 25*time.Second {
		t.Errorf("gave up after %v", took)
	}
	if left, _ := filepath.Glob(filepath.Join(cache, "kube*", "*")); left != nil {
		t.Errorf("left %q", left)
	}
}

func TestBuildOfAnotherRun(t *testing.T) {
	Long(t, "builds")
	cache := emptyCache(t)
	if err := os.Mkdir(cache, 0o755); err != nil {
		t.Fatal(err)
	}
	unlock, err := lockedfile.MutexAt(filepath.Join(cache, "lock")).Lock()
	if err != nil {
		t.Fatal(err)
	}
	b := &builder{limit: time.Now().Add(200 * time.Millisecond)}
	if _, err := b.find(t, etcd()); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "another run") {
		t.Errorf("error %v", err)
	}
	unlock()
	// Who gave up has not kept the lock.
	free, err := lock(time.Now().Add(time.Minute), filepath.Join(cache, "lock"))
	if err != nil {
		t.Fatal(err)
	}
	free()
}

// slowGo has programs built by a go command that takes its time and then does nothing. The file that it returns has a
// line for each time that it was asked.
func slowGo(t *testing.T) (asked string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("needs sh")
	}
	dir := t.TempDir()
	asked = filepath.Join(dir, "asked")
	command := filepath.Join(dir, "go")
	WriteProgram(t, command, "#!/bin/sh\necho \"$@\" >>"+asked+"\nexec sleep 600\n")
	t.Setenv("CERTGEN_TEST_GO", command)
	return asked
}

// TestSuiteOnSlowMachine runs a test that needs a server, with as much time beside the need of this package as a slow
// builder does not do with. It is skipped by name, long before the time is over that the package needs.
func TestSuiteOnSlowMachine(t *testing.T) {
	Long(t, "builds")
	emptyCache(t)
	asked := slowGo(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	const spare = 3 * time.Second
	began := time.Now()
	suite := exec.CommandContext(t.Context(), self, "-test.v", "-test.run=^(TestServersEnd|TestPrograms)$", "-test.timeout="+(need+spare).String())
	suite.Env = append(os.Environ(), "CERTGEN_TEST_ALL=")
	printed, err := suite.CombinedOutput()
	took := time.Since(began)
	for _, want := range []string{"--- SKIP: TestServersEnd", "needs a Kubernetes API server: building go.etcd.io/etcd", "--- SKIP: TestPrograms", "needs etcd: "} {
		if err != nil || !strings.Contains(string(printed), want) {
			t.Errorf("%v, want %q in\n%s", err, want, printed)
		}
	}
	if took < spare-time.Second || took > need/2 {
		t.Errorf("took %v, want the %v that the package can do without", took, spare)
	}
	if lines, err := os.ReadFile(asked); err != nil || strings.Count(string(lines), "\n") != 1 {
		t.Errorf("the builder was asked %q, %v, want once", lines, err)
	}
}

// TestBuildOfRunThatGaveUp: of the packages that one run tests, only the first spends time on building.
func TestBuildOfRunThatGaveUp(t *testing.T) {
	Long(t, "builds")
	emptyCache(t)
	slowGo(t)
	first := &builder{limit: time.Now().Add(time.Second)}
	if _, err := first.find(t, etcd()); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("error %v", err)
	}
	began := time.Now()
	second := &builder{limit: began.Add(time.Minute)}
	for _, p := range []Program{etcd(), kubernetes("kubectl")} {
		if _, err := second.find(t, p); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: error %v", p.Name, err)
		}
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("gave up after %v", took)
	}
}
