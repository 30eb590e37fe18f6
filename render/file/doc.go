// Package file reads and replaces files.
//
// [WriteFiles] replaces files whole or not at all: each is written beside its place, is brought to the disk, and only
// then gets its name. A killed run leaves the old files or the new ones, and none that is half written.
//
// A new file that is Private is readable by its owner only from its first byte: mode 0600 on Unix, an access list with
// one entry on Windows. A file that is replaced keeps its owner, group, mode, POSIX access list and SELinux label, and
// on Windows its owner and access list; what the run may not set is an [AccessError], and nothing is replaced.
//
// [ReadFile] reads an input of bounded size, in UTF-8 or in the UTF-16 of Windows PowerShell.
package file
