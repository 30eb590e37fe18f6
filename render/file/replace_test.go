package file

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

// tempDir is t.TempDir for Wine, too, whose version 8 lacks the call by which Go removes folders.
func tempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "render-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		var paths []string
		filepath.WalkDir(dir, func(path string, _ fs.DirEntry, _ error) error {
			paths = append(paths, path)
			return nil
		})
		for _, path := range slices.Backward(paths) {
			if err := os.Remove(path); err != nil {
				t.Error(err)
			}
		}
	})
	return dir
}

func write(t *testing.T, path, data string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
}

// checkFolder compares all that is in a folder: what is not named there must not be there.
func checkFolder(t *testing.T, folder string, want map[string]string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if _, ok := want[e.Name()]; !ok {
			t.Errorf("%s is left over", e.Name())
		}
	}
	for name, data := range want {
		got, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil || string(got) != data {
			t.Errorf("%s has %q, %v, want %q", name, got, err, data)
		}
	}
}

func TestWriteFiles(t *testing.T) {
	t.Parallel()
	folder := tempDir(t)
	cert, key := filepath.Join(folder, "tls.crt"), filepath.Join(folder, "tls.key")
	write(t, cert, "old and longer")
	if err := WriteFiles(File{Path: key, Data: []byte("key"), Private: true}, File{Path: cert, Data: []byte("cert")}); err != nil {
		t.Fatal(err)
	}
	checkFolder(t, folder, map[string]string{"tls.crt": "cert", "tls.key": "key"})
}

func TestWriteFilesChangesAllOrNothing(t *testing.T) {
	t.Parallel()
	folder := tempDir(t)
	old := filepath.Join(folder, "old")
	write(t, old, "old")
	missing := filepath.Join(folder, "no", "such")
	tests := []struct{ name, path, want string }{
		{"missing folder", missing, `write ` + missing + `: folder "` + filepath.Dir(missing) + `" does not exist`},
		{"folder", folder, "write " + folder + ": is not a regular file but a folder"},
	}
	for _, tt := range tests {
		err := WriteFiles(File{Path: old, Data: []byte("new")}, File{Path: tt.path, Private: true})
		// On Windows %q doubles what separates folders.
		if err == nil || strings.ReplaceAll(err.Error(), `\\`, `\`) != tt.want {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.want)
		}
		checkFolder(t, folder, map[string]string{"old": "old"})
	}
}

func TestWriteFilesRemovesWhatAKilledRunLeft(t *testing.T) {
	t.Parallel()
	folder := tempDir(t)
	kept := map[string]string{".tls.key.certgen-AAAAAAAAAAAAAAAB": "", ".other.certgen-AAAAAAAAAAAAAAAA": "another's", ".tls.key.certgen-notes": "a user's"}
	for name, data := range kept {
		write(t, filepath.Join(folder, name), data)
	}
	atWork, err := os.OpenFile(filepath.Join(folder, ".tls.key.certgen-AAAAAAAAAAAAAAAB"), os.O_RDWR, 0)
	if err != nil || !claim(atWork) {
		t.Fatal(err)
	}
	defer atWork.Close()
	stale := filepath.Join(folder, ".tls.key.certgen-AAAAAAAAAAAAAAAA")
	write(t, stale, "key")
	hourAgo := time.Now().Add(-time.Hour)
	for _, name := range []string{stale, filepath.Join(folder, ".other.certgen-AAAAAAAAAAAAAAAA"), filepath.Join(folder, ".tls.key.certgen-notes")} {
		if err := os.Chtimes(name, hourAgo, hourAgo); err != nil {
			t.Fatal(err)
		}
	}
	if err := WriteFiles(File{Path: filepath.Join(folder, "tls.key"), Data: []byte("new"), Private: true}); err != nil {
		t.Fatal(err)
	}
	kept["tls.key"] = "new"
	checkFolder(t, folder, kept)
}

func TestReadFile(t *testing.T) {
	t.Parallel()
	folder := tempDir(t)
	path := filepath.Join(folder, "in")
	tests := []struct{ name, data, want, err string }{
		{"plain", "a\r\n", "a\r\n", ""},
		{"BOM", "\ufeffa", "a", ""},
		{"UTF-16 of PowerShell 5", utf16Text("é\r\n😀"), "é\r\n😀", ""},
		{"UTF-16 big-endian", "\xfe\xff\x00a", "a", ""},
		{"binary", "\x00\xff", "\x00\xff", ""},
		{"odd UTF-16", "\xff\xfea", "", "read " + path + ": its byte order mark says UTF-16, which it is not"},
		{"half a pair", "\xff\xfe\x3d\xd8", "", "read " + path + ": its byte order mark says UTF-16, which it is not"},
		{"wrong pair", "\xff\xfe\x3d\xd8a\x00", "", "read " + path + ": its byte order mark says UTF-16, which it is not"},
		{"large", strings.Repeat("a", MaxInput+1), "", "read " + path + ": is over the limit of 4194304 bytes"},
	}
	for _, tt := range tests {
		write(t, path, tt.data)
		got, err := ReadFile(path)
		if tt.err == "" && err != nil || tt.err != "" && (err == nil || err.Error() != tt.err) {
			t.Errorf("%s: got error %v, want %q", tt.name, err, tt.err)
		}
		if string(got) != tt.want {
			t.Errorf("%s: got %d bytes, want %q", tt.name, len(got), tt.want)
		}
	}
	if _, err := ReadFile(filepath.Join(folder, "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want fs.ErrNotExist", err)
	}
	if _, err := ReadFile(folder); err == nil || err.Error() != "read "+folder+": is not a regular file but a folder" {
		t.Errorf("got %v for a folder", err)
	}
}

// utf16Text is what PowerShell 5 writes with ">".
func utf16Text(s string) string {
	out := []byte("\xff\xfe")
	for _, unit := range utf16.Encode([]rune(s)) {
		out = append(out, byte(unit), byte(unit>>8))
	}
	return string(out)
}
