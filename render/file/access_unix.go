//go:build unix

package file

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// ownerOnly is the mode of a private file.
const ownerOnly = 0o600

// access says who may do what with a file: what a file that takes its place takes over.
type access struct {
	uid, gid int
	mode     fs.FileMode // permission bits; those beyond them are for programs
	attributes
	tightened bool // the mode is not the file's own
}

// accessOf looks up the access to a file, nil where there is no file.
func accessOf(path string) (*access, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	attributes, err := attributesOf(path)
	if err != nil {
		return nil, err
	}
	uid, gid := owners(info)
	return &access{uid: uid, gid: gid, mode: info.Mode().Perm(), attributes: attributes}, nil
}

func owners(info fs.FileInfo) (uid, gid int) {
	stat := info.Sys().(*syscall.Stat_t)
	return int(stat.Uid), int(stat.Gid)
}

// readableByAll goes by the mode: an access list repeats what that says of others.
func (a *access) readableByAll() bool { return a.mode&0o004 != 0 }

// tighten leaves the access to the owner alone.
func (a *access) tighten() {
	a.mode, a.acl, a.tightened = ownerOnly, nil, true
}

// give gives a new file, which only its owner may read so far, this access. The order matters: whoever could open the file in
// between could read what is written later. So the folder's default access list, which a wider mode would bring to life, goes
// before the mode comes, and the group's rights come after the group.
func (a *access) give(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	fd := int(f.Fd())
	uid, gid := owners(info)
	if uid != a.uid {
		if err := unix.Fchown(fd, a.uid, -1); err != nil {
			return &AccessError{"owner " + userName(a.uid), err}
		}
	}
	if gid != a.gid {
		if err := unix.Fchown(fd, -1, a.gid); err != nil {
			return &AccessError{"group " + groupName(a.gid), err}
		}
	}
	if err := a.attributes.give(fd); err != nil {
		return err
	}
	if info, err = f.Stat(); err != nil {
		return err
	}
	// Where a tightened mode is not the one that the file was made with, the file system knows no modes.
	if info.Mode().Perm() != a.mode && !a.tightened {
		if err := unix.Fchmod(fd, uint32(a.mode)); err != nil {
			return &AccessError{fmt.Sprintf("mode %04o", a.mode), err}
		}
	}
	return nil
}

// checkPlanted refuses a file that another user may have put there to own the key that takes its place: one in a folder where
// everybody may make files and none remove another's, such as /tmp. Linux does not let such files be written to either
// (fs.protected_regular, https://docs.kernel.org/admin-guide/sysctl/fs.html).
func checkPlanted(target string, keep *access) error {
	folder, err := os.Stat(filepath.Dir(target))
	if err != nil {
		return err
	}
	if folder.Mode()&fs.ModeSticky == 0 || folder.Mode().Perm()&0o002 == 0 {
		return nil
	}
	if owner, _ := owners(folder); keep.uid != os.Geteuid() && keep.uid != owner {
		return fmt.Errorf("belongs to %s, and %w", userName(keep.uid), ErrPlanted)
	}
	return nil
}

func userName(uid int) string {
	found, err := user.LookupId(strconv.Itoa(uid))
	if err != nil {
		return strconv.Itoa(uid)
	}
	return cmp.Or(found.Username, found.Uid)
}

func groupName(gid int) string {
	found, err := user.LookupGroupId(strconv.Itoa(gid))
	if err != nil {
		return strconv.Itoa(gid)
	}
	return cmp.Or(found.Name, found.Gid)
}
