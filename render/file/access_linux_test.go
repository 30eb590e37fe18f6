package file

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"certgen/internal/testbed"
)

// Any IDs do that are not the run's own.
const (
	server = 23001 // a user, and its group
	shared = 23002 // a group
)

// asRoot ends a test that root alone can run.
func asRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		testbed.Missing(t, "needs root, who gives files to others")
	}
}

// run runs a program that must succeed and returns its standard output.
func run(t *testing.T, program string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		testbed.Missing(t, "needs %s, which is not installed (.ci/run installs it)", program)
	}
	out, err := exec.Command(path, args...).Output()
	if err != nil {
		t.Fatalf("%s %q: %v", program, args, err)
	}
	return string(out)
}

// judged is what getfacl and stat say of a file.
func judged(t *testing.T, path string) string {
	t.Helper()
	acl := run(t, "getfacl", "--omit-header", "--numeric", "--absolute-names", path)
	return run(t, "stat", "-c", "%u:%g %a", path) + acl
}

// folderFor is a folder of a user's own which others can reach.
func folderFor(t *testing.T, uid, gid int, mode os.FileMode) string {
	t.Helper()
	folder := t.TempDir()
	if err := errors.Join(os.Chmod(filepath.Dir(folder), 0o711), os.Chown(folder, uid, gid), os.Chmod(folder, mode)); err != nil {
		t.Fatal(err)
	}
	return folder
}

// again runs the test once more, as another user and where the attributes want it. That run finds its folder in the variable.
func again(t *testing.T, folder string, as *syscall.SysProcAttr) {
	t.Helper()
	self := filepath.Join(folderFor(t, 0, 0, 0o711), "tests") // where go test builds it, others may not reach it
	// Written by this process, it could be busy: a test beside this one may start a program, which inherits it, at any moment.
	run(t, "cp", os.Args[0], self)
	run(t, "chmod", "755", self)
	cmd := exec.Command(self, "-test.v", "-test.run=^"+t.Name()+"$")
	cmd.Dir, cmd.SysProcAttr, cmd.Env = "/", as, append(os.Environ(), againFolder+"="+folder)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS") {
		t.Errorf("%v\n%s", err, out)
	}
}

const againFolder = "RENDER_TEST_FOLDER"

func TestWriteFilesKeepsAccess(t *testing.T) {
	t.Parallel()
	asRoot(t)
	for name, tt := range map[string]struct {
		mode    os.FileMode
		acl     string
		private bool
		want    string // the mode, where it is not kept
	}{
		"key of a group":              {0o640, "", true, ""},
		"key that its group writes":   {0o660, "", true, ""},
		"read-only key":               {0o400, "", true, ""},
		"key with an access list":     {0o600, "u:23003:r,g:23002:r", true, ""},
		"key with a closed list":      {0o600, "u:23003:r,m::-", true, ""},
		"key for all":                 {0o644, "", true, "600"},
		"key for all, with a list":    {0o644, "u:23003:rw", true, "600"},
		"key for all but its group":   {0o604, "", true, "600"},
		"certificate for all":         {0o644, "", false, ""},
		"certificate of a group":      {0o640, "", false, ""},
		"certificate of its owner":    {0o600, "", false, ""},
		"certificate that all write":  {0o666, "", false, ""},
		"certificate with a list":     {0o644, "u:23003:rw", false, ""},
		"certificate of others alone": {0o004, "", false, ""},
	} {
		for _, defaults := range []string{"", "d:u:23004:rwx,d:g:23004:rwx,d:o::rwx"} {
			t.Run(name+" "+defaults, func(t *testing.T) {
				folder := t.TempDir()
				path := filepath.Join(folder, "f")
				write(t, path, "old")
				if err := errors.Join(os.Chown(path, server, shared), os.Chmod(path, tt.mode)); err != nil {
					t.Fatal(err)
				}
				if tt.acl != "" {
					run(t, "setfacl", "-m", tt.acl, path)
				}
				if defaults != "" {
					run(t, "setfacl", "-m", defaults, folder)
				}
				want := judged(t, path)
				if tt.want != "" {
					want = fmt.Sprintf("%d:%d %s\nuser::rw-\ngroup::---\nother::---\n\n", server, shared, tt.want)
				}
				// Written beside another one, as a pair is.
				err := WriteFiles(File{Path: path, Data: []byte("new"), Private: tt.private}, File{Path: filepath.Join(folder, "other")})
				if err != nil {
					t.Fatal(err)
				}
				if got := judged(t, path); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
				checkFolder(t, folder, map[string]string{"f": "new", "other": ""})
			})
		}
	}
}

func TestWriteFilesKeepsLabel(t *testing.T) {
	t.Parallel()
	asRoot(t)
	folder := t.TempDir()
	path := filepath.Join(folder, "f")
	write(t, path, "old")
	const label = "system_u:object_r:cert_t:s0\x00"
	if err := unix.Setxattr(path, labelAttribute, []byte(label), 0); err != nil {
		testbed.Missing(t, "this file system takes no SELinux label: %v", err)
	}
	if err := WriteFiles(File{Path: path, Data: []byte("new"), Private: true}); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 100)
	if n, err := unix.Getxattr(path, labelAttribute, got); err != nil || string(got[:n]) != label {
		t.Errorf("label %q, %v", got[:max(n, 0)], err)
	}
}

// TestNewFilesFollowTheFolder in its group; but nobody reads a new key beside its owner, whatever the folder's default says.
func TestNewFilesFollowTheFolder(t *testing.T) {
	t.Parallel()
	asRoot(t)
	folder := folderFor(t, 0, shared, 0o770|os.ModeSetgid)
	cert, key := filepath.Join(folder, "tls.crt"), filepath.Join(folder, "tls.key")
	for _, defaults := range []string{"", "d:g:23004:r,d:o::r"} {
		if defaults != "" {
			run(t, "setfacl", "-m", defaults, folder)
		}
		if err := WriteFiles(File{Path: cert}, File{Path: key, Private: true}); err != nil {
			t.Fatal(err)
		}
		for path, mode := range map[string]string{cert: "644", key: "600"} {
			if got := run(t, "stat", "-c", "%u:%g %a", path); got != fmt.Sprintf("0:%d %s\n", shared, mode) {
				t.Errorf("%s with default %q: %s", path, defaults, got)
			}
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestAccessThatMayNotBeKept: a user who is not root cannot give files to others. Nothing is replaced, not even what comes first.
func TestAccessThatMayNotBeKept(t *testing.T) {
	t.Parallel()
	if folder := os.Getenv(againFolder); folder != "" {
		for name, want := range map[string]string{
			"root.key":    "cannot keep its owner root: operation not permitted",
			"foreign.key": fmt.Sprintf("cannot keep its group %d: operation not permitted", shared),
			"member.key":  "",
			"acl.key":     "",
		} {
			cert, path := filepath.Join(folder, "tls.crt"), filepath.Join(folder, name)
			err := WriteFiles(File{Path: cert, Data: []byte("new" + name)}, File{Path: path, Data: []byte("new"), Private: true})
			if want == "" {
				if err != nil {
					t.Error(err)
				}
				continue
			}
			if err == nil || err.Error() != "write "+path+": "+want || !errors.As(err, new(*AccessError)) {
				t.Errorf("got %v, want %s", err, want)
			}
			if data, err := os.ReadFile(cert); err != nil || string(data) == "new"+name {
				t.Errorf("%s: the certificate is %q, %v", name, data, err)
			}
		}
		return
	}
	asRoot(t)
	folder := folderFor(t, server, server, 0o777)
	files := map[string]string{"tls.crt": "", "root.key": "", "foreign.key": "", "member.key": "new", "acl.key": "new"}
	for name := range files {
		path := filepath.Join(folder, name)
		write(t, path, "old")
		gid := server
		switch name {
		case "foreign.key":
			gid = shared
		case "member.key":
			gid = 23005
		}
		uid := server
		if name == "root.key" {
			uid, gid = 0, 0
		}
		if err := errors.Join(os.Chown(path, uid, gid), os.Chmod(path, 0o640)); err != nil {
			t.Fatal(err)
		}
	}
	run(t, "setfacl", "-m", "u:23003:r", filepath.Join(folder, "acl.key"))
	before := map[string]string{}
	for name := range files {
		before[name] = judged(t, filepath.Join(folder, name))
	}
	again(t, folder, &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: server, Gid: server, Groups: []uint32{23005}}})
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != len(files) {
		t.Errorf("left over: %v %v", entries, err)
	}
	for name, data := range files {
		path := filepath.Join(folder, name)
		if got := judged(t, path); got != before[name] {
			t.Errorf("%s: %s, was %s", name, got, before[name])
		}
		if name == "tls.crt" {
			continue // written with a key that could be
		}
		want := data
		if want == "" {
			want = "old"
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, want)
		}
	}
}

// TestPlantedFile: who puts an empty file of the right name into /tmp must not get the key that root writes there.
func TestPlantedFile(t *testing.T) {
	t.Parallel()
	asRoot(t)
	folder := folderFor(t, 0, 0, 0o777|os.ModeSticky)
	path := filepath.Join(folder, "tls.key")
	write(t, path, "")
	if err := os.Chown(path, server, server); err != nil {
		t.Fatal(err)
	}
	err := WriteFiles(File{Path: path, Data: []byte("key"), Private: true})
	if want := fmt.Sprintf("write %s: belongs to %d, and %v", path, server, ErrPlanted); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	checkFolder(t, folder, map[string]string{"tls.key": ""})
	// The folder's owner and the run's user may have what they put there.
	if err := errors.Join(os.Chown(folder, server, server), WriteFiles(File{Path: path, Data: []byte("key"), Private: true})); err != nil {
		t.Error(err)
	}
	checkFolder(t, folder, map[string]string{"tls.key": "key"})
}

// TestMountedFile binds a file over itself, as containers do, in a mount namespace of its own.
func TestMountedFile(t *testing.T) {
	t.Parallel()
	if folder := os.Getenv(againFolder); folder != "" {
		cert, key := filepath.Join(folder, "tls.crt"), filepath.Join(folder, "tls.key")
		if err := unix.Mount(key, key, "", unix.MS_BIND, ""); err != nil {
			t.Fatal(err)
		}
		err := WriteFiles(File{Path: cert, Data: []byte("new")}, File{Path: key, Data: []byte("new"), Private: true})
		if !errors.Is(err, ErrMounted) || err.Error() != "write "+key+": "+ErrMounted.Error() {
			t.Errorf("got %v", err)
		}
		if err := rename(cert, key); !errors.Is(err, ErrMounted) { // what an old kernel does not tell before
			t.Errorf("rename: %v", err)
		}
		checkFolder(t, folder, map[string]string{"tls.crt": "old", "tls.key": "old"})
		return
	}
	asRoot(t)
	folder := folderFor(t, 0, 0, 0o700)
	write(t, filepath.Join(folder, "tls.crt"), "old")
	write(t, filepath.Join(folder, "tls.key"), "old")
	again(t, folder, &syscall.SysProcAttr{Unshareflags: unix.CLONE_NEWNS})
}

func TestImmutableFile(t *testing.T) {
	t.Parallel()
	asRoot(t)
	folder := t.TempDir()
	cert, key := filepath.Join(folder, "tls.crt"), filepath.Join(folder, "tls.key")
	write(t, cert, "old")
	write(t, key, "old")
	for _, attribute := range []string{"i", "a"} {
		if out, err := exec.Command("chattr", "+"+attribute, key).CombinedOutput(); err != nil {
			testbed.Missing(t, "chattr: %v %s", err, out)
		}
		err := WriteFiles(File{Path: cert, Data: []byte("new")}, File{Path: key, Data: []byte("new"), Private: true})
		run(t, "chattr", "-"+attribute, key)
		if !errors.Is(err, ErrImmutable) {
			t.Errorf("got %v", err)
		}
		checkFolder(t, folder, map[string]string{"tls.crt": "old", "tls.key": "old"})
	}
}
