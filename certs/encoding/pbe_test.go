package encoding

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/youmark/pkcs8"

	"certgen/internal/pkitest"
)

// Keys that OpenSSL encrypts are read, whichever way it did; another password is said to be one.
func TestReadEncryptedKeysOfOpenSSL(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, tc := range map[string]struct {
		args []string
		note string
	}{
		"default":       {[]string{"pkcs8", "-topk8"}, ""},
		"DER":           {[]string{"pkcs8", "-topk8", "-outform", "DER"}, ""},
		"AES-128":       {[]string{"pkcs8", "-topk8", "-v2", "aes-128-cbc"}, ""},
		"AES-192":       {[]string{"pkcs8", "-topk8", "-v2", "aes-192-cbc"}, ""},
		"3DES":          {[]string{"pkcs8", "-topk8", "-v2", "des3"}, ""},
		"SHA-1":         {[]string{"pkcs8", "-topk8", "-v2prf", "hmacWithSHA1"}, ""},
		"SHA-224":       {[]string{"pkcs8", "-topk8", "-v2prf", "hmacWithSHA224"}, ""},
		"SHA-384":       {[]string{"pkcs8", "-topk8", "-v2prf", "hmacWithSHA384"}, ""},
		"SHA-512":       {[]string{"pkcs8", "-topk8", "-v2prf", "hmacWithSHA512"}, ""},
		"OWASP":         {[]string{"pkcs8", "-topk8", "-iter", "600000"}, ""},
		"scrypt":        {[]string{"pkcs8", "-topk8", "-scrypt"}, ""},
		"PKCS#12 3DES":  {[]string{"pkcs8", "-topk8", "-v1", "PBE-SHA1-3DES"}, ""},
		"PKCS#12 2DES":  {[]string{"pkcs8", "-topk8", "-v1", "PBE-SHA1-2DES"}, ""},
		"PKCS#12 RC2":   {[]string{"pkcs8", "-topk8", "-v1", "PBE-SHA1-RC2-128", "-provider", "legacy", "-provider", "default"}, ""},
		"PKCS#12 RC2-4": {[]string{"pkcs8", "-topk8", "-v1", "PBE-SHA1-RC2-40", "-provider", "legacy", "-provider", "default"}, ""},
		"old PEM":       {[]string{"ec", "-aes256"}, "PEM's old encryption"},
		"old PEM, 3DES": {[]string{"ec", "-des3"}, "PEM's old encryption"},
		"old PEM, RSA":  {[]string{"rsa", "-traditional", "-aes128"}, "PEM's old encryption"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key := pkitest.KeysOfEachKind()["P-384"]
			if tc.args[0] == "rsa" {
				key = pkitest.KeysOfEachKind()["RSA 2048"]
			}
			base := filepath.Join(dir, strings.ReplaceAll(name, " ", "-"))
			pkitest.Write(t, base+".in", pkitest.PEMOf("PRIVATE KEY", pkitest.MarshalPKCS8(t, key)))
			passout := "-passout"
			pkitest.RunTool(t, "openssl", append(tc.args, "-in", base+".in", "-out", base+".out", passout, "pass:pässword")...)
			data := pkitest.Read(t, base+".out")

			m, err := Read(data, password("pässword"))
			if err != nil {
				t.Fatal(err)
			}
			wantMaterial(t, m, []crypto.Signer{key})
			if notes := strings.Join(m.Notes, "\n"); !strings.Contains(notes, tc.note) || tc.note == "" && notes != "" {
				t.Errorf("notes %q, want %q", notes, tc.note)
			}
			for _, wrong := range []string{"", "password"} {
				if _, err := Read(data, password(wrong)); !errors.Is(err, ErrPassword) {
					t.Errorf("with the password %q: %v", wrong, err)
				}
			}
			if _, err := Read(data, nil); !errors.Is(err, ErrNoPassword) {
				t.Errorf("without a password: %v", err)
			}
		})
	}
}

// A key of another writer is read as well: this library leaves the PRF out where OpenSSL names it.
func TestReadEncryptedKeysOfGo(t *testing.T) {
	t.Parallel()
	for name, key := range pkitest.KeysOfEachKind() {
		for kdf, opts := range map[string]pkcs8.KDFOpts{
			"PBKDF2": pkcs8.PBKDF2Opts{SaltSize: 8, IterationCount: 1000, HMACHash: crypto.SHA1},
			"scrypt": pkcs8.ScryptOpts{SaltSize: 8, CostParameter: 1024, BlockSize: 8, ParallelizationParameter: 2},
			"most":   pkcs8.ScryptOpts{SaltSize: 8, CostParameter: 1 << 17, BlockSize: 8, ParallelizationParameter: 1},
		} {
			if kdf == "most" && name != "P-256" {
				continue // half a second each
			}
			der, err := pkcs8.MarshalPrivateKey(key, []byte("secret"), &pkcs8.Opts{Cipher: pkcs8.AES192CBC, KDFOpts: opts})
			if err != nil {
				t.Fatal(err)
			}
			m, err := Read([]byte(pkitest.PEMOf("ENCRYPTED PRIVATE KEY", der)), password("secret"))
			if err != nil {
				t.Errorf("%s, %s: %v", name, kdf, err)
				continue
			}
			wantMaterial(t, m, []crypto.Signer{key})
		}
	}
}

// A wrong password is a wrong password 256 times of 256, though the padding alone lets one through.
func TestWrongPasswordAlways(t *testing.T) {
	t.Parallel()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := pkcs8.MarshalPrivateKey(key, []byte("right"), &pkcs8.Opts{Cipher: pkcs8.AES128CBC,
		KDFOpts: pkcs8.PBKDF2Opts{SaltSize: 8, IterationCount: 1, HMACHash: crypto.SHA256}})
	if err != nil {
		t.Fatal(err)
	}
	old, err := x509.EncryptPEMBlock(rand.Reader, "PRIVATE KEY", pkitest.MarshalPKCS8(t, key), []byte("right"), x509.PEMCipherAES128) //nolint:staticcheck // read here
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2000 {
		wrong := string([]byte{byte(1 + i%200), byte(1 + i/200)})
		if _, err := Read(der, password(wrong)); !errors.Is(err, ErrPassword) {
			t.Fatalf("PBES2, password %q: %v", wrong, err)
		}
		if _, err := Read(pem.EncodeToMemory(old), password(wrong)); !errors.Is(err, ErrPassword) {
			t.Fatalf("old PEM, password %q: %v", wrong, err)
		}
	}
}

// encrypted builds a PKCS#8 key whose PBES2 parameters are hostile.
func encrypted(t testing.TB, kdf, cipher pkix.AlgorithmIdentifier, data []byte) []byte {
	t.Helper()
	return marshal(t, encryptedKey{
		Scheme: scheme{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13},
			Parameters: asn1.RawValue{FullBytes: marshal(t, pbes2Params{kdf, cipher})}},
		Data: data,
	})
}

func marshal(t testing.TB, v any) []byte {
	t.Helper()
	der, err := asn1.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// Work that nobody would ask for is refused before it is done, and before a password is asked for.
// Parameters that make other readers panic are errors.
func TestHostileEncryption(t *testing.T) {
	t.Parallel()
	algorithm := func(oid asn1.ObjectIdentifier, params any) pkix.AlgorithmIdentifier {
		return pkix.AlgorithmIdentifier{Algorithm: oid, Parameters: asn1.RawValue{FullBytes: marshal(t, params)}}
	}
	pbkdf2 := func(p pbkdf2Params) pkix.AlgorithmIdentifier {
		p.Salt = []byte("salt")
		p.PRF = pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}}
		return algorithm(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}, p)
	}
	scrypt := func(n, r, p int) pkix.AlgorithmIdentifier {
		return algorithm(asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11591, 4, 11}, scryptParams{Salt: []byte("salt"), N: n, R: r, P: p})
	}
	aes := func(iv int) pkix.AlgorithmIdentifier {
		return algorithm(asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 2}, make([]byte, iv))
	}
	block := make([]byte, 16)
	const most = 1<<31 - 1
	for name, tc := range map[string]struct {
		in   []byte
		want string
	}{
		"ten million":     {encrypted(t, pbkdf2(pbkdf2Params{Iterations: 10_000_000}), aes(16), block), "asks for 10000000 iterations of key derivation; one input may cost 5000000"},
		"most":            {encrypted(t, pbkdf2(pbkdf2Params{Iterations: most}), aes(16), block), "asks for 2147483647 iterations"},
		"none":            {encrypted(t, pbkdf2(pbkdf2Params{Iterations: 0}), aes(16), block), "damaged"},
		"negative":        {encrypted(t, pbkdf2(pbkdf2Params{Iterations: -5}), aes(16), block), "damaged"},
		"key length":      {encrypted(t, pbkdf2(pbkdf2Params{Iterations: 1, KeyLength: 1 << 30}), aes(16), block), "damaged"},
		"scrypt N":        {encrypted(t, scrypt(1<<30, 8, 1), aes(16), block), "scrypt with N=1073741824"},
		"scrypt r":        {encrypted(t, scrypt(2, most, 1), aes(16), block), "scrypt with N=2, r=2147483647"},
		"scrypt p":        {encrypted(t, scrypt(2, 1, most), aes(16), block), "p=2147483647"},
		"scrypt zero":     {encrypted(t, scrypt(0, 0, 0), aes(16), block), "damaged"},
		"scrypt not 2^n":  {encrypted(t, scrypt(3, 1, 1), aes(16), block), "damaged"},
		"IV too short":    {encrypted(t, pbkdf2(pbkdf2Params{Iterations: 1}), aes(3), block), "damaged"},
		"part of a block": {encrypted(t, pbkdf2(pbkdf2Params{Iterations: 1}), aes(16), make([]byte, 17)), "damaged"},
		"no data":         {encrypted(t, pbkdf2(pbkdf2Params{Iterations: 1}), aes(16), nil), "damaged"},
		"unknown cipher":  {encrypted(t, pbkdf2(pbkdf2Params{Iterations: 1}), algorithm(asn1.ObjectIdentifier{1, 2, 3}, block), block), "OID 1.2.3"},
		"unknown KDF":     {encrypted(t, algorithm(asn1.ObjectIdentifier{1, 2, 4}, block), aes(16), block), "OID 1.2.4"},
	} {
		ask := password("x")
		if strings.Contains(tc.want, "asks for") || strings.Contains(tc.want, "scrypt with") {
			ask = noPassword(t)
		}
		_, err := Read(tc.in, ask)
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
}

// A key length that is given, as BouncyCastle does, is read and does not hide the PRF behind it.
func TestKeyLengthGiven(t *testing.T) {
	t.Parallel()
	key := pkitest.ECKey(t)
	kdf := func(length int) pkix.AlgorithmIdentifier {
		return pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12},
			Parameters: asn1.RawValue{FullBytes: marshal(t, pbkdf2Params{Salt: []byte("salt"), Iterations: 10, KeyLength: length,
				PRF: pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}}})}}
	}
	der, err := pkcs8.MarshalPrivateKey(key, []byte("secret"), &pkcs8.Opts{Cipher: pkcs8.AES128CBC,
		KDFOpts: fixedSalt{pkcs8.PBKDF2Opts{SaltSize: 4, IterationCount: 10, HMACHash: crypto.SHA256}}})
	if err != nil {
		t.Fatal(err)
	}
	var k encryptedKey
	var params pbes2Params
	if err := errors.Join(unmarshal(der, &k), unmarshal(k.Scheme.Parameters.FullBytes, &params)); err != nil {
		t.Fatal(err)
	}
	m, err := Read(encrypted(t, kdf(16), params.Cipher, k.Data), password("secret"))
	if err != nil {
		t.Fatal(err)
	}
	wantMaterial(t, m, []crypto.Signer{key})
}

// fixedSalt derives with the salt "salt".
type fixedSalt struct{ pkcs8.PBKDF2Opts }

func (f fixedSalt) DeriveKey(password, _ []byte, size int) ([]byte, pkcs8.KDFParameters, error) {
	return f.PBKDF2Opts.DeriveKey(password, []byte("salt"), size)
}

// The vectors of RFC 2268, section 5, with keys all of whose bits are effective.
func TestRC2(t *testing.T) {
	t.Parallel()
	for _, tc := range [][3]string{ // key, plain text, cipher text
		{"ffffffffffffffff", "ffffffffffffffff", "278b27e42e2f0d49"},
		{"3000000000000000", "1000000000000001", "30649edf9be7d2c2"},
		{"88bca90e90875a7f0f79c384627bafb2", "0000000000000000", "2269552ab0f85ca6"},
	} {
		var b [3][]byte
		for i, s := range tc {
			b[i], _ = hex.DecodeString(s)
		}
		c, err := newRC2(b[0])
		if err != nil {
			t.Fatal(err)
		}
		got := make([]byte, 8)
		c.Decrypt(got, b[2])
		if !bytes.Equal(got, b[1]) {
			t.Errorf("key %s: %x, want %s", tc[0], got, tc[1])
		}
	}
}

// What the whole budget of an input costs at most, beside one iteration of OpenSSL's default.
func BenchmarkBudget(b *testing.B) {
	for b.Loop() {
		pkcs12KDF(sha256.New, purposeMAC, []byte("saltsalt"), bmpString([]byte("password")), maxWork, 32)
	}
}
