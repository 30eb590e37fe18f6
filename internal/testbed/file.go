package testbed

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// Data returns where a file or folder of the test data is, which names it from there.
func Data(t testing.TB, name string) string {
	t.Helper()
	path, err := testdata(filepath.FromSlash(name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// WriteProgram writes a script that its owner may run at once. A program that starts while a file is being written
// inherits it, and until it has let go of it the script is "text file busy": so none starts meanwhile.
func WriteProgram(t testing.TB, path, script string) {
	t.Helper()
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
}
