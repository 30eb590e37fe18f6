package manifest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"certgen/cmd/internal/cli"
	"certgen/render"
	"certgen/secrets/certmanager"
	"certgen/secrets/cfssl"
)

// Sources finds the files that the flags name. Call close when the sources are no longer needed.
func (f *Flags) Sources(ctx context.Context, in io.Reader) (sources []certmanager.Source, closing func(), err error) {
	closing = func() {}
	var problems []error
	for _, name := range f.files {
		if name == "-" {
			stdin, remove, err := spool(ctx, in)
			if err != nil {
				return nil, closing, err
			}
			sources, closing = append(sources, stdin), remove
			continue
		}
		paths, err := f.expand(name)
		if err != nil {
			problems = append(problems, err)
		}
		for _, path := range paths {
			sources = append(sources, file(path))
		}
	}
	if len(problems) == 0 && len(sources) == 0 {
		problems = append(problems, cli.WithHint(fmt.Errorf("-f %s: no %s file in it", strings.Join(f.files, ","), strings.Join(render.Extensions(), ", ")), "-R reads the folders in it, too"))
	}
	return sources, closing, errors.Join(problems...)
}

// expand finds the files behind one name: a file, a folder, or a pattern, which cmd.exe and PowerShell leave to the program.
func (f *Flags) expand(name string) ([]string, error) {
	if strings.Contains(name, "://") {
		return nil, cli.WithHint(cli.Usagef("-f %s: certgen fetches nothing", name), "curl -fsS %s | certgen create -f -", name)
	}
	info, err := os.Stat(name)
	if err != nil { // on Windows, a pattern is not even a name
		if matches, _ := filepath.Glob(name); len(matches) > 0 {
			return matches, nil
		}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("-f %s: there is no such file or folder", name)
	case err != nil:
		return nil, fmt.Errorf("-f %w", err)
	case info.IsDir():
		return f.folder(name)
	}
	if data, err := cli.ReadBounded(name); err == nil && cfssl.IsRequest(data) {
		return nil, cli.WithHint(cli.Usagef("-f %s: this is a csr.json of cfssl, for which the NAME of the Secret is missing", name), "certgen create NAME -f %s", name)
	}
	return []string{name}, nil
}

// folder finds the manifests in a folder, in the order of their names.
func (f *Flags) folder(root string) (paths []string, err error) {
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("-f %w", err)
		case entry.IsDir() && path != root && !f.recursive:
			return filepath.SkipDir
		case render.NamesManifest(path):
			// A ConfigMap that is mounted into a pod is links.
			if info, err := os.Stat(path); err != nil || info.Mode().IsRegular() {
				paths = append(paths, path) // one that cannot be read says so when it is
			}
		}
		return nil
	})
	return paths, err
}

// file is a source that notices when the file changes while it is read, or between two readings.
func file(path string) certmanager.Source {
	var first fs.FileInfo
	return certmanager.Source{Name: path, Open: func() (io.ReadCloser, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, reason(err)
		}
		info, err := f.Stat()
		if err == nil && !info.Mode().IsRegular() {
			err = errors.New("is not a regular file")
		}
		if err == nil && first != nil {
			err = unchanged(first, info)
		}
		if err != nil {
			f.Close()
			return nil, err
		}
		first = info
		return watched{f, info}, nil
	}}
}

// watched is a file whose end says whether it has changed since it was opened.
type watched struct {
	*os.File
	first fs.FileInfo
}

func (w watched) Read(p []byte) (int, error) {
	n, err := w.File.Read(p)
	if !errors.Is(err, io.EOF) {
		return n, err
	}
	if info, failed := w.File.Stat(); failed == nil {
		if changed := unchanged(w.first, info); changed != nil {
			return n, changed
		}
	}
	return n, err
}

// unchanged is an error where a file is not what it was.
func unchanged(first, now fs.FileInfo) error {
	if os.SameFile(first, now) && now.Size() == first.Size() && now.ModTime().Equal(first.ModTime()) {
		return nil
	}
	return cli.WithHint(errors.New("was changed while it was read"), "run the command again")
}

// reason is an error without the path, which is said before it.
func reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// inMemory is how much of standard input is kept in memory; more goes to a file of its own, because it is read more than once.
// That of ten thousand Certificates stays in memory.
const inMemory = 4 << 20

// spool keeps standard input, so that it can be read again.
func spool(ctx context.Context, in io.Reader) (certmanager.Source, func(), error) {
	type kept struct {
		source certmanager.Source
		remove func()
		err    error
	}
	done := make(chan kept, 1)
	go func() { // nothing can stop who reads from a pipe that stays silent
		source, remove, err := keep(in)
		done <- kept{source, remove, err}
	}()
	select {
	case k := <-done:
		return k.source, k.remove, k.err
	case <-ctx.Done():
		return certmanager.Source{}, func() {}, ctx.Err()
	}
}

const stdin = "standard input"

func keep(in io.Reader) (certmanager.Source, func(), error) {
	start, err := io.ReadAll(io.LimitReader(in, inMemory))
	if err != nil {
		return certmanager.Source{}, func() {}, fmt.Errorf("read %s: %w", stdin, err)
	}
	if len(start) < inMemory {
		return certmanager.Source{Name: stdin, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(start)), nil }}, func() {}, nil
	}
	f, err := os.CreateTemp("", "certgen-*") // for its owner only
	if err != nil {
		return certmanager.Source{}, func() {}, fmt.Errorf("keep %s: %w", stdin, err)
	}
	remove := func() {
		f.Close()
		os.Remove(f.Name())
	}
	size := int64(len(start))
	if _, err = f.Write(start); err == nil {
		var more int64
		more, err = io.Copy(f, in)
		size += more
	}
	if err != nil {
		remove()
		return certmanager.Source{}, func() {}, fmt.Errorf("keep %s: %w", stdin, err)
	}
	return certmanager.Source{Name: stdin, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(io.NewSectionReader(f, 0, size)), nil
	}}, remove, nil
}
