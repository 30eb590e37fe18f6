package file

import (
	"path/filepath"
	"testing"

	"golang.org/x/sys/windows"
)

// describeAs sets a file's access list, as SDDL.
func describeAs(t *testing.T, path, list string) {
	t.Helper()
	descriptor, err := windows.SecurityDescriptorFromString(list)
	if err != nil {
		t.Fatal(err)
	}
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := windows.CreateFile(name, windows.WRITE_DAC, 0, nil, windows.OPEN_EXISTING, windows.FILE_ATTRIBUTE_NORMAL, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer windows.CloseHandle(file)
	if err := windows.SetKernelObjectSecurity(file, windows.DACL_SECURITY_INFORMATION, descriptor); err != nil {
		t.Fatal(err)
	}
}

// ownerAndListOf is a file's owner and access list, as SDDL.
func ownerAndListOf(t *testing.T, path string) string {
	t.Helper()
	descriptor, err := windows.GetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, ownerAndList)
	if err != nil {
		t.Fatal(err)
	}
	return descriptor.String()
}

func TestWriteFilesKeepsAccessList(t *testing.T) {
	t.Parallel()
	folder := tempDir(t)
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		t.Fatal(err)
	}
	own := "D:P(A;;FA;;;" + user.User.Sid.String() + ")"
	for _, tt := range []struct {
		name, list string
		private    bool
	}{
		{"key.own", own, true},
		{"key.administrators", own + "(A;;FA;;;BA)", true},
		{"key.service", own + "(A;;FR;;;NS)", true},
		{"crt.own", own, false},
		{"crt.all", own + "(A;;FR;;;WD)", false},
		{"crt.users", own + "(A;;FR;;;BU)", false},
	} {
		path := filepath.Join(folder, tt.name)
		write(t, path, "old")
		describeAs(t, path, tt.list)
		before := ownerAndListOf(t, path)
		if err := WriteFiles(File{Path: path, Data: []byte("new"), Private: tt.private}); err != nil {
			t.Fatal(err)
		}
		after := ownerAndListOf(t, path)
		if after != before {
			t.Errorf("%s: became %s, was %s", tt.name, after, before)
		}
	}
}

// TestGive compares lists to the last entry and bit.
func TestGive(t *testing.T) {
	t.Parallel()
	if onWine() {
		t.Skip("Wine makes a Unix mode of a list, and a list of that mode")
	}
	for _, list := range []string{
		"D:P(A;;FR;;;NS)(A;;FA;;;BA)",
		"D:AI(A;;FR;;;NS)(A;ID;FA;;;BA)(A;ID;FR;;;SY)",
		"D:(D;;FW;;;WD)(A;;FA;;;SY)",
	} {
		descriptor, err := windows.SecurityDescriptorFromString(list)
		if err != nil {
			t.Fatal(err)
		}
		keep := &access{list: descriptor}
		f, err := create(filepath.Join(tempDir(t), "f"), true, keep)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := keep.give(f); err != nil {
			t.Error(err)
		}
		got, err := windows.GetSecurityInfo(windows.Handle(f.Fd()), windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION)
		if err != nil {
			t.Fatal(err)
		}
		if got.String() != list {
			t.Errorf("got %s, want %s", got, list)
		}
	}
}

func TestReadableByAllWindows(t *testing.T) {
	t.Parallel()
	for list, want := range map[string]bool{
		"D:P":                        false,
		"D:(A;;FR;;;WD)":             true,
		"D:(A;;FA;;;AU)":             true,
		"D:(A;ID;0x1200a9;;;BU)":     true,
		"D:(A;;GR;;;IU)":             true,
		"D:(A;;FA;;;BA)(A;;FA;;;SY)": false,
		"D:(A;;FW;;;WD)":             false,
		"D:(D;;FR;;;WD)":             false,
		"D:(A;OICIIO;FR;;;WD)":       false,
		"D:(A;;FA;;;BA)(A;;FR;;;BU)": true,
	} {
		descriptor, err := windows.SecurityDescriptorFromString(list)
		if err != nil {
			t.Errorf("%s: %v", list, err)
			continue
		}
		if got := (&access{list: descriptor}).readableByAll(); got != want {
			t.Errorf("%s: %v", list, got)
		}
	}
	unlimited, err := windows.NewSecurityDescriptor()
	if err != nil {
		t.Fatal(err)
	}
	if err := unlimited.SetDACL(nil, true, false); err != nil {
		t.Fatal(err)
	}
	if !(&access{list: unlimited}).readableByAll() {
		t.Error("a file without a list")
	}
}
