package encoding

import (
	"crypto"
	"encoding/base64"
	"testing"
	"time"

	"github.com/youmark/pkcs8"
	"software.sslmate.com/src/go-pkcs12"

	"certgen/certs/pki"
	"certgen/internal/pkitest"
)

// smallInputs is one short input of each form.
func smallInputs(t testing.TB) map[string][]byte {
	t.Helper()
	must := func(data []byte, err error) []byte {
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	s := pkitest.Issue(t, "a.example", nil, pkitest.KeysOfEachKind()["Ed25519"], nil)
	pair := &pki.KeyPair{Key: s.Key, Leaf: s.Cert, Root: s.Cert}
	text := []byte(pkitest.PEMOf("CERTIFICATE", s.Cert.Raw) + pkitest.PEMOf("PRIVATE KEY", pkitest.MarshalPKCS8(t, s.Key)))
	one := func(e *pkcs12.Encoder) []byte {
		return must(e.WithIterations(1).Encode(pair.Key, pair.Leaf, nil, "secret"))
	}
	return map[string][]byte{
		"PEM":          text,
		"base64":       []byte(base64.StdEncoding.EncodeToString(text)),
		"certificate":  s.Cert.Raw,
		"key":          pkitest.MarshalPKCS8(t, s.Key),
		"PKCS#7":       degenerate(t, s.Cert.Raw),
		"PKCS#12":      one(pkcs12.Modern2023),
		"PBMAC1":       one(pkcs12.Modern2026),
		"legacy":       one(pkcs12.LegacyRC2),
		"passwordless": must(pkcs12.Passwordless.Encode(pair.Key, pair.Leaf, nil, "")),
		"JKS":          must(EncodeJKS(pair, "secret", time.Now())),
		"encrypted key": must(pkcs8.MarshalPrivateKey(s.Key, []byte("secret"), &pkcs8.Opts{Cipher: pkcs8.AES128CBC,
			KDFOpts: pkcs8.PBKDF2Opts{SaltSize: 8, IterationCount: 1, HMACHash: crypto.SHA256}})),
	}
}

// Whatever is cut off, and wherever, is an error or less than the whole; never a panic, never a wait.
func TestReadTruncated(t *testing.T) {
	t.Parallel()
	for name, in := range smallInputs(t) {
		whole, err := Read(in, password("secret"))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for n := range in {
			m, err := Read(in[:n], password("secret"))
			if err == nil && n < len(in)-4 && len(m.Certificates)+len(m.Keys) == len(whole.Certificates)+len(whole.Keys) {
				t.Errorf("%s, %d of %d bytes: read as a whole", name, n, len(in))
			}
		}
	}
}

// FuzzRead feeds the reader anything. It returns something usable or an error, in bounded time.
func FuzzRead(f *testing.F) {
	for _, in := range smallInputs(f) {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		start := time.Now()
		m, err := readWithin(in, password("secret"), 10_000) // little work, for many tries
		if d := time.Since(start); d > 10*time.Second {
			t.Errorf("took %v", d)
		}
		if (m == nil) == (err == nil) {
			t.Fatalf("material %v, error %v", m, err)
		}
		if err != nil {
			if len(err.Error()) > 1000 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
			return
		}
		pair, _, err := m.Pair(nil)
		if err != nil {
			return
		}
		if !pki.Certifies(pair.Leaf, pair.Key) {
			t.Error("a pair that does not match")
		}
		below := pair.Leaf
		for _, c := range aboveLeaf(pair) {
			if !pki.Signs(c, below) {
				t.Error("a chain with a gap")
			}
			below = c
		}
	})
}
