package local

import (
	"path/filepath"
	"strings"
	"testing"

	"certgen/internal/e2e"
)

// TestListWatch: on a terminal the list is shown anew in its place, cut to its size, and Ctrl-C ends it.
func TestListWatch(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		e2e.Create(t, name, "--dns", name+strings.Repeat("-long", 8)+".example", "--out", filepath.Join(dir, name+".yaml"))
	}
	line := "stty cols 70 rows 8; cd '" + dir + "'; timeout --preserve-status -s INT 4 '" + e2e.Certgen(t) + "' list . --watch --interval 1s; echo exit $?"
	shown, _ := e2e.OnTerminal(t, "", "", line)
	frames := strings.Split(shown, "\x1b[H")
	if len(frames) < 3 {
		t.Fatalf("shown %d times:\n%q", len(frames)-1, shown)
	}
	if strings.Contains(shown, "error") || !strings.Contains(shown, "exit 0") {
		t.Errorf("ends with %q", frames[len(frames)-1])
	}
	for _, frame := range frames[1:3] {
		if !strings.HasPrefix(frame, "Certificates of . at ") || !strings.Contains(frame, "a.yaml secret/a") || !strings.Contains(frame, "…") || !strings.Contains(frame, "and 3 more, less urgent") {
			t.Errorf("%q", frame)
		}
		for row := range strings.SplitSeq(frame, "\x1b[K\r\n") {
			if n := len([]rune(row)); n > 70 {
				t.Errorf("a line has %d columns: %q", n, row)
			}
		}
	}
}
