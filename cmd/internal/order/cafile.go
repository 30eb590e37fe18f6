package order

import (
	"bytes"
	"fmt"

	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
	"certgen/render"
	"certgen/render/file"
	"certgen/secrets"
)

// read returns the CA's certificate, with those above it, and its key: from --ca-cert and --ca-key, or both from
// --ca-cert, which is PEM or the manifest of a Secret.
func (f *caFlags) read() (cert, key []byte, err error) {
	data, err := file.ReadFile(f.cert)
	if err != nil {
		return nil, nil, fmt.Errorf("--ca-cert: %w", err)
	}
	cert, key = data, data
	if render.IsManifest(data) {
		pair, err := pairIn(data)
		if err != nil {
			return nil, nil, fmt.Errorf("--ca-cert %s: %w", f.cert, err)
		}
		cert, key = above(pair), pair.Key
	}
	if f.key != "" {
		if key, err = cli.ReadBounded(f.key); err != nil {
			return nil, nil, fmt.Errorf("--ca-key: %w", err)
		}
		return cert, key, nil
	}
	if !bytes.Contains(pki.AsText(key), []byte(pki.PEMPrivateKey+"-----")) {
		return nil, nil, cli.WithHint(cli.Usagef("--ca-cert and --ca-key go together"), "%s holds no private key", file.QuotePath(f.cert))
	}
	return cert, key, nil
}

// words name the files for an error.
func (f *caFlags) words() string {
	if f.key == "" {
		return "--ca-cert " + f.cert
	}
	return "--ca-cert " + f.cert + " --ca-key " + f.key
}

// above is a CA's certificate with those above it, as a Secret holds them.
func above(pair pki.PEM) []byte { return bytes.Join([][]byte{pair.Cert, pair.CA}, []byte("\n")) }

// pairIn returns the pair of the one Secret in a manifest.
func pairIn(manifest []byte) (pki.PEM, error) {
	secret, err := secrets.InManifest(manifest)
	if err != nil {
		return pki.PEM{}, err
	}
	return secrets.PEMOf(secret), nil
}
