package file

import "errors"

// The reasons for which a file cannot be replaced, and which its user can remove.
var (
	ErrInUse     = errors.New("another program has the file open")                   // Windows
	ErrReadOnly  = errors.New("has the read-only attribute")                         // Windows
	ErrNoFolder  = errors.New("does not exist")                                      // of the folder that a file is to be in
	ErrMounted   = errors.New("is mounted by itself, and cannot be replaced")        // a bind mount, as containers have them
	ErrImmutable = errors.New("is immutable or append-only, and cannot be replaced") // Linux: chattr +i, +a
	ErrPlanted   = errors.New("everybody may put files into its folder")
)

// AccessError says which part of a file's access the run may not give the one that would take its place.
type AccessError struct {
	What string // such as "owner www-data"
	Err  error  // why not
}

func (e *AccessError) Error() string { return "cannot keep its " + e.What + ": " + e.Err.Error() }

func (e *AccessError) Unwrap() error { return e.Err }
