package render

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

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

func TestPrivateFileHasOneEntry(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "tls.key")
	write(t, path, "open to all")
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
	if strings.Count(got, "(") != 1 || !strings.Contains(got, user.User.Sid.String()) {
		t.Errorf("got %s, want one entry, for %s", got, user.User.Sid)
	}
}

func TestOpenElsewhere(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "tls.key")
	write(t, path, "old")
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		t.Fatal(err)
	}
	held, err := windows.CreateFile(name, windows.GENERIC_READ, 0, nil, windows.OPEN_EXISTING, windows.FILE_ATTRIBUTE_NORMAL, 0)
	if err != nil {
		t.Fatal(err)
	}
	err = WriteFiles(File{Path: path, Data: []byte("new"), Private: true})
	if closed := windows.CloseHandle(held); closed != nil {
		t.Fatal(closed)
	}
	if err == nil || !strings.Contains(err.Error(), "another program has the file open") {
		t.Errorf("got %v", err)
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "old" {
		t.Errorf("got %q, %v, want the old file whole", data, err)
	}
}
