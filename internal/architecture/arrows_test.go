package architecture

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A row of docs/architecture.md: a package and those of this module that it imports.
type row struct {
	path    string
	imports []string
}

// documented reads the block of arrows in docs/architecture.md.
func documented(t *testing.T) []row {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs", "architecture.md"))
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)\n```arrows\r?\n(.*?)\n```").FindSubmatch(text)
	if block == nil {
		t.Fatal("docs/architecture.md has no block ```arrows")
	}
	var rows []row
	for line := range strings.Lines(string(block[1])) {
		path, imports, ok := strings.Cut(line, "→")
		if !ok {
			t.Fatalf("docs/architecture.md: %q is no line PACKAGE → PACKAGES", line)
		}
		rows = append(rows, row{strings.TrimSpace(path), strings.Fields(imports)})
	}
	return rows
}

// TestArrows holds docs/architecture.md against the imports, both ways.
func TestArrows(t *testing.T) {
	t.Parallel()
	written := map[string][]string{}
	for _, r := range documented(t) {
		if written[r.path] != nil {
			t.Errorf("docs/architecture.md has two lines for %s", r.path)
		}
		written[r.path] = append([]string{}, r.imports...)
	}
	for _, p := range released(t) {
		said, ok := written[p.Path()]
		if !ok {
			t.Errorf("docs/architecture.md has no line for %s", p.Path())
			continue
		}
		delete(written, p.Path())
		for _, imported := range p.Imports {
			if !ours(imported) {
				continue
			}
			if i := slices.Index(said, pathOf(imported)); i >= 0 {
				said = slices.Delete(said, i, i+1)
			} else {
				t.Errorf("%s imports %s, an arrow that docs/architecture.md does not have", p.Path(), pathOf(imported))
			}
		}
		for _, arrow := range said {
			t.Errorf("docs/architecture.md has the arrow %s → %s, but there is no such import", p.Path(), arrow)
		}
	}
	for path := range written {
		t.Errorf("docs/architecture.md has a line for %s, but the program has no such package", path)
	}
}

// TestArrowsPointDown: a package stands above all that it imports, in the document and in the order of the top folders.
func TestArrowsPointDown(t *testing.T) {
	t.Parallel()
	floors := []string{"certs", "render", "secrets", "cmd"}
	floor := func(path string) int {
		return slices.IndexFunc(floors, func(top string) bool { return within(top, path) })
	}
	above := map[string]bool{}
	for _, r := range slices.Backward(documented(t)) { // from the bottom
		if floor(r.path) < 0 {
			t.Errorf("%s lies in none of the folders %v", r.path, floors)
		}
		for _, imported := range r.imports {
			if !above[imported] {
				t.Errorf("%s imports %s, which docs/architecture.md does not have below it", r.path, imported)
			}
			if floor(imported) > floor(r.path) {
				t.Errorf("%s imports upwards: %s", r.path, imported)
			}
		}
		above[r.path] = true
	}
}

// A rule says which packages alone may import something.
type rule struct {
	what    string   // an import path and all below it
	allowed []string // folders of this module and all below them
	why     string
}

var rules = []rule{
	{"k8s.io", []string{"render", "secrets", "cmd"}, "certs knows nothing of Kubernetes"},
	{"sigs.k8s.io", []string{"render", "secrets", "cmd"}, "certs knows nothing of Kubernetes"},
	{"k8s.io/client-go", []string{"secrets/cluster", "cmd"}, "secrets/cluster alone speaks to an API server; the commands choose which one"},
	{"github.com/spf13", []string{"cmd"}, "the command line is cmd's alone"},
	{module + "/internal", nil, "what tests and releases share is in no program"},
	{module + "/cmd", []string{"cmd"}, "nothing below knows a command"},
	{"testing", nil, "tests are in no program"},
}

// TestForeignImports holds the rules about what others wrote.
func TestForeignImports(t *testing.T) {
	t.Parallel()
	for _, p := range released(t) {
		for _, imported := range p.Imports {
			for _, r := range rules {
				if within(r.what, imported) && !slices.ContainsFunc(r.allowed, func(folder string) bool { return within(folder, p.Path()) }) {
					t.Errorf("%s imports %s: %s", p.Path(), imported, r.why)
				}
			}
			if within("gopkg.in/yaml.v3", imported) && p.Path() != "render" {
				t.Errorf("%s imports %s: render alone reads YAML", p.Path(), imported)
			}
		}
	}
}

// TestBuildersDoNoIO: what makes certificates and objects takes values and returns values.
func TestBuildersDoNoIO(t *testing.T) {
	t.Parallel()
	builders := []string{"certs", "certs/pki", "certs/encoding", "certs/lint", "secrets", "secrets/bundle", "render"}
	for _, p := range released(t) {
		if !slices.Contains(builders, p.Path()) {
			continue
		}
		for _, imported := range p.Imports {
			if slices.Contains([]string{"os", "os/exec", "net/http", "path/filepath", "k8s.io/client-go/rest"}, imported) {
				t.Errorf("%s imports %s: it builds, and does no I/O", p.Path(), imported)
			}
		}
	}
}
