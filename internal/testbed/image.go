package testbed

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing/fstest"
)

// image is a container image of one layer, as a registry has it:
// https://github.com/opencontainers/image-spec/blob/main/manifest.md
type image struct{ layer, config, manifest []byte }

// run is what an image says about the process that it is for.
type run struct {
	User       string   `json:",omitempty"`
	Env        []string `json:",omitempty"`
	Entrypoint []string `json:",omitempty"`
	Cmd        []string `json:",omitempty"`
	StopSignal string   `json:",omitempty"`
}

const (
	manifestType = "application/vnd.oci.image.manifest.v1+json"
	configType   = "application/vnd.oci.image.config.v1+json"
	layerType    = "application/vnd.oci.image.layer.v1.tar"
)

func digest(data []byte) string { return fmt.Sprintf("sha256:%x", sha256.Sum256(data)) }

// pack makes an image of a machine's files.
func pack(files fstest.MapFS, run run) (image, error) {
	var layer bytes.Buffer
	w := tar.NewWriter(&layer)
	if err := w.AddFS(files); err != nil {
		return image{}, err
	}
	if err := w.Close(); err != nil {
		return image{}, err
	}
	run.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}
	config, err := json.Marshal(map[string]any{
		"architecture": runtime.GOARCH, "os": "linux", "config": run,
		"rootfs": map[string]any{"type": "layers", "diff_ids": []string{digest(layer.Bytes())}},
	})
	if err != nil {
		return image{}, err
	}
	descriptor := func(kind string, data []byte) map[string]any {
		return map[string]any{"mediaType": kind, "digest": digest(data), "size": len(data)}
	}
	manifest, err := json.Marshal(map[string]any{
		"schemaVersion": 2, "mediaType": manifestType,
		"config": descriptor(configType, config),
		"layers": []any{descriptor(layerType, layer.Bytes())},
	})
	return image{layer.Bytes(), config, manifest}, err
}

// addProgram adds a program of this machine with the libraries that it loads.
func addProgram(files fstest.MapFS, name string) error {
	path, err := exec.LookPath(name)
	if err != nil {
		return err
	}
	libraries, err := exec.Command("ldd", path).Output()
	if err != nil {
		return fmt.Errorf("ldd %s: %w", path, err)
	}
	for _, word := range append(strings.Fields(string(libraries)), path) {
		if !filepath.IsAbs(word) { // "libc.so.6", "=>", "(0x00007f…)"
			continue
		}
		if err := addFile(files, word, word, 0o755); err != nil {
			return err
		}
	}
	return nil
}

// addFile adds a file of this machine, or the one that it is a link to.
func addFile(files fstest.MapFS, name, from string, mode fs.FileMode) error {
	data, err := os.ReadFile(from)
	files[strings.TrimPrefix(name, "/")] = &fstest.MapFile{Data: data, Mode: mode}
	return err
}

// text returns a file that says something.
func text(lines ...string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte(strings.Join(lines, "\n") + "\n"), Mode: 0o644}
}

// folder returns an empty folder that everybody may write to.
func folder() *fstest.MapFile { return &fstest.MapFile{Mode: fs.ModeDir | fs.ModeSticky | 0o777} }

// link returns a symbolic link.
func link(target string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte(target), Mode: fs.ModeSymlink | 0o777}
}
