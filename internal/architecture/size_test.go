package architecture

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// What is larger than the rest, and how large it may be, until its subject is cut in two.
var (
	longFiles = map[string]int{
		"internal/e2e/story/stage.go": 330,
		"secrets/cluster/apply.go":    320,
	}
	fullFolders = map[string]int{
		"cmd":               31, // a file a command, and what two of them share
		"internal/testbed":  32, // a file a server, and a few for each system
		"secrets/provision": 22, // a file a store and a means
		"render":            20,
		"secrets/cluster":   19, // a file a request
		"secrets/service":   18,
	}
)

// TestSizes: a file has one subject and at most 300 lines, a folder at most 15 files beside its tests. What is larger
// is listed above with a bound of its own.
func TestSizes(t *testing.T) {
	t.Parallel()
	const maxLines, maxFiles = 300, 15
	for _, p := range packages(t) {
		judge(t, "folder", p.Path(), len(p.GoFiles), maxFiles, fullFolders)
		for _, name := range p.GoFiles {
			data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(p.Path()), name))
			if err != nil {
				t.Fatal(err)
			}
			judge(t, "file", p.Path()+"/"+name, bytes.Count(data, []byte("\n")), maxLines, longFiles)
		}
	}
}

func judge(t *testing.T, kind, path string, size, most int, exceptions map[string]int) {
	t.Helper()
	granted, excepted := exceptions[path]
	switch {
	case excepted && size <= most:
		t.Errorf("%s %s has %d now: its exception can go", kind, path, size)
	case size > max(most, granted):
		t.Errorf("%s %s has %d, want at most %d", kind, path, size, max(most, granted))
	}
}
