//go:build unix

package file

import (
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestWriteFilesModes(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	private, public := filepath.Join(folder, "private"), filepath.Join(folder, "public")
	if err := os.WriteFile(private, []byte("open to all"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := WriteFiles(File{Path: private, Private: true}, File{Path: public}); err != nil {
		t.Fatal(err)
	}
	umask := unix.Umask(0)
	unix.Umask(umask)
	for path, want := range map[string]os.FileMode{private: 0o600, public: 0o644 &^ os.FileMode(umask)} {
		if info, err := os.Stat(path); err != nil || info.Mode() != want {
			t.Errorf("%s has mode %v, %v, want %v", path, info.Mode(), err, want)
		}
	}
}

// TestWriteFilesLeavesAlone: the mode that its owner gave a file is lost only with its content, unless all can
// read a key by it.
func TestWriteFilesLeavesAlone(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	cert, key := filepath.Join(folder, "tls.crt"), filepath.Join(folder, "tls.key")
	write(t, cert, "old")
	write(t, key, "the same")
	for mode, want := range map[os.FileMode]os.FileMode{0o640: 0o640, 0o644: 0o600} {
		if err := os.Chmod(key, mode); err != nil {
			t.Fatal(err)
		}
		if err := WriteFiles(File{Path: cert, Data: []byte("new")}, File{Path: key, Data: []byte("the same"), Private: true}); err != nil {
			t.Fatal(err)
		}
		checkFolder(t, folder, map[string]string{"tls.crt": "new", "tls.key": "the same"})
		if info, err := os.Stat(key); err != nil || info.Mode() != want {
			t.Errorf("mode %v became %v, %v, want %v", mode, info.Mode(), err, want)
		}
	}
}

func TestWriteFilesThroughLinks(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "real"), 0o700); err != nil {
		t.Fatal(err)
	}
	target, link, dangling := filepath.Join(folder, "real", "f"), filepath.Join(folder, "link"), filepath.Join(folder, "dangling")
	write(t, target, "old")
	for path, to := range map[string]string{link: "real/f", dangling: "nowhere"} {
		if err := os.Symlink(to, path); err != nil {
			t.Fatal(err)
		}
	}
	if err := WriteFiles(File{Path: link, Data: []byte("new")}); err != nil {
		t.Fatal(err)
	}
	checkFolder(t, filepath.Dir(target), map[string]string{"f": "new"})
	if to, err := os.Readlink(link); err != nil || to != "real/f" {
		t.Errorf("the link leads to %q, %v", to, err)
	}
	if err := WriteFiles(File{Path: dangling}); err == nil || err.Error() != "write "+dangling+": is a link to a file that does not exist" {
		t.Errorf("got %v for a link to nothing", err)
	}
}

func TestSpecialFilesAreRefused(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	fifo := filepath.Join(folder, "fifo")
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := WriteFiles(File{Path: fifo}); err == nil || err.Error() != "write "+fifo+": is not a regular file but a named pipe" {
		t.Errorf("write: got %v", err)
	}
	if _, err := ReadFile(fifo); err == nil || err.Error() != "read "+fifo+": is not a regular file but a named pipe" {
		t.Errorf("read: got %v", err)
	}
	// A device is only read here, never written: were the check broken, root's test run would replace the machine's /dev/null.
	if _, err := ReadFile(os.DevNull); err == nil || err.Error() != "read "+os.DevNull+": is not a regular file but a device" {
		t.Errorf("read: got %v", err)
	}
}

// TestFullDisk runs itself again with a limit on the size of files, which fails a write as a full disk does: after a part of it.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	const folderVariable = "RENDER_TEST_FULL_DISK"
	if folder := os.Getenv(folderVariable); folder != "" {
		signal.Ignore(unix.SIGXFSZ)
		if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 1000, Max: 1000}); err != nil {
			t.Fatal(err)
		}
		err := WriteFiles(File{Path: filepath.Join(folder, "small"), Data: []byte("new")},
			File{Path: filepath.Join(folder, "key"), Data: make([]byte, 2000), Private: true})
		if err == nil || !strings.HasSuffix(err.Error(), "key: "+unix.EFBIG.Error()) {
			t.Fatalf("got %v, want %v", err, unix.EFBIG)
		}
		return
	}
	folder := t.TempDir()
	write(t, filepath.Join(folder, "key"), "old")
	again := exec.Command(os.Args[0], "-test.run=^TestFullDisk$")
	again.Env = append(os.Environ(), folderVariable+"="+folder)
	if out, err := again.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	checkFolder(t, folder, map[string]string{"key": "old"})
}

func TestReadOnlyFolder(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("root may write everywhere")
	}
	folder := t.TempDir()
	if err := os.Chmod(folder, 0o500); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "f")
	if err := WriteFiles(File{Path: path}); err == nil || err.Error() != "write "+path+": permission denied" {
		t.Errorf("got %v", err)
	}
}
