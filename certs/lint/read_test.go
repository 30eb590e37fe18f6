package lint

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"testing"
	"time"

	"certgen/certs/encoding"
	"certgen/certs/pki"
)

// family is a root, an intermediate CA, and a leaf with its key.
type family struct {
	root, intermediate, leaf *x509.Certificate
	key                      crypto.Signer
}

func newFamily(t *testing.T) family {
	t.Helper()
	type signed struct {
		c   *x509.Certificate
		key *ecdsa.PrivateKey
	}
	issue := func(name string, ca bool, by *signed) signed {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		template := &x509.Certificate{
			SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), BasicConstraintsValid: true, IsCA: ca,
		}
		if ca {
			template.KeyUsage = x509.KeyUsageCertSign
		} else {
			template.DNSNames = []string{name}
		}
		if by == nil {
			by = &signed{template, key}
		}
		der, err := x509.CreateCertificate(rand.Reader, template, by.c, key.Public(), by.key)
		if err != nil {
			t.Fatal(err)
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return signed{c, key}
	}
	root := issue("root", true, nil)
	intermediate := issue("intermediate", true, &root)
	leaf := issue("leaf.example", false, &intermediate)
	return family{root.c, intermediate.c, leaf.c, leaf.key}
}

func der(all ...*x509.Certificate) (out []byte) {
	for _, c := range all {
		out = append(out, c.Raw...)
	}
	return out
}

// TestReadTargets: a PEM file stays as it is, and everything else is put in order.
func TestReadTargets(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	key, err := pki.EncodeKey(f.key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(f.key)
	if err != nil {
		t.Fatal(err)
	}
	//nolint:staticcheck // people still have such keys
	locked, err := x509.EncryptPEMBlock(rand.Reader, "EC PRIVATE KEY", pkcs8, []byte("secret"), x509.PEMCipherAES128)
	if err != nil {
		t.Fatal(err)
	}
	encrypted := append(pki.EncodeCertificates(f.leaf), pem.EncodeToMemory(locked)...)
	ask := func(string) ([]byte, error) { return []byte("secret"), nil }
	tests := map[string]struct {
		in       []byte
		password encoding.Password
		leaf     *x509.Certificate
		chain    int
		ca, key  bool
		finding  string
	}{
		"PEM in disorder":      {pki.EncodeCertificates(f.intermediate, f.leaf), nil, f.intermediate, 2, false, false, ""},
		"PEM with its key":     {append(pki.EncodeCertificates(f.intermediate, f.leaf), key...), nil, f.leaf, 2, false, true, ""},
		"DER in disorder":      {der(f.root, f.intermediate, f.leaf), nil, f.leaf, 2, true, false, ""},
		"DER of a root":        {der(f.root), nil, f.root, 1, false, false, ""},
		"DER of roots and CAs": {der(f.root, f.intermediate), nil, f.root, 2, false, false, ""},
		"DER with its key":     {append(der(f.root, f.leaf, f.intermediate), pkcs8...), nil, f.leaf, 2, true, true, ""},
		"locked":               {encrypted, nil, f.leaf, 1, false, false, "key-encrypted"},
		"unlocked":             {encrypted, ask, f.leaf, 1, false, true, "key-encrypted"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := ReadTargets(test.in, test.password)
			if err != nil || len(r.Targets) != 1 {
				t.Fatalf("%d targets, %v", len(r.Targets), err)
			}
			e := r.Targets[0]
			if !e.Leaf().Equal(test.leaf) || len(e.Chain) != test.chain || (len(e.CA) > 0) != test.ca || e.KeyMatches() != test.key {
				t.Errorf("leaf %s in a chain of %d, with a root: %t, with its key: %t", e.Leaf().Subject, len(e.Chain), len(e.CA) > 0, e.KeyMatches())
			}
			if finding := len(r.Findings) > 0; finding != (test.finding != "") || finding && r.Findings[0].Rule.ID != test.finding {
				t.Errorf("findings %v, want %q", r.Findings, test.finding)
			}
		})
	}
	if _, err := ReadTargets(pem.EncodeToMemory(locked), nil); err != encoding.ErrNoPassword {
		t.Errorf("a locked key alone: %v", err)
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	end := f.leaf.NotAfter
	for now, want := range map[time.Time]int{end.Add(-25 * time.Hour): 1, end.Add(-time.Hour): 0, end: 0, end.Add(time.Second): -1, end.Add(25 * time.Hour): -2} {
		if got := pki.Describe(f.leaf, now).DaysLeft; got != want {
			t.Errorf("%s before its end %d days are left, want %d", end.Sub(now), got, want)
		}
	}
	e := Target{Chain: []*x509.Certificate{f.leaf, f.root, newFamily(t).root, f.intermediate}}
	if path, others := e.Path(); len(path) != 3 || len(others) != 1 || !path[2].Equal(f.root) {
		t.Errorf("a path of %d, and %d others", len(path), len(others))
	}
}
