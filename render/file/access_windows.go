package file

import (
	"errors"
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

// access says who may do what with a file: what a file that takes its place takes over.
type access struct {
	owner *windows.SID
	list  *windows.SECURITY_DESCRIPTOR // the access list as it is, with what the folder handed down; nil, the owner alone
}

const ownerAndList = windows.OWNER_SECURITY_INFORMATION | windows.DACL_SECURITY_INFORMATION

// accessOf looks up the access to a file, nil where there is no file.
func accessOf(path string) (*access, error) {
	var found *windows.SECURITY_DESCRIPTOR
	err := untilFree(func() (err error) {
		found, err = windows.GetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, ownerAndList)
		return err
	})
	if errors.Is(err, windows.ERROR_FILE_NOT_FOUND) || errors.Is(err, windows.ERROR_PATH_NOT_FOUND) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	owner, _, err := found.Owner()
	if err != nil {
		return nil, err
	}
	return &access{owner, found}, nil
}

// readers are the groups that everybody on a machine is in.
var readers = []windows.WELL_KNOWN_SID_TYPE{windows.WinWorldSid, windows.WinAuthenticatedUserSid, windows.WinBuiltinUsersSid, windows.WinInteractiveSid}

// readableByAll reports whether an entry of the list lets everybody read. What another entry denies is not looked at.
func (a *access) readableByAll() bool {
	list, _, err := a.list.DACL()
	if errors.Is(err, windows.ERROR_OBJECT_NOT_FOUND) || err == nil && list == nil {
		return true // no list, no limits
	}
	if err != nil {
		return false
	}
	for i := range uint32(list.AceCount) {
		var entry *windows.ACCESS_ALLOWED_ACE
		if err := windows.GetAce(list, i, &entry); err != nil {
			return false
		}
		const read = windows.FILE_READ_DATA | windows.GENERIC_READ | windows.GENERIC_ALL
		if entry.Header.AceType != windows.ACCESS_ALLOWED_ACE_TYPE || entry.Mask&read == 0 || entry.Header.AceFlags&windows.INHERIT_ONLY_ACE != 0 {
			continue
		}
		who := (*windows.SID)(unsafe.Pointer(&entry.SidStart))
		for _, group := range readers {
			if who.IsWellKnown(group) {
				return true
			}
		}
	}
	return false
}

// tighten leaves the access to the owner alone.
func (a *access) tighten() { a.list = nil }

// give gives a new file, which only the run's user may open so far, this access. The list is taken over as it is, and not worked
// out anew from what the folder hands down today.
func (a *access) give(f *os.File) error {
	handle := windows.Handle(f.Fd())
	fresh, err := windows.GetSecurityInfo(handle, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION)
	if err != nil {
		return err
	}
	owner, _, err := fresh.Owner()
	if err != nil {
		return err
	}
	if a.owner != nil && !owner.Equals(a.owner) {
		if err := windows.SetNamedSecurityInfo(f.Name(), windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION, a.owner, nil, nil, nil); err != nil {
			return &AccessError{"owner " + accountName(a.owner), err}
		}
		owner = a.owner
	}
	list := a.list
	if list == nil {
		if list, err = windows.SecurityDescriptorFromString(ownerOnly(owner)); err != nil {
			return err
		}
	}
	if err := setList(handle, list); err != nil {
		return &AccessError{"access list", err}
	}
	return nil
}

// setList sets a file's access list, with the bit that says whether the folder's changes reach it.
func setList(file windows.Handle, list *windows.SECURITY_DESCRIPTOR) error {
	control, _, err := list.Control()
	if err != nil {
		return err
	}
	if control&windows.SE_DACL_AUTO_INHERITED != 0 {
		// Windows keeps that bit only where this one asks for it
		// (https://learn.microsoft.com/windows/win32/secauthz/security-descriptor-control).
		if err := list.SetControl(windows.SE_DACL_AUTO_INHERIT_REQ, windows.SE_DACL_AUTO_INHERIT_REQ); err != nil {
			return err
		}
	}
	return windows.SetKernelObjectSecurity(file, windows.DACL_SECURITY_INFORMATION, list)
}

// accountName is DOMAIN\NAME, or the SID of an account that is not known here.
func accountName(sid *windows.SID) string {
	account, domain, _, err := sid.LookupAccount("")
	switch {
	case err != nil:
		return sid.String()
	case domain == "":
		return account
	}
	return domain + `\` + account
}

// checkPlanted has nothing to refuse: Windows has no folder like Unix's /tmp, where everybody may put files.
func checkPlanted(string, *access) error { return nil }
