package testbed

import (
	"bytes"
	"net/http"
	"strings"
	"time"
)

// registry returns a server that images are pulled from, given by their names without a registry's host:
// "library/nginx:latest". It knows as much of the protocol as that takes:
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
func registry(images map[string]image) http.Handler {
	content := map[string][]byte{} // by digest, or name and tag
	manifests := map[string]bool{} // by digest
	for name, image := range images {
		content[name] = image.manifest
		manifests[digest(image.manifest)] = true
		for _, data := range [][]byte{image.manifest, image.config, image.layer} {
			content[digest(data)] = data
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// /v2/NAME/manifests/TAG, /v2/NAME/manifests/DIGEST or /v2/NAME/blobs/DIGEST
		name, reference, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v2/"), "/manifests/")
		if _, blob, is := strings.Cut(name, "/blobs/"); is {
			reference = blob
		}
		data, found := content[reference]
		if !found {
			data, found = content[name+":"+reference]
		}
		if !found {
			http.NotFound(w, r)
			return
		}
		if manifests[digest(data)] {
			w.Header().Set("Content-Type", manifestType)
		} else {
			w.Header().Set("Content-Type", "application/octet-stream")
		}
		w.Header().Set("Docker-Content-Digest", digest(data))
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	})
}
