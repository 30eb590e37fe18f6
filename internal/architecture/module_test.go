package architecture

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
)

const (
	root   = "../.."
	module = "certgen"
)

// A goPackage is what `go list -json` says of a package, united over the systems that certgen is released for.
type goPackage struct {
	ImportPath, Name          string
	GoFiles, Imports          []string
	TestGoFiles, XTestGoFiles []string
}

// Path is the package's folder in the module: "certs/pki".
func (p *goPackage) Path() string { return pathOf(p.ImportPath) }

func pathOf(importPath string) string { return strings.TrimPrefix(importPath, module+"/") }

func ours(importPath string) bool { return strings.HasPrefix(importPath, module+"/") }

// modulePackages lists the packages of this module, sorted by path. A file for Windows alone may import what no other
// file of its package does, so each system is asked.
var modulePackages = sync.OnceValues(func() ([]*goPackage, error) {
	byPath := map[string]*goPackage{}
	var all []*goPackage
	for _, system := range []string{"linux", "windows", "darwin"} {
		cmd := exec.Command("go", "list", "-json=ImportPath,Name,GoFiles,Imports,TestGoFiles,XTestGoFiles", "./...")
		cmd.Dir, cmd.Env = root, append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
		out, err := cmd.Output()
		if err != nil {
			return nil, err
		}
		for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
			p := new(goPackage)
			if err := decoder.Decode(p); err == io.EOF {
				break
			} else if err != nil {
				return nil, err
			}
			first := byPath[p.ImportPath]
			if first == nil {
				byPath[p.ImportPath], first = p, p
				all = append(all, p)
			}
			first.GoFiles = union(first.GoFiles, p.GoFiles)
			first.Imports = union(first.Imports, p.Imports)
			first.TestGoFiles = union(first.TestGoFiles, p.TestGoFiles)
			first.XTestGoFiles = union(first.XTestGoFiles, p.XTestGoFiles)
		}
	}
	return all, nil
})

func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

func packages(t *testing.T) []*goPackage {
	t.Helper()
	all, err := modulePackages()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// released are the packages that the program consists of: all but those for tests and releases.
func released(t *testing.T) []*goPackage {
	t.Helper()
	return slices.DeleteFunc(slices.Clone(packages(t)), func(p *goPackage) bool { return within("internal", p.Path()) })
}

// within reports whether path is folder or lies below it.
func within(folder, path string) bool {
	return path == folder || strings.HasPrefix(path, folder+"/")
}
