package testbed

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Program is a foreign program that a nested module under testdata pins.
type Program struct {
	Name    string // what it is called
	Dir     string // the folder of the nested module, under testdata
	Module  string // the module that it comes from
	Package string // its main package
	Stamped bool   // it learns its version as Kubernetes' own release builds do, and so reports it
	OS      string // the system that it is for, on amd64; empty for this machine's
}

// kubernetes returns one of the programs of Kubernetes.
func kubernetes(name string) Program {
	return Program{Name: name, Dir: "servers", Module: "k8s.io/kubernetes", Package: "k8s.io/kubernetes/cmd/" + name, Stamped: true}
}

// etcd returns the database of the API server.
func etcd() Program {
	return Program{Name: "etcd", Dir: "servers", Module: "go.etcd.io/etcd/server/v3", Package: "go.etcd.io/etcd/server/v3"}
}

// containerd returns one of the programs of containerd, which runs the containers of a [Node].
func containerd(name string) Program {
	const module = "github.com/containerd/containerd/v2"
	return Program{Name: name, Dir: "containerd", Module: module, Package: module + "/cmd/" + name}
}

// coreDNS returns the name server of a [Node].
func coreDNS() Program {
	return Program{Name: "coredns", Dir: "coredns", Module: "github.com/coredns/coredns", Package: "."}
}

// KubectlPath returns where a kubectl of the API server's version is: what a machine calls kubectl may be a
// dispatcher, or another version.
func KubectlPath(t testing.TB) string {
	t.Helper()
	return kubernetes("kubectl").Path(t)
}

// KubectlForWindows returns where a kubectl.exe of the API server's version is.
func KubectlForWindows(t testing.TB) string {
	t.Helper()
	return kubectlForWindows().Path(t)
}

func kubectlForWindows() Program {
	p := kubernetes("kubectl")
	p.OS = "windows"
	return p
}

// Path returns where the program is, which is built first if no earlier run did and there is time for it.
func (p Program) Path(t testing.TB) string {
	t.Helper()
	path, err := programs.find(t, p)
	if err != nil {
		Missing(t, "needs %s: %v", p.Name, err)
	}
	return path
}

// cached returns where the program is or will be, in the folder of a user's programs, and the flags of the linker
// that it is built with.
func (p Program) cached(folder string) (path, ldflags string, err error) {
	dir, err := testdata(p.Dir)
	if err != nil {
		return "", "", err
	}
	version, err := p.version(dir)
	if err != nil {
		return "", "", err
	}
	ldflags = p.ldflags(version)
	key, err := buildKey(dir, p.Package, ldflags+p.OS)
	if err != nil {
		return "", "", err
	}
	// A folder of its own keeps the program's name, which it may print or send; Windows needs an ending.
	path = filepath.Join(folder, fmt.Sprintf("%s-%s-%s", p.Name, version, key), p.Name)
	if cmp.Or(p.OS, runtime.GOOS) == "windows" {
		path += ".exe"
	}
	return path, ldflags, nil
}

// testdata returns a folder of the test data.
func testdata(name string) (string, error) {
	gomod, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOMOD: %w", err)
	}
	return filepath.Join(filepath.Dir(strings.TrimSpace(string(gomod))), "testdata", name), nil
}

// version returns the version that the module in dir requires of the program's.
func (p Program) version(dir string) (string, error) {
	out, err := exec.Command("go", "mod", "edit", "-json", filepath.Join(dir, "go.mod")).Output()
	if err != nil {
		return "", fmt.Errorf("go mod edit: %w", err)
	}
	var mod struct {
		Require []struct{ Path, Version string }
	}
	if err := json.Unmarshal(out, &mod); err != nil {
		return "", err
	}
	for _, r := range mod.Require {
		if r.Path == p.Module {
			return r.Version, nil
		}
	}
	return "", fmt.Errorf("%s/go.mod does not require %s", dir, p.Module)
}

// ldflags returns the flags of the linker.
func (p Program) ldflags(version string) string {
	flags := "-s -w"
	if !p.Stamped {
		return flags
	}
	part := strings.Split(strings.TrimPrefix(version, "v"), ".")
	for _, pkg := range []string{"k8s.io/component-base/version", "k8s.io/client-go/pkg/version"} {
		for _, variable := range []string{
			"gitVersion=" + version,
			"gitMajor=" + part[0],
			"gitMinor=" + part[1],
			"gitTreeState=archive",
			"gitCommit=none",
			"buildDate=2026-10-27T12:01:04Z", // when v1.37.2 was published: a changing date defeats the build cache
		} {
			flags += " -X " + pkg + "." + variable
		}
	}
	return flags
}

// buildKey tells builds of one version apart that differ in a dependency, in what the module itself has, or in
// a flag.
func buildKey(dir string, flags ...string) (string, error) {
	sum := sha256.New()
	files, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			return "", err
		}
		sum.Write(data)
	}
	fmt.Fprintf(sum, "%q", flags)
	return fmt.Sprintf("%.4x", sum.Sum(nil)), nil
}
