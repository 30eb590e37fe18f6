package source

import (
	"bytes"
	"crypto"
	"os"
	"slices"

	"certgen/certs/pki"
)

// maxPaired bounds what is read of a file to find its other half: a chain or a key has a few KiB.
const maxPaired = 64 << 10

// pairByKey puts together what names do not: among files that were named, a certificate and the private key that it
// certifies, where each has a file of its own, in plain PEM.
func pairByKey(files []input) []input {
	keys := map[string]crypto.Signer{}
	for _, f := range files {
		if text := f.alone(); bytes.Contains(text, []byte(pki.PEMPrivateKey)) && !bytes.Contains(text, []byte(pemCertificate)) {
			if key, err := pki.ParseKey(text); err == nil {
				keys[f.path] = key
			}
		}
	}
	if len(keys) == 0 {
		return files
	}
	taken := map[string]bool{}
	for i, f := range files {
		text := f.alone()
		if bytes.Contains(text, []byte(pki.PEMPrivateKey)) {
			continue
		}
		chain, err := pki.ParseCertificates(text)
		if err != nil {
			continue
		}
		for path, key := range keys {
			if !taken[path] && pki.Certifies(chain[0], key) {
				files[i].key, taken[path] = path, true
				break
			}
		}
	}
	return slices.DeleteFunc(files, func(f input) bool { return taken[f.path] })
}

const pemCertificate = pki.PEMBegin + "CERTIFICATE-----"

// alone is what stands in a small regular file that nothing has been found to belong to; nil of all others.
func (f input) alone() []byte {
	info, err := os.Stat(f.path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxPaired || f.key != "" {
		return nil
	}
	text, _ := os.ReadFile(f.path) // what cannot be read is reported where it is opened
	return text
}
