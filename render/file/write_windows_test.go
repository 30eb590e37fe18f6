package file

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/windows"
)

func TestOwnerOnly(t *testing.T) {
	t.Parallel()
	sid, err := windows.StringToSid("S-1-5-21-1-2-3-1001")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := ownerOnly(sid), "D:P(A;;FA;;;S-1-5-21-1-2-3-1001)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// onWine tells Wine from Windows, as its makers say.
func onWine() bool {
	return windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() == nil
}

func TestPrivateFileHasOneEntry(t *testing.T) {
	t.Parallel()
	path := filepath.Join(tempDir(t), "tls.key")
	write(t, path, "open to all")
	describeAs(t, path, "D:(A;;FR;;;WD)(A;;FA;;;BA)")
	if !ReadableByAll(path) {
		t.Error("is not readable by all")
	}
	if err := WriteFiles(File{Path: path, Data: []byte("key"), Private: true}); err != nil {
		t.Fatal(err)
	}
	descriptor, err := windows.GetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		t.Fatal(err)
	}
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		t.Fatal(err)
	}
	got := descriptor.String()
	entries := 1
	if onWine() {
		entries = 2 // its files always have one for the system, too, and it does not say that a list is protected
	}
	if strings.Count(got, "(") != entries || !strings.Contains(got, ";FA;;;"+user.User.Sid.String()+")") || strings.Contains(got, ";WD)") {
		t.Errorf("got %s, want one entry, for %s", got, user.User.Sid)
	}
}

// openAs opens a file as another program does that lets others do what share says. It returns what closes it.
func openAs(t *testing.T, path string, share uint32) func() {
	t.Helper()
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		t.Fatal(err)
	}
	held, err := windows.CreateFile(name, windows.GENERIC_READ, share, nil, windows.OPEN_EXISTING, windows.FILE_ATTRIBUTE_NORMAL, 0)
	if err != nil {
		t.Fatal(err)
	}
	return sync.OnceFunc(func() {
		if err := windows.CloseHandle(held); err != nil {
			t.Error(err)
		}
	})
}

// TestOpenElsewhere: the file that comes last is open elsewhere, and so none is replaced.
func TestOpenElsewhere(t *testing.T) {
	t.Parallel()
	for name, share := range map[string]uint32{
		"nothing shared": 0,
		"reading shared": windows.FILE_SHARE_READ,
		"all shared":     windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE | windows.FILE_SHARE_DELETE,
		"as Go opens":    windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := tempDir(t)
			cert, key := filepath.Join(folder, "tls.crt"), filepath.Join(folder, "tls.key")
			write(t, cert, "old certificate")
			write(t, key, "old key")
			files := []File{{Path: cert, Data: []byte("new certificate")}, {Path: key, Data: []byte("new key"), Private: true}}
			done := openAs(t, key, share)
			defer done()
			began := time.Now()
			err := WriteFiles(files...)
			if !errors.Is(err, ErrInUse) || !strings.HasPrefix(err.Error(), "write "+key+": another program has the file open: ") {
				t.Errorf("got %v", err)
			}
			if data, err := os.ReadFile(cert); err != nil || string(data) != "old certificate" {
				t.Errorf("the certificate is %q, %v", data, err)
			}
			if waited := time.Since(began); waited < busyTimeout {
				t.Errorf("gave up after %v", waited)
			}
			time.AfterFunc(busyTimeout/4, done)
			if err := WriteFiles(files...); err != nil {
				t.Errorf("closed in time, but got %v", err)
			}
			checkFolder(t, folder, map[string]string{"tls.crt": "new certificate", "tls.key": "new key"})
		})
	}
}

// TestDenied: a file is only renamed where checkReplaceable found nothing, so what is left is a reader.
func TestDenied(t *testing.T) {
	t.Parallel()
	folder := tempDir(t)
	staged, target := filepath.Join(folder, "staged"), filepath.Join(folder, "target")
	write(t, staged, "new")
	write(t, target, "old")
	defer openAs(t, target, windows.FILE_SHARE_READ)()
	if err := rename(staged, target); !errors.Is(reason(err), ErrInUse) {
		t.Errorf("got %v", err)
	}
	checkFolder(t, folder, map[string]string{"staged": "new", "target": "old"})
}

func TestReadOnlyAttribute(t *testing.T) {
	t.Parallel()
	folder := tempDir(t)
	cert, key := filepath.Join(folder, "tls.crt"), filepath.Join(folder, "tls.key")
	write(t, cert, "old certificate")
	write(t, key, "old key")
	if err := os.Chmod(key, 0o400); err != nil { // which sets the attribute
		t.Fatal(err)
	}
	err := WriteFiles(File{Path: cert, Data: []byte("new certificate")}, File{Path: key, Data: []byte("new key"), Private: true})
	if !errors.Is(err, ErrReadOnly) || err.Error() != "write "+key+": has the read-only attribute" {
		t.Errorf("got %v", err)
	}
	checkFolder(t, folder, map[string]string{"tls.crt": "old certificate", "tls.key": "old key"})
	if err := os.Chmod(key, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestNamesThatAreNoFiles(t *testing.T) {
	t.Parallel()
	folder := tempDir(t)
	for name, want := range map[string]string{
		"nul":                    "is the name of a device",
		"NUL":                    "is the name of a device",
		"con":                    "is the name of a device",
		"Prn":                    "is the name of a device",
		"aux":                    "is the name of a device",
		"com1":                   "is the name of a device",
		"LPT9":                   "is the name of a device",
		"CONIN$":                 "is the name of a device",
		"tls.crt:key":            "names a stream within a file",
		"tls.crt::$DATA":         "names a stream within a file",
		"tls.crt.":               "ends with a dot or a space, which Windows would leave out of the name",
		"tls.crt ":               "ends with a dot or a space, which Windows would leave out of the name",
		"tls*.crt":               "",
		"tls?.crt":               "",
		`tls".crt`:               "",
		"tls.crt\x00":            "",
		strings.Repeat("a", 300): "",
	} {
		path := folder + `\` + name
		err := WriteFiles(File{Path: path, Data: []byte("x")})
		if err == nil || want != "" && err.Error() != "write "+path+": "+want {
			t.Errorf("%q: got %v, want %q", name, err, want)
		}
	}
	for _, path := range []string{`\\.\nul`, `\\.\pipe\tls.crt`, `//./C:/tls.crt`} {
		if err := WriteFiles(File{Path: path, Data: []byte("x")}); err == nil || err.Error() != "write "+path+": is the path of a device" {
			t.Errorf("%s: got %v", path, err)
		}
	}
	checkFolder(t, folder, nil)
	if _, err := ReadFile("con"); err == nil || !strings.Contains(err.Error(), " device") {
		t.Errorf("read con: %v", err)
	}
}

// TestPaths writes and replaces by each way to name a file.
func TestPaths(t *testing.T) {
	folder := tempDir(t)
	deep := filepath.Join(folder, "with a space", strings.Repeat("d", 200), strings.Repeat("e", 100))
	if err := os.MkdirAll(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir(folder)
	write(t, "Upper.CRT", "old")
	drive := filepath.VolumeName(folder)
	for path, at := range map[string]string{
		"plain":                           "plain",
		`with a space\tls.crt`:            `with a space\tls.crt`,
		"with a space/slash.crt":          `with a space\slash.crt`,
		`.\dot.crt`:                       "dot.crt",
		drive + "relative-to-drive":       "relative-to-drive",
		folder[len(drive):] + `\rooted`:   "rooted",
		strings.ToLower(folder) + `\case`: "case",
		`\\?\` + folder + `\verbatim`:     "verbatim",
		filepath.Join(deep, "long"):       filepath.Join(deep, "long")[len(folder)+1:],
		"upper.crt":                       "Upper.CRT",
	} {
		for _, data := range []string{"first", "second"} {
			if err := WriteFiles(File{Path: path, Data: []byte(data), Private: true}); err != nil {
				t.Errorf("%s: %v", path, err)
			}
			if got, err := ReadFile(path); err != nil || string(got) != data {
				t.Errorf("%s: read %q, %v", path, got, err)
			}
			if got, err := os.ReadFile(filepath.Join(folder, at)); err != nil || string(got) != data {
				t.Errorf("%s: %s has %q, %v", path, at, got, err)
			}
		}
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 8 {
		t.Errorf("%v, %v", entries, err)
	}
}
