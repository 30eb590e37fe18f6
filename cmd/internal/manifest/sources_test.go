package manifest

import (
	"io"
	"os"
	"path/filepath"
	"testing"
)

// TestChangedFile: a file that is written to while it is read, or replaced between two readings, is no input.
func TestChangedFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "in.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	read := func(open func() (io.ReadCloser, error), meanwhile func()) error {
		in, err := open()
		if err != nil {
			return err
		}
		defer in.Close()
		if _, err := io.ReadFull(in, make([]byte, 2)); err != nil {
			t.Fatal(err)
		}
		meanwhile()
		_, err = io.ReadAll(in)
		return err
	}
	none := func() {}
	const want = "was changed while it was read"

	write("a: 1\n")
	source := file(path)
	for range 2 {
		if err := read(source.Open, none); err != nil {
			t.Fatal(err)
		}
	}
	if err := read(source.Open, func() { write("a: 1\nb: 2\n") }); err == nil || err.Error() != want {
		t.Errorf("while it is read: %v", err)
	}
	if err := read(source.Open, none); err == nil || err.Error() != want {
		t.Errorf("afterwards: %v", err)
	}
	write("a: 1\n")
	source = file(path)
	if err := read(source.Open, none); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path, path+".old"); err != nil {
		t.Fatal(err)
	}
	write("b: 1\n")
	if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	if err := read(source.Open, none); err == nil || err.Error() != want {
		t.Errorf("another file of the same size and time: %v", err)
	}
}
