package main

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"debug/pe"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"certgen/internal/testbed"
)

// epoch dates the archives of these tests: 2026-01-02T03:04:06Z.
const epoch = "1767323046"

// TestRelease judges the archives with the programs that people open them with.
func TestRelease(t *testing.T) {
	if testing.Short() {
		t.Skip("builds certgen for two platforms")
	}
	t.Setenv("SOURCE_DATE_EPOCH", epoch)
	host := platform{runtime.GOOS, runtime.GOARCH}
	if host.os == "windows" {
		t.Skip("judges with the programs of Unix")
	}
	out := t.TempDir()
	if err := release(t.Context(), out, host.String()); err != nil {
		t.Fatal(err)
	}
	run(t, out, "sha256sum", "-c", "SHA256SUMS")

	archive, dir := only(t, out, "*_"+host.os+"_"+host.arch+".tar.gz"), t.TempDir()
	run(t, dir, "tar", "-xzf", archive)
	listing := run(t, dir, "tar", "--utc", "--full-time", "-tvzf", archive)
	for line := range strings.Lines(listing) {
		if !strings.Contains(line, " 0/0 ") || !strings.Contains(line, " 2026-01-02 03:04:06 ") {
			t.Errorf("not root's, or of another date: %s", line)
		}
	}
	if version := run(t, dir, "./certgen", "version"); !strings.HasPrefix(version, "certgen ") {
		t.Errorf("certgen version: %q", version)
	}
	if help := run(t, dir, "./kubectl-certgen", "--help"); !strings.Contains(help, "\n  kubectl certgen create nginxsecret\n") {
		t.Errorf("kubectl-certgen --help: %s", help)
	}
	if names := run(t, dir, "./kubectl_complete-certgen", "create", ""); !strings.HasPrefix(names, "nginxsecret\n") {
		t.Errorf("kubectl_complete-certgen: %q", names)
	}
	run(t, dir, "bash", "-n", "completions/certgen.bash")
	for _, path := range []string{"LICENSE", "README.md", "docs/certgen.md", "completions/_certgen", "completions/certgen.fish", "completions/certgen.ps1"} {
		if info, err := os.Stat(filepath.Join(dir, path)); err != nil || info.Size() == 0 || info.Mode() != 0o644 {
			t.Errorf("%s: %v, %v", path, info, err)
		}
	}
	checkNotices(t, filepath.Join(dir, "certgen"), filepath.Join(dir, noticesName))
}

// TestReleaseForWindows does so with the archive for Windows.
func TestReleaseForWindows(t *testing.T) {
	if testing.Short() {
		t.Skip("builds certgen for another platform")
	}
	t.Setenv("SOURCE_DATE_EPOCH", epoch)
	out := t.TempDir()
	if err := release(t.Context(), out, "windows/amd64"); err != nil {
		t.Fatal(err)
	}
	archive, dir := only(t, out, "*_windows_amd64.zip"), t.TempDir()
	run(t, dir, "python3", "-m", "zipfile", "-t", archive)
	run(t, dir, "python3", "-m", "zipfile", "-e", archive, ".")
	program, err := pe.Open(filepath.Join(dir, "certgen.exe"))
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close()
	if program.Machine != pe.IMAGE_FILE_MACHINE_AMD64 {
		t.Errorf("certgen.exe is for machine %#x", program.Machine)
	}
	checkNotices(t, filepath.Join(dir, "certgen.exe"), filepath.Join(dir, noticesName))
}

// checkNotices holds the licences against the modules that the program itself says it is made of.
func checkNotices(t *testing.T, program, notices string) {
	t.Helper()
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(notices)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"Go's runtime and standard library: LICENSE"}
	for _, module := range info.Deps {
		want = append(want, module.Path+" "+module.Version+": LICENSE")
	}
	for _, title := range want {
		_, after, ok := strings.Cut(string(text), "\n"+title)
		if after, _, _ = strings.Cut(after, "\n===="); !ok || len(after) < 500 {
			t.Errorf("no text for %s", title)
		}
	}
	if have := strings.Count(string(text), ": LICENSE"); have < len(info.Deps) || len(info.Deps) < 20 {
		t.Errorf("%d licences for %d modules", have, len(info.Deps))
	}
}

// TestOwnSettings: what the one who builds has set for the go command makes no other program.
func TestOwnSettings(t *testing.T) {
	work := filepath.Join(t.TempDir(), "go.work")
	if err := os.WriteFile(work, []byte("go 1.26\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	kept := filepath.Join(t.TempDir(), "env") // as go env -w keeps it
	if err := os.WriteFile(kept, []byte("GOEXPERIMENT=boringcrypto\nGOAMD64=v3\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"GOWORK": work, "GOEXPERIMENT": "boringcrypto", "GOENV": kept} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, value)
			out, err := platform{"linux", "amd64"}.goTool(t.Context(), ".", "env", "GOWORK", "GOEXPERIMENT", "GOAMD64")
			if got := string(out); err != nil || got != "off\n\nv1\n" {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

// TestSourceDate: a release is dated by who packs it or by its commit, never by the clock.
func TestSourceDate(t *testing.T) {
	committed := &debug.BuildInfo{Settings: []debug.BuildSetting{{Key: "vcs.time", Value: "2026-03-04T05:06:07Z"}}}
	for _, test := range []struct {
		epoch string
		info  *debug.BuildInfo
		want  string
	}{
		{"", committed, "2026-03-04T05:06:07Z"},
		{epoch, committed, "2026-01-02T03:04:06Z"},
		{epoch, &debug.BuildInfo{}, "2026-01-02T03:04:06Z"},
		{"", &debug.BuildInfo{}, "the commit's date is not known: build in a clone of the repository, or set SOURCE_DATE_EPOCH"},
		{"today", committed, `SOURCE_DATE_EPOCH "today": must be the seconds since 1970`},
	} {
		t.Setenv("SOURCE_DATE_EPOCH", test.epoch)
		date, err := sourceDate(test.info)
		got := date.Format(time.RFC3339)
		if err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%q: %s, want %s", test.epoch, got, test.want)
		}
	}
}

// TestImage reads the image layout as its specification has it: every blob is what its digest says, the image runs the program as
// nobody, and the same program makes the same bytes.
func TestImage(t *testing.T) {
	t.Parallel()
	date := time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC)
	var programs []built
	for _, arch := range []string{"amd64", "arm64"} {
		programs = append(programs, built{platform: platform{"linux", arch}, program: []byte("program for " + arch), notices: entry{name: noticesName, data: []byte("licences"), mode: 0o644}})
	}
	data, err := imageLayout(programs, "v1.2.3", date)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := imageLayout(programs, "v1.2.3", date); err != nil || !bytes.Equal(data, again) {
		t.Errorf("not the same bytes again (%v)", err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "image.tar"), data, 0o644); err != nil {
		t.Fatal(err)
	}
	run(t, dir, "tar", "-xf", "image.tar")
	blob := func(d descriptor, into any) []byte {
		data, err := os.ReadFile(filepath.Join(dir, "blobs", "sha256", strings.TrimPrefix(d.Digest, "sha256:")))
		if err != nil || len(data) != d.Size || fmt.Sprintf("sha256:%x", sha256.Sum256(data)) != d.Digest {
			t.Fatalf("%+v: %d bytes, %v", d, len(data), err)
		}
		if into != nil {
			if err := json.Unmarshal(data, into); err != nil {
				t.Fatal(err)
			}
		}
		return data
	}
	type index struct{ Manifests []descriptor }
	var top, all index
	text, err := os.ReadFile(filepath.Join(dir, "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &top); err != nil || len(top.Manifests) != 1 || top.Manifests[0].Annotations["org.opencontainers.image.ref.name"] != "v1.2.3" {
		t.Fatalf("%s: %v", text, err)
	}
	if blob(top.Manifests[0], &all); len(all.Manifests) != 2 {
		t.Fatalf("%d platforms", len(all.Manifests))
	}
	for _, m := range all.Manifests {
		var manifest struct {
			Config descriptor
			Layers []descriptor
		}
		var config struct {
			Architecture, OS string
			Config           struct {
				User       string
				Entrypoint []string
			}
			RootFS struct {
				DiffIDs []string `json:"diff_ids"`
			}
		}
		blob(m, &manifest)
		blob(manifest.Config, &config)
		if config.OS != "linux" || config.Architecture != m.Platform.Architecture || config.Config.User != "65532:65532" || len(manifest.Layers) != 1 || config.RootFS.DiffIDs[0] != manifest.Layers[0].Digest {
			t.Errorf("%+v of %+v", config, m)
		}
		layer := t.TempDir()
		if err := os.WriteFile(filepath.Join(layer, "layer.tar"), blob(manifest.Layers[0], nil), 0o644); err != nil {
			t.Fatal(err)
		}
		run(t, layer, "tar", "-xf", "layer.tar")
		program, err := os.ReadFile(filepath.Join(layer, config.Config.Entrypoint[0]))
		info, failed := os.Stat(filepath.Join(layer, "certgen"))
		if err != nil || failed != nil || string(program) != "program for "+m.Platform.Architecture || info.Mode() != 0o755 {
			t.Errorf("%s: %q, %v", m.Platform.Architecture, program, err)
		}
	}
}

// TestUnknownPlatform: what cannot be built is refused before anything is.
func TestUnknownPlatform(t *testing.T) {
	t.Parallel()
	want := `-platform "plan9/386": the platforms are [darwin/amd64 darwin/arm64 linux/amd64 linux/arm64 windows/amd64 windows/arm64]`
	if err := release(t.Context(), t.TempDir(), "plan9/386"); err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

// TestNoLicence: what nobody licensed is not handed out.
func TestNoLicence(t *testing.T) {
	t.Parallel()
	module := t.TempDir()
	pkg := filepath.Join(module, "third_party", "pkg")
	if err := os.MkdirAll(pkg, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"license.go", "LICENSING.md"} {
		if err := os.WriteFile(filepath.Join(pkg, name), []byte("no licence"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	texts := map[string][]byte{}
	if err := collect("example v1", module, pkg, texts); err != nil {
		t.Fatal(err)
	}
	if _, err := written(texts, []string{"example v1"}); err == nil || err.Error() != "example v1 has no licence" {
		t.Errorf("got %v", err)
	}
	if err := os.WriteFile(filepath.Join(module, "third_party", "COPYING"), []byte("do as you like"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := collect("example v1", module, pkg, texts); err != nil {
		t.Fatal(err)
	}
	if e, err := written(texts, []string{"example v1"}); err != nil || !strings.Contains(string(e.data), "\nexample v1: third_party/COPYING\n\ndo as you like\n") {
		t.Errorf("%v\n%s", err, e.data)
	}
}

// only returns the one file that matches.
func only(t *testing.T, dir, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: %q, %v", pattern, found, err)
	}
	return found[0]
}

// run runs a program in a folder and returns its standard output.
func run(t *testing.T, dir, program string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil && !strings.HasPrefix(program, "./") {
		testbed.Missing(t, "needs %s", program)
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s%s", cmd, err, &stdout, &stderr)
	}
	return stdout.String()
}
