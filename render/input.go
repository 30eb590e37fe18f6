package render

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"unicode/utf16"
	"unicode/utf8"
)

// MaxInput is the most that an input may have, in bytes. A Secret and a ConfigMap of the full size that a cluster takes (1 MiB of
// data each, https://kubernetes.io/docs/concepts/configuration/secret/#restriction-data-size) and the rest of a bundle fit in.
// It also bounds memory: yaml.v3 takes up to 150 bytes for one of YAML, hence 600 MB for the worst input of this size.
const MaxInput = 4 << 20

// ReadFile reads an input: a regular file of at most [MaxInput] bytes. A missing one is [io/fs.ErrNotExist].
// A byte order mark is taken off, and UTF-16, which PowerShell 5 writes with its ">", comes back as UTF-8.
func ReadFile(path string) ([]byte, error) {
	// Looked at before it is opened: opening a FIFO waits for a writer.
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("read %s: is not a regular file but %s", path, describe(info.Mode()))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxInput+1))
	if err != nil {
		return nil, err
	}
	if len(data) > MaxInput {
		return nil, fmt.Errorf("read %s: is over the limit of %d bytes", path, MaxInput)
	}
	if data, err = withoutBOM(data); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return data, nil
}

func withoutBOM(data []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		return data[3:], nil
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return fromUTF16(data[2:], binary.LittleEndian)
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return fromUTF16(data[2:], binary.BigEndian)
	}
	return data, nil
}

func fromUTF16(data []byte, order binary.ByteOrder) ([]byte, error) {
	broken := errors.New("its byte order mark says UTF-16, which it is not")
	if len(data)%2 != 0 {
		return nil, broken
	}
	out := make([]byte, 0, len(data)/2)
	for i := 0; i < len(data); i += 2 {
		r := rune(order.Uint16(data[i:]))
		if utf16.IsSurrogate(r) {
			if i += 2; i == len(data) {
				return nil, broken
			}
			if r = utf16.DecodeRune(r, rune(order.Uint16(data[i:]))); r == utf8.RuneError {
				return nil, broken
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return out, nil
}

// ReadableByAll reports whether everybody may read a file, by its mode; on Windows, where os.Stat does not show
// the access list, that is unknown and false.
func ReadableByAll(path string) bool {
	info, err := os.Stat(path)
	return err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o004 != 0
}
