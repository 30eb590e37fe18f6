package file

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// create gives a private file its access list when it is made: added later, others could open the file before. One that is to
// keep another's access is private until it has that.
func create(path string, private bool, keep *access) (*os.File, error) {
	if !private && keep == nil {
		return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	}
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return nil, fmt.Errorf("find the current user: %w", err)
	}
	descriptor, err := windows.SecurityDescriptorFromString(ownerOnly(user.User.Sid))
	if err != nil {
		return nil, fmt.Errorf("describe an owner-only file: %w", err)
	}
	attributes := &windows.SecurityAttributes{SecurityDescriptor: descriptor}
	attributes.Length = uint32(unsafe.Sizeof(*attributes))
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return nil, &os.PathError{Op: "create", Path: path, Err: err}
	}
	rights := uint32(windows.GENERIC_WRITE)
	if keep != nil {
		rights |= windows.READ_CONTROL | windows.WRITE_DAC // which a network share may not give
	}
	handle, err := windows.CreateFile(name, rights, windows.FILE_SHARE_READ, attributes,
		windows.CREATE_NEW, windows.FILE_ATTRIBUTE_NORMAL, 0)
	if err != nil {
		return nil, &os.PathError{Op: "create", Path: path, Err: err}
	}
	return os.NewFile(uintptr(handle), path), nil
}

// ownerOnly is an access list in SDDL: protected from what the folder would hand down (P), full access (FA) for one user, and
// no one else (https://learn.microsoft.com/windows/win32/secauthz/security-descriptor-string-format).
func ownerOnly(user *windows.SID) string {
	return "D:P(A;;FA;;;" + user.String() + ")"
}

// syncFolder has nothing to do: NTFS keeps names in its journal, and folders cannot be flushed.
func syncFolder(string) error { return nil }

// checkName refuses a path that Windows takes for something else than a file with the path's last element as its name
// (https://learn.microsoft.com/windows/win32/fileio/naming-a-file).
func checkName(path string) error {
	name := filepath.Base(path)
	switch {
	case strings.HasPrefix(filepath.ToSlash(path), "//./"):
		return errors.New("is the path of a device")
	case name == "." || name == "..":
		return nil // a folder, which is refused as one
	case strings.Contains(name, ":"):
		return errors.New("names a stream within a file")
	case strings.TrimRight(name, ". ") != name:
		return errors.New("ends with a dot or a space, which Windows would leave out of the name")
	case !filepath.IsLocal(name):
		return errors.New("is the name of a device")
	}
	return nil
}

// checkReplaceable says why the file at a path, if there is one, cannot be replaced.
func checkReplaceable(path string) error {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return err
	}
	if attributes, err := windows.GetFileAttributes(name); err == nil && attributes&windows.FILE_ATTRIBUTE_READONLY != 0 {
		return ErrReadOnly
	}
	return untilFree(func() error {
		// Replacing a file takes the right to delete it, and nobody who has it open, not even one who would let it be deleted.
		handle, err := windows.CreateFile(name, windows.DELETE, 0, nil, windows.OPEN_EXISTING, windows.FILE_ATTRIBUTE_NORMAL, 0)
		if errors.Is(err, windows.ERROR_FILE_NOT_FOUND) {
			return nil
		}
		if err != nil {
			return err
		}
		return windows.CloseHandle(handle)
	})
}

// rename gives a file its name. What checkReplaceable let pass is denied only where somebody has opened it since.
func rename(from, to string) error {
	err := untilFree(func() error { return os.Rename(from, to) })
	if errors.Is(err, windows.ERROR_ACCESS_DENIED) {
		return fmt.Errorf("%w: %w", ErrInUse, windows.ERROR_ACCESS_DENIED)
	}
	return err
}

func open(path string) (f *os.File, err error) {
	err = untilFree(func() error {
		f, err = os.Open(path)
		return err
	})
	return f, err
}

const (
	// busyTimeout is how long a file that somebody has open is tried again. Virus scanners, indexers and backups hold a file for
	// less; Go's own commands wait as long (https://go.dev/src/cmd/internal/robustio/robustio_flaky.go).
	busyTimeout = 2 * time.Second
	// busyPause lies between two tries.
	busyPause = 20 * time.Millisecond
)

// untilFree tries something with a file again while another program is in the way.
func untilFree(try func() error) error {
	start := time.Now()
	for {
		err := try()
		busy := inUse(err) || errors.Is(err, windows.ERROR_ACCESS_DENIED) // the latter is what a file says that is being replaced
		if !busy || time.Since(start) > busyTimeout {
			return err
		}
		time.Sleep(busyPause)
	}
}

func inUse(err error) bool {
	return errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_LOCK_VIOLATION)
}

// explain says in plain words what Windows calls a sharing violation.
func explain(err error) error {
	if inUse(err) {
		return fmt.Errorf("%w: %w", ErrInUse, err)
	}
	return err
}
