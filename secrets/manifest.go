package secrets

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"certgen/certs/pki"
	"certgen/render"
)

// InManifest returns the one Secret in a manifest.
func InManifest(manifest []byte) (*corev1.Secret, error) {
	objects, err := render.Decode(manifest)
	if err != nil {
		return nil, err
	}
	var found []*corev1.Secret
	for _, obj := range objects {
		if secret, ok := obj.(*corev1.Secret); ok {
			found = append(found, secret)
		}
	}
	if len(found) != 1 {
		return nil, pki.WithHint(fmt.Errorf("the manifest holds %d Secrets, not one", len(found)), "the CA's own is wanted, with tls.crt, tls.key and any ca.crt")
	}
	return found[0], nil
}

// Roots returns what of an input clients are to trust: of the manifest of a Secret its ca.crt, or without one its tls.crt. What is
// no manifest it returns as it is.
func Roots(data []byte) ([]byte, error) {
	if !render.IsManifest(data) {
		return data, nil
	}
	secret, err := InManifest(data)
	if err != nil {
		return nil, err
	}
	pair := PEMOf(secret)
	if len(pair.CA) > 0 {
		return pair.CA, nil
	}
	if len(pair.Cert) == 0 {
		return nil, fmt.Errorf("the Secret %s has neither ca.crt nor tls.crt", secret.Name)
	}
	return pair.Cert, nil
}
