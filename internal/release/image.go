package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"
)

// The media types of an OCI image: https://github.com/opencontainers/image-spec/blob/v1.1.1/media-types.md
const (
	indexType    = "application/vnd.oci.image.index.v1+json"
	manifestType = "application/vnd.oci.image.manifest.v1+json"
	configType   = "application/vnd.oci.image.config.v1+json"
	layerType    = "application/vnd.oci.image.layer.v1.tar"
)

// nobody is who runs in the container, by number: an image from scratch knows no names, and Kubernetes cannot tell that a
// name is not root's.
const nobody = "65532:65532"

// descriptor points at a blob.
type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int               `json:"size"`
	Platform    *imagePlatform    `json:"platform,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

type imagePlatform struct {
	Architecture string `json:"architecture"`
	OS           string `json:"os"`
}

// layout is an OCI image layout as one tar file, as skopeo, crane, ctr and docker load read it:
// https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
type layout struct {
	blobs []entry
	known map[string]bool
	date  time.Time
}

// blob adds a blob, once.
func (l *layout) blob(mediaType string, data []byte) descriptor {
	sum := fmt.Sprintf("%x", sha256.Sum256(data))
	if !l.known[sum] {
		l.known[sum] = true
		l.blobs = append(l.blobs, entry{name: "blobs/sha256/" + sum, data: data, mode: 0o644})
	}
	return descriptor{MediaType: mediaType, Digest: "sha256:" + sum, Size: len(data)}
}

// json adds a value as a blob.
func (l *layout) json(mediaType string, value any) (descriptor, error) {
	data, err := json.Marshal(value)
	return l.blob(mediaType, data), err
}

// image adds the image of one platform: the program, and the licences of what is in it.
func (l *layout) image(b built) (descriptor, error) {
	layer, err := plainTar([]entry{{name: "certgen", data: b.program, mode: 0o755}, b.notices}, l.date)
	if err != nil {
		return descriptor{}, err
	}
	files := l.blob(layerType, layer)
	config, err := l.json(configType, map[string]any{
		"created": l.date.Format(time.RFC3339), "architecture": b.platform.arch, "os": b.platform.os,
		"config": map[string]any{"User": nobody, "Entrypoint": []string{"/certgen"}, "WorkingDir": "/"},
		"rootfs": map[string]any{"type": "layers", "diff_ids": []string{files.Digest}},
	})
	if err != nil {
		return descriptor{}, err
	}
	manifest, err := l.json(manifestType, map[string]any{
		"schemaVersion": 2, "mediaType": manifestType, "config": config, "layers": []descriptor{files},
	})
	manifest.Platform = &imagePlatform{b.platform.arch, b.platform.os}
	return manifest, err
}

// imageLayout packs the images of Linux's platforms into one layout, under a name with the version.
func imageLayout(programs []built, version string, date time.Time) ([]byte, error) {
	l := &layout{known: map[string]bool{}, date: date}
	var manifests []descriptor
	for _, b := range programs {
		manifest, err := l.image(b)
		if err != nil {
			return nil, err
		}
		manifests = append(manifests, manifest)
	}
	index, err := l.json(indexType, map[string]any{"schemaVersion": 2, "mediaType": indexType, "manifests": manifests})
	if err != nil {
		return nil, err
	}
	index.Annotations = map[string]string{"org.opencontainers.image.ref.name": version, "io.containerd.image.name": "certgen:" + version}
	top, err := json.Marshal(map[string]any{"schemaVersion": 2, "mediaType": indexType, "manifests": []descriptor{index}})
	if err != nil {
		return nil, err
	}
	head := []entry{
		{name: "oci-layout", data: []byte(`{"imageLayoutVersion":"1.0.0"}`), mode: 0o644},
		{name: "index.json", data: top, mode: 0o644},
	}
	return plainTar(append(head, l.blobs...), date)
}

// plainTar packs files in the order given, as root's.
func plainTar(entries []entry, date time.Time) ([]byte, error) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	if err := writeTar(w, entries, date); err != nil {
		return nil, err
	}
	err := w.Close()
	return out.Bytes(), err
}
