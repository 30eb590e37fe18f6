package encoding

import (
	"bytes"
	"crypto/x509"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"certgen/certs/pki"
	"certgen/internal/pkitest"
)

// store is a keystore as a Secret has it.
type store interface {
	Encode(pair *pki.KeyPair, root *x509.Certificate, password string) ([]byte, error)
	Holds(data []byte, pair *pki.KeyPair, root *x509.Certificate, password string) bool
}

// TestStoresAreRead: openssl and keytool read every keystore and truststore with its key and certificates.
func TestStoresAreRead(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts keytool and openssl for every keystore")
	}
	const secret = "changeit"
	pair := pairOfThree(t, pkitest.KeysOfEachKind()["RSA 2048"])
	for name, s := range map[string]store{"LegacyRC2": LegacyRC2, "LegacyDES": LegacyDES, "Modern2023": Modern2023, "jks": JavaKeystore{Alias: "Web"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write := func(file string, pair *pki.KeyPair, root *x509.Certificate) string {
				data, err := s.Encode(pair, root, secret)
				if err != nil {
					t.Fatal(err)
				}
				path := filepath.Join(dir, file)
				pkitest.Write(t, path, string(data))
				return path
			}
			keystore, truststore := write("keystore", pair, pair.Root), write("truststore", nil, pair.Root)
			says := func(path string, wants ...string) {
				t.Helper()
				out := pkitest.RunTool(t, "keytool", "-list", "-v", "-keystore", path, "-storepass", secret)
				for _, want := range wants {
					if !bytes.Contains(out, []byte(want)) {
						t.Errorf("keytool does not say %q:\n%s", want, out)
					}
				}
			}
			says(truststore, "trustedCertEntry", "CN=Root", "contains 1 entry")
			if name == "jks" {
				says(keystore, "Alias name: web", "PrivateKeyEntry", "Certificate chain length: 2", "Alias name: ca", "trustedCertEntry")
				return
			}
			says(keystore, "PrivateKeyEntry", "Certificate chain length: 3", "CN=leaf.example")
			args := []string{"pkcs12", "-in", keystore, "-passin", "pass:" + secret, "-nodes"}
			if name == "LegacyRC2" {
				args = append(args, "-legacy")
			}
			m, err := Read(pkitest.RunTool(t, "openssl", args...), nil)
			if err != nil || !m.are(pair, pair.Root) {
				t.Errorf("openssl reads %v, %v", m, err)
			}
		})
	}
}

// TestStoreHolds: what was written is known again, under any spelling of salts, and nothing else is taken for it.
func TestStoreHolds(t *testing.T) {
	t.Parallel()
	pair, other := pairOfThree(t, pkitest.ECKey(t)), pairOfThree(t, pkitest.ECKey(t))
	self := &pki.KeyPair{Key: pair.Key, Leaf: pair.Leaf, Root: pair.Leaf}
	stores := map[string]store{"LegacyRC2": LegacyRC2, "LegacyDES": LegacyDES, "Modern2023": Modern2023, "Modern2026": Modern2026,
		"jks": JavaKeystore{}, "jks web": JavaKeystore{Alias: "Web"}}
	for name, s := range stores {
		for _, secret := range []string{"x", "pässwörd"} {
			for _, p := range []*pki.KeyPair{pair, self, {Key: pair.Key, Leaf: pair.Leaf}, nil} {
				root := pair.Root
				if p != nil {
					root = p.Root
				}
				data, err := s.Encode(p, root, secret)
				if err != nil {
					t.Fatal(name, err)
				}
				if !s.Holds(data, p, root, secret) {
					t.Errorf("%s does not know what it wrote, password %s, pair %v", name, secret, p)
				}
				for otherName, another := range stores {
					if p == nil && strings.HasPrefix(name, "jks") && strings.HasPrefix(otherName, "jks") {
						continue // an alias is the key's
					}
					if name != otherName && another.Holds(data, p, root, secret) {
						t.Errorf("%s takes what %s wrote for its own", otherName, name)
					}
				}
				if s.Holds(data, p, root, secret+"x") || s.Holds(data, p, other.Root, secret) || s.Holds(data, other, root, secret) || s.Holds(nil, p, root, secret) {
					t.Errorf("%s takes another password or pair for its own", name)
				}
				for _, i := range []int{3, len(data) / 3, len(data) / 2} {
					damaged := slices.Clone(data)
					damaged[i] ^= 1
					if s.Holds(damaged, p, root, secret) {
						t.Errorf("%s: byte %d of %d is damaged, and nothing is seen", name, i, len(data))
					}
				}
			}
		}
	}
}

func TestStoresRefuse(t *testing.T) {
	t.Parallel()
	pair := pairOfThree(t, pkitest.ECKey(t))
	for name, tc := range map[string]struct {
		store        store
		secret, want string
	}{
		"JKS, no password":     {JavaKeystore{}, "", "without a password"},
		"JKS, not Latin-1":     {JavaKeystore{}, "пароль", "Latin-1"},
		"JKS, the root's":      {JavaKeystore{Alias: "CA"}, "x", "the root has this alias"},
		"PKCS#12, no password": {LegacyRC2, "", "without a password"},
		"PKCS#12, emoji":       {Modern2023, "secret🔑", "cannot be encoded"},
	} {
		if _, err := tc.store.Encode(pair, pair.Root, tc.secret); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
	if p, err := ParsePKCS12Profile(""); p != LegacyRC2 || err != nil {
		t.Errorf("the default is %v, %v", p, err)
	}
	if _, err := ParsePKCS12Profile("modern"); err == nil {
		t.Error("an unknown profile is read")
	}
}
