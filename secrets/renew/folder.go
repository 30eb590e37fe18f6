package renew

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"certgen/certs/pki"
	"certgen/render"
)

// place is a pair in PEM files, or a manifest.
type place struct {
	manifest      string
	cert, key, ca string // of a pair
	left          string // why it is left alone, "" where it is not
}

// pairNames are what tools call a certificate and its key where each pair has a folder of its own.
func pairNames() [][2]string {
	return [][2]string{{"tls.crt", "tls.key"}, {"cert.pem", "privkey.pem"}, {"cert.pem", "key.pem"}}
}

// places finds what paths name: files as they are, and in folders, with all below them, every manifest and pair. Hidden folders
// and files are passed over, as the ones that Kubernetes mounts. What several paths lead to is found once.
func places(paths []string) (found []place, err error) {
	seen := map[place]bool{}
	add := func(p place) {
		if !seen[p] {
			seen[p] = true
			found = append(found, p)
		}
	}
	for _, path := range paths {
		path = filepath.Clean(path)
		info, err := os.Stat(path)
		switch {
		case err != nil:
			return nil, err
		case !info.IsDir() && render.NamesManifest(path):
			add(place{manifest: path})
			continue
		case !info.IsDir():
			p, ok := pairOf(path)
			if !ok {
				return nil, pki.WithHint(fmt.Errorf("%s: no key is beside it", path), "the key of NAME.crt is NAME.key, of tls.crt tls.key, and of cert.pem privkey.pem")
			}
			add(p)
			continue
		}
		err = filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.Name() != filepath.Base(path) && strings.HasPrefix(entry.Name(), "."):
				if entry.IsDir() {
					return filepath.SkipDir
				}
			case entry.IsDir():
			case render.NamesManifest(name):
				add(place{manifest: name})
			default:
				if p, ok := pairOf(name); ok && p.cert == name {
					add(p)
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// pairOf finds the key beside a certificate by the names of both.
func pairOf(cert string) (place, bool) {
	folder, name := filepath.Split(cert)
	exists := func(name string) bool {
		info, err := os.Stat(filepath.Join(folder, name))
		return err == nil && info.Mode().IsRegular()
	}
	names := pairNames()
	if stem, ok := strings.CutSuffix(name, ".crt"); ok && stem != "" {
		names = append(names, [2]string{name, stem + ".key"})
	}
	for _, pair := range names {
		if name != pair[0] || !exists(pair[1]) {
			continue
		}
		p := place{cert: cert, key: filepath.Join(folder, pair[1])}
		if name == "tls.crt" && exists("ca.crt") {
			p.ca = filepath.Join(folder, "ca.crt")
		}
		if exists("fullchain.pem") {
			p.left = "fullchain.pem beside it is certbot's, and would no longer go with it"
		}
		return p, true
	}
	return place{}, false
}
