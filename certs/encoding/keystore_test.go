package encoding

import (
	"bytes"
	"crypto"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"errors"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pavlo-v-chernykh/keystore-go/v4"
	"software.sslmate.com/src/go-pkcs12"

	"certgen/certs/pki"
	"certgen/internal/pkitest"
)

// pairOfThree is a pair with an intermediate and a root.
func pairOfThree(t testing.TB, key crypto.Signer) *pki.KeyPair {
	t.Helper()
	root := pkitest.Issue(t, "Root", nil, pkitest.ECKey(t), nil)
	middle := pkitest.Issue(t, "Middle", root, pkitest.ECKey(t), nil)
	leaf := pkitest.Issue(t, "leaf.example", middle, key, nil)
	return &pki.KeyPair{Key: key, Leaf: leaf.Cert, Intermediates: []*x509.Certificate{middle.Cert}, Root: root.Cert}
}

// What is written is read by OpenSSL and by Java's keytool, for each kind of key, and read back here.
func TestEncodeKeystores(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts keytool and openssl for every keystore")
	}
	const secret = "changeit"
	dir := t.TempDir()
	for name, key := range pkitest.KeysOfEachKind() {
		pair := pairOfThree(t, key)
		encoders := map[string]func() ([]byte, error){
			"modern": func() ([]byte, error) { return EncodePKCS12(pair, secret, false) },
			"legacy": func() ([]byte, error) { return EncodePKCS12(pair, secret, true) },
			"jks":    func() ([]byte, error) { return EncodeJKS(pair, secret, time.Now()) },
		}
		for form, encode := range encoders {
			t.Run(name+" "+form, func(t *testing.T) {
				t.Parallel()
				data, err := encode()
				if err != nil {
					t.Fatal(err)
				}
				m, err := Read(data, password(secret))
				if err != nil {
					t.Fatal(err)
				}
				wantMaterial(t, m, []crypto.Signer{key}, pair.Leaf, pair.Intermediates[0], pair.Root)
				if _, err := Read(data, password("change it")); !errors.Is(err, ErrPassword) {
					t.Errorf("with a wrong password: %v", err)
				}

				path := filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+"."+form)
				pkitest.Write(t, path, string(data))
				out := pkitest.RunTool(t, "keytool", "-list", "-v", "-keystore", path, "-storepass", secret)
				for _, want := range []string{"PrivateKeyEntry", "Certificate chain length: 3", "CN=leaf.example"} {
					if !bytes.Contains(out, []byte(want)) {
						t.Errorf("keytool does not say %q:\n%s", want, out)
					}
				}
				if form == "jks" {
					return
				}
				out = pkitest.RunTool(t, "openssl", "pkcs12", "-in", path, "-passin", "pass:"+secret, "-nodes")
				m, err = Read(out, nil)
				if err != nil {
					t.Fatal(err)
				}
				wantMaterial(t, m, []crypto.Signer{key}, pair.Leaf, pair.Intermediates[0], pair.Root)
			})
		}
	}
}

// Java opens the key itself, not only the list: it signs with it.
func TestKeytoolOpensJKSKey(t *testing.T) {
	t.Parallel()
	pair := pairOfThree(t, pkitest.KeysOfEachKind()["P-256"])
	for _, secret := range []string{"changeit", "pässwörd"} {
		data, err := EncodeJKS(pair, secret, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "store.jks")
		pkitest.Write(t, path, string(data))
		// The password in a file, in UTF-8: keytool's command line is in the machine's encoding.
		pkitest.Write(t, path+".pw", secret)
		out := pkitest.RunTool(t, "keytool", "-J-Dfile.encoding=UTF-8", "-certreq", "-keystore", path, "-storepass:file", path+".pw", "-alias", javaAlias)
		if !bytes.Contains(out, []byte("BEGIN NEW CERTIFICATE REQUEST")) {
			t.Errorf("password %q: %s", secret, out)
		}
		m, err := Read(data, password(secret))
		if err != nil {
			t.Fatal(err)
		}
		wantMaterial(t, m, []crypto.Signer{pair.Key}, pair.Leaf, pair.Intermediates[0], pair.Root)
	}
}

func TestEncodeRefusesPasswords(t *testing.T) {
	t.Parallel()
	pair := pairOfThree(t, pkitest.ECKey(t))
	for name, tc := range map[string]struct {
		encode func() ([]byte, error)
		want   string
	}{
		"PKCS#12, none":    {func() ([]byte, error) { return EncodePKCS12(pair, "", false) }, "without a password"},
		"PKCS#12, emoji":   {func() ([]byte, error) { return EncodePKCS12(pair, "secret🔑", false) }, "cannot be encoded"},
		"JKS, short":       {func() ([]byte, error) { return EncodeJKS(pair, "12345", time.Now()) }, "5 characters"},
		"JKS, not Latin-1": {func() ([]byte, error) { return EncodeJKS(pair, "пароль", time.Now()) }, "Latin-1"},
	} {
		if _, err := tc.encode(); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
}

// PKCS#12 as OpenSSL writes and wrote it.
func TestReadPKCS12OfOpenSSL(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pair := pairOfThree(t, pkitest.KeysOfEachKind()["RSA 2048"])
	chain := []*x509.Certificate{pair.Leaf, pair.Intermediates[0], pair.Root}
	keys := []crypto.Signer{pair.Key}
	in := filepath.Join(dir, "in.pem")
	pkitest.Write(t, in, pkitest.PEMOf("PRIVATE KEY", pkitest.MarshalPKCS8(t, pair.Key))+string(pki.EncodeCertificates(chain...)))

	for name, tc := range map[string]struct {
		args []string
		pass string
		keys []crypto.Signer
		note string
	}{
		"modern":           {nil, "secret", keys, ""},
		"UTF-8 password":   {nil, "pässwörd", keys, ""},
		"empty password":   {nil, "", keys, ""},
		"friendly name":    {[]string{"-name", "my server", "-caname", "my CA"}, "secret", keys, ""},
		"legacy RC2, 3DES": {[]string{"-legacy"}, "secret", keys, ""},
		"legacy, empty":    {[]string{"-legacy"}, "", keys, ""},
		"3DES":             {[]string{"-descert", "-legacy"}, "secret", keys, ""},
		"RC2-128":          {[]string{"-legacy", "-certpbe", "PBE-SHA1-RC2-128", "-keypbe", "PBE-SHA1-RC2-40"}, "secret", keys, ""},
		"2DES":             {[]string{"-certpbe", "PBE-SHA1-2DES", "-keypbe", "PBE-SHA1-2DES", "-macalg", "sha1"}, "secret", keys, ""},
		"MAC SHA-512":      {[]string{"-macalg", "sha512"}, "secret", keys, ""},
		"MAC SHA-384":      {[]string{"-macalg", "sha384"}, "secret", keys, ""},
		"MAC SHA-224":      {[]string{"-macalg", "sha224"}, "secret", keys, ""},
		"many iterations":  {[]string{"-iter", "600000"}, "secret", keys, ""},
		"one iteration":    {[]string{"-iter", "1", "-nomaciter"}, "secret", keys, ""},
		"no MAC":           {[]string{"-nomac"}, "secret", keys, "no checksum"},
		"open":             {[]string{"-certpbe", "NONE", "-keypbe", "NONE", "-nomac"}, "secret", keys, "no checksum"},
		"certificates":     {[]string{"-nokeys"}, "secret", nil, ""},
		"key alone":        {[]string{"-nocerts"}, "secret", keys, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := filepath.Join(dir, strings.ReplaceAll(name, " ", "-"))
			pkitest.RunTool(t, "openssl", append([]string{"pkcs12", "-export", "-in", in, "-out", out, "-passout", "pass:" + tc.pass}, tc.args...)...)
			data := pkitest.Read(t, out)
			ask := password(tc.pass)
			if name == "open" {
				ask = noPassword(t)
			}
			m, err := Read(data, ask)
			if err != nil {
				t.Fatal(err)
			}
			want := chain
			if name == "key alone" {
				want = nil
			}
			wantMaterial(t, m, tc.keys, want...)
			if notes := strings.Join(m.Notes, "\n"); !strings.Contains(notes, tc.note) || tc.note == "" && notes != "" {
				t.Errorf("notes %q, want %q", notes, tc.note)
			}
			if name == "open" {
				return
			}
			if _, err := Read(data, password("wrong")); !errors.Is(err, ErrPassword) {
				t.Errorf("with a wrong password: %v", err)
			}
			if _, err := Read(data, nil); !errors.Is(err, ErrNoPassword) {
				t.Errorf("without a password: %v", err)
			}
		})
	}
}

// The keystores of Java's keytool: both types, several keys, and trusted certificates alone.
func TestReadKeystoresOfKeytool(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts keytool for every store and key")
	}
	ca := pkitest.Issue(t, "CA", nil, pkitest.ECKey(t), nil)
	for _, kind := range []string{"PKCS12", "JKS"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			caFile := filepath.Join(dir, "ca.pem")
			pkitest.Write(t, caFile, pkitest.PEMOf("CERTIFICATE", ca.Cert.Raw))
			store, trust := filepath.Join(dir, "store"), filepath.Join(dir, "trust")
			options := func(path string) []string {
				return []string{"-keystore", path, "-storetype", kind, "-storepass", "changeit"}
			}
			for alias, algorithm := range map[string]string{"One": "EC", "zwei": "RSA", "drei": "Ed25519"} {
				pkitest.RunTool(t, "keytool", append(options(store), "-genkeypair", "-alias", alias, "-keyalg", algorithm,
					"-dname", "CN="+alias, "-keypass", "changeit")...)
			}
			for _, path := range []string{store, trust} {
				pkitest.RunTool(t, "keytool", append(options(path), "-importcert", "-noprompt", "-alias", "the ca", "-file", caFile)...)
			}

			data := pkitest.Read(t, store)
			m, err := Read(data, password("changeit"))
			if err != nil {
				t.Fatal(err)
			}
			if len(m.Keys) != 3 || len(m.Certificates) != 4 || len(m.Notes) != 0 {
				t.Errorf("%d keys, %d certificates, notes %q", len(m.Keys), len(m.Certificates), m.Notes)
			}
			for _, key := range m.Keys {
				if pki.LeafOf(key, m.Certificates) == nil {
					t.Error("a key without its certificate")
				}
			}
			if _, _, err := m.Pair(nil); err == nil || !strings.Contains(err.Error(), "more than one private key") {
				t.Errorf("which of three keys: %v", err)
			}
			if _, err := Read(data, password("changeme")); !errors.Is(err, ErrPassword) {
				t.Errorf("with a wrong password: %v", err)
			}

			ask := password("changeit")
			if kind == "JKS" {
				ask = noPassword(t) // its certificates are open
			}
			m, err = Read(pkitest.Read(t, trust), ask)
			if err != nil {
				t.Fatal(err)
			}
			wantMaterial(t, m, nil, ca.Cert)
		})
	}
}

// A key with a password of its own is named, with the way out.
func TestJKSKeyWithOtherPassword(t *testing.T) {
	t.Parallel()
	store := keystore.New()
	entry := keystore.PrivateKeyEntry{PrivateKey: pkitest.MarshalPKCS8(t, pkitest.ECKey(t)), CreationTime: time.Now()}
	if err := store.SetPrivateKeyEntry("mine", entry, []byte("of the key")); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := store.Store(&out, []byte("of the store")); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(out.Bytes(), password("of the store")); err == nil || !strings.Contains(err.Error(), `private key "mine"`) {
		t.Errorf("%v", err)
	}
}

// go-pkcs12 writes what OpenSSL 3.0 does not: PBMAC1, and files without any password.
func TestReadPKCS12OfGo(t *testing.T) {
	t.Parallel()
	pair := pairOfThree(t, pkitest.ECKey(t))
	for name, tc := range map[string]struct {
		encoder *pkcs12.Encoder
		secret  string
	}{
		"PBMAC1":       {pkcs12.Modern2026, "pässwörd"},
		"RC2":          {pkcs12.LegacyRC2, "secret"},
		"passwordless": {pkcs12.Passwordless, ""},
	} {
		data, err := tc.encoder.Encode(pair.Key, pair.Leaf, aboveLeaf(pair), tc.secret)
		if err != nil {
			t.Fatal(err)
		}
		m, err := Read(data, password(tc.secret))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		wantMaterial(t, m, []crypto.Signer{pair.Key}, pair.Leaf, pair.Intermediates[0], pair.Root)
	}
}

// A PKCS#12 file may ask for work in four places, one of them hidden behind the password. None gets more
// than the budget.
func TestHostilePKCS12(t *testing.T) {
	t.Parallel()
	const ten, work = 10_000_000, 4000 // less than an input may cost, to be quick
	slow := func(n int) scheme { return pkcs12Scheme(t, 3, n) }
	shrouded := marshal(t, []safeBag{{Type: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 2},
		Value: explicit(marshal(t, encryptedKey{slow(ten), make([]byte, 16)}))}})
	var mac macData
	mac.Digest.Algorithm = pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}}
	mac.Digest.Value, mac.Salt, mac.Iterations = make([]byte, 20), []byte("salt"), ten

	for name, in := range map[string][]byte{
		"MAC":        marshalPFX(t, mac, openPart(t, shrouded)),
		"part":       marshalPFX(t, macData{}, sealedPart(t, slow(ten), make([]byte, 16))),
		"key":        marshalPFX(t, macData{}, openPart(t, shrouded)),
		"hidden key": marshalPFX(t, macData{}, sealedPart(t, slow(1), seal(t, slow(1), "x", shrouded))),
		"all parts":  marshalPFX(t, macData{}, slices.Repeat([]contentInfo{sealedPart(t, slow(work/4), seal(t, slow(work/4), "x", marshal(t, []safeBag{})))}, 5)...),
	} {
		ask := noPassword(t) // nobody types a password in vain, where that can be seen before
		if name == "hidden key" || name == "all parts" {
			ask = password("x")
		}
		_, err := readWithin(in, ask, work)
		if err == nil || !strings.Contains(err.Error(), "iterations of key derivation; one input may cost") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An empty password is written in two ways, and programs differ.
func TestEmptyPKCS12Password(t *testing.T) {
	t.Parallel()
	cert := pkitest.Issue(t, "a.example", nil, pkitest.ECKey(t), nil).Cert
	bags := marshal(t, []safeBag{{Type: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 3},
		Value: explicit(marshal(t, certBag{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 22, 1}, cert.Raw}))}})
	content := marshal(t, []contentInfo{openPart(t, bags)})
	for name, bmp := range map[string][]byte{"nothing": nil, "terminator": {0, 0}} {
		var mac macData
		mac.Digest.Algorithm = pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}}
		mac.Salt, mac.Iterations = []byte("salt"), 1
		sum := hmac.New(sha1.New, pkcs12KDF(sha1.New, purposeMAC, mac.Salt, bmp, 1, sha1.Size))
		sum.Write(content)
		mac.Digest.Value = sum.Sum(nil)
		for _, empty := range [][]byte{nil, {}} {
			m, err := Read(marshal(t, pfx{Version: 3, Safe: openPart(t, content), MAC: mac}), func(string) ([]byte, error) { return empty, nil })
			if err != nil {
				t.Errorf("%s, %#v: %v", name, empty, err)
				continue
			}
			wantMaterial(t, m, nil, cert)
		}
	}
}

// explicit wraps DER in the context-specific tag 0.
func explicit(der []byte) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: der}
}

// A Java keystore claims lengths and numbers; none of them is believed.
func TestHostileJKS(t *testing.T) {
	header := func(numbers ...uint32) []byte {
		b := []byte(JKSMagic)
		for _, n := range numbers {
			b = binary.BigEndian.AppendUint32(b, n)
		}
		return b
	}
	short, err := asn1.Marshal(encryptedKey{Scheme: scheme{Algorithm: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 42, 2, 17, 1, 1}}, Data: make([]byte, 39)})
	if err != nil {
		t.Fatal(err)
	}
	keyEntry := slices.Concat(header(2, 1, 1), []byte{0, 0}, make([]byte, 8))
	body := slices.Concat(keyEntry, binary.BigEndian.AppendUint32(nil, uint32(len(short))), short, make([]byte, 4))
	for name, in := range map[string][]byte{
		"key of 4 GiB":             append(slices.Clone(keyEntry), 0xff, 0xff, 0xff, 0xf0),
		"chain of 4 billion":       slices.Concat(keyEntry, make([]byte, 4), []byte{0xff, 0xff, 0xff, 0xff}),
		"entries":                  header(2, 0xffffffff),
		"version":                  header(9, 0),
		"no checksum":              header(2, 0),
		"entry of an unknown kind": slices.Concat(header(2, 1, 3), make([]byte, 30)),
		"key too short to be one":  withJKSDigest(body, "x"),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Read(in, password("x"))
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Errorf("%s: no error", name)
		}
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 1<<20 {
			t.Errorf("%s: %d bytes allocated", name, grown)
		}
	}
}

// seal encrypts with three-key DES as PKCS#12 does.
func seal(t testing.TB, s scheme, secret string, plain []byte) []byte {
	t.Helper()
	b := budget(maxWork)
	open, err := b.open(s)
	if err != nil {
		t.Fatal(err)
	}
	block, iv, err := open([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	pad := block.BlockSize() - len(plain)%block.BlockSize()
	out := append(slices.Clone(plain), bytes.Repeat([]byte{byte(pad)}, pad)...)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(out, out)
	return out
}

// withJKSDigest completes a Java keystore with its checksum.
func withJKSDigest(body []byte, secret string) []byte {
	sum := sha1.Sum(slices.Concat(javaChars([]byte(secret)), []byte("Mighty Aphrodite"), body))
	return append(slices.Clone(body), sum[:]...)
}
