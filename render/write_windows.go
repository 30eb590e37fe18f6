package render

import (
	"errors"
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

// create gives a private file its access list when it is made: added later, others could open the file before.
func create(path string, private bool) (*os.File, error) {
	if !private {
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
	handle, err := windows.CreateFile(name, windows.GENERIC_WRITE, windows.FILE_SHARE_READ, attributes,
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

// explain says in plain words what Windows calls a sharing violation.
func explain(err error) error {
	if errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return fmt.Errorf("another program has the file open: %w", err)
	}
	return err
}
