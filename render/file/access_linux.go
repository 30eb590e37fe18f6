package file

import (
	"bytes"
	"errors"
	"strings"

	"golang.org/x/sys/unix"
)

// The extended attributes that decide who may read a file
// (https://man7.org/linux/man-pages/man7/xattr.7.html).
const (
	aclAttribute   = "system.posix_acl_access"
	labelAttribute = "security.selinux"
)

// attributes are the access that a file has beyond its mode, nil where it has none or its file system knows none.
type attributes struct {
	acl   []byte // POSIX access list, as the kernel writes it
	label []byte // SELinux label
}

func attributesOf(path string) (a attributes, err error) {
	get := func(name string, value []byte) (int, error) { return unix.Getxattr(path, name, value) }
	if a.acl, err = attribute(aclAttribute, get); err != nil {
		return a, err
	}
	a.label, err = attribute(labelAttribute, get)
	return a, err
}

// give gives an open file these attributes. A label that is not known is the folder's to decide; an access list that is not there
// takes away the one that the folder's default made.
func (a attributes) give(fd int) error {
	get := func(name string, value []byte) (int, error) { return unix.Fgetxattr(fd, name, value) }
	if a.label != nil {
		label, err := attribute(labelAttribute, get)
		if err != nil {
			return err
		}
		if !bytes.Equal(label, a.label) {
			if err := unix.Fsetxattr(fd, labelAttribute, a.label, 0); err != nil {
				return &AccessError{"SELinux label " + strings.TrimRight(string(a.label), "\x00"), err}
			}
		}
	}
	acl, err := attribute(aclAttribute, get)
	switch {
	case err != nil:
		return err
	case bytes.Equal(acl, a.acl):
		return nil
	case a.acl == nil:
		err = unix.Fremovexattr(fd, aclAttribute)
	default:
		err = unix.Fsetxattr(fd, aclAttribute, a.acl, 0)
	}
	if err != nil {
		return &AccessError{"access list (ACL)", err}
	}
	return nil
}

// attribute reads an extended attribute, nil where there is none.
func attribute(name string, get func(name string, value []byte) (int, error)) ([]byte, error) {
	size, err := get(name, nil)
	if err == nil && size > 0 {
		value := make([]byte, size)
		size, err = get(name, value)
		if err == nil {
			return value[:size], nil
		}
	}
	if errors.Is(err, unix.ENODATA) || errors.Is(err, unix.ENOTSUP) {
		return nil, nil
	}
	return nil, err
}

// checkReplaceable says why the file at a path, if there is one, cannot be replaced. Who has it open keeps the old one, and its
// mode does not count.
func checkReplaceable(path string) error {
	var stat unix.Statx_t
	if err := unix.Statx(unix.AT_FDCWD, path, 0, 0, &stat); err != nil {
		return nil // it is not there, or the kernel is too old to tell: renaming will
	}
	switch {
	case stat.Attributes&unix.STATX_ATTR_MOUNT_ROOT != 0:
		return ErrMounted
	case stat.Attributes&(unix.STATX_ATTR_IMMUTABLE|unix.STATX_ATTR_APPEND) != 0:
		return ErrImmutable
	}
	return nil
}
