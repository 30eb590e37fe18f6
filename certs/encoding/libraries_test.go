package encoding

import (
	"bytes"
	"encoding/asn1"
	"encoding/pem"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cloudflare/cfssl/crypto/pkcs7"
	"github.com/pavlo-v-chernykh/keystore-go/v4"
	"github.com/youmark/pkcs8"
	"software.sslmate.com/src/go-pkcs12"

	"certgen/certs/pki"
	"certgen/internal/pkitest"
)

// Well-kept libraries read these forms as well. The tests of this file hold the inputs that keep each of
// them from doing it here: honest ones that it does not read, and hostile ones that nothing in front of it
// can bound. One that fails after an update says what need not be read by hand any longer.

// readByHandOnly asserts that certgen reads an input which a library does not.
func readByHandOnly(t *testing.T, in []byte, secret string, library func() error) {
	t.Helper()
	if _, err := Read(in, password(secret)); err != nil {
		t.Errorf("certgen: %v", err)
	}
	defer func() {
		if p := recover(); p != nil {
			t.Logf("the library panics: %v", p)
		}
	}()
	err := library()
	if err == nil {
		t.Error("the library reads it by now")
	}
	t.Logf("the library: %v", err)
}

// decodePKCS12 is what go-pkcs12 makes of a file, whichever of its functions is asked.
func decodePKCS12(in []byte, secret string) error {
	_, _, _, err := pkcs12.DecodeChain(in, secret)
	if err != nil {
		_, err = pkcs12.DecodeTrustStore(in, secret)
	}
	if err != nil {
		_, err = pkcs12.ToPEM(in, secret)
	}
	return err
}

// A key in an encrypted part says what its password costs only once that part is open, and go-pkcs12
// opens part and key in one call. A file without a checksum needs no password for it.
func TestHiddenKeyIsNotBoundByGoPKCS12(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("derives a key in five million iterations")
	}
	const threeKeys, rc2With40Bits = 3, 6
	hidden := marshal(t, []safeBag{{Type: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 2},
		Value: explicit(marshal(t, encryptedKey{pkcs12Scheme(t, rc2With40Bits, maxWork+1), make([]byte, 16)}))}})
	outer := pkcs12Scheme(t, threeKeys, 1)
	in := marshalPFX(t, macData{}, sealedPart(t, outer, seal(t, outer, "", hidden)))

	if _, err := Read(in, password("")); err == nil || !strings.Contains(err.Error(), "asks for 5000001 iterations") {
		t.Errorf("certgen: %v", err)
	}
	// The data is noise, which shows after the derivation only.
	_, _, _, err := pkcs12.DecodeChain(in, "")
	if err == nil || !strings.Contains(err.Error(), pkcs12.ErrDecryption.Error()) {
		t.Errorf("the library has a bound by now: %v", err)
	}
}

// What OpenSSL writes on request, and go-pkcs12 does not read.
func TestFormsThatGoPKCS12DoesNotRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pair := pairOfThree(t, pkitest.ECKey(t))
	in := filepath.Join(dir, "in.pem")
	pkitest.Write(t, in, pkitest.PEMOf("PRIVATE KEY", pkitest.MarshalPKCS8(t, pair.Key))+string(pki.EncodeCertificates(pair.Leaf, pair.Root)))
	for name, args := range map[string][]string{
		"no MAC":             {"-nomac"},
		"MAC with SHA-384":   {"-macalg", "sha384"},
		"two-key triple DES": {"-certpbe", "PBE-SHA1-2DES", "-keypbe", "PBE-SHA1-2DES"},
		"certificates alone": {"-nokeys"},
		"key alone":          {"-nocerts"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := filepath.Join(dir, name)
			pkitest.RunTool(t, "openssl", append([]string{"pkcs12", "-export", "-in", in, "-out", out, "-passout", "pass:secret"}, args...)...)
			data := pkitest.Read(t, out)
			readByHandOnly(t, data, "secret", func() error { return decodePKCS12(data, "secret") })
		})
	}
}

// What OpenSSL writes on request, and youmark/pkcs8 does not read. PKCS#12 needs PBES2 for more than keys,
// which that library does not offer.
func TestFormsThatPKCS8DoesNotRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := filepath.Join(dir, "in.pem")
	pkitest.Write(t, in, pkitest.PEMOf("PRIVATE KEY", pkitest.MarshalPKCS8(t, pkitest.ECKey(t))))
	for name, tc := range map[string]struct {
		secret string
		args   []string
	}{
		"SHA-512":        {"secret", []string{"-v2prf", "hmacWithSHA512"}},
		"PKCS#12's 3DES": {"secret", []string{"-v1", "PBE-SHA1-3DES"}},
		"empty password": {"", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := filepath.Join(dir, name)
			pkitest.RunTool(t, "openssl", append([]string{"pkcs8", "-topk8", "-in", in, "-out", out, "-passout", "pass:" + tc.secret}, tc.args...)...)
			data := pkitest.Read(t, out)
			block, _ := pem.Decode(data)
			readByHandOnly(t, data, tc.secret, func() error {
				_, err := pkcs8.ParsePKCS8PrivateKey(block.Bytes, []byte(tc.secret))
				return err
			})
		})
	}
}

// A password that is not in Latin-1 opens a Java keystore in Java; keystore-go takes one byte a character.
func TestPasswordsThatKeystoreGoDoesNotTake(t *testing.T) {
	t.Parallel()
	const secret = "пароль"
	path := filepath.Join(t.TempDir(), "store.jks")
	pkitest.Write(t, path+".pw", secret)
	pkitest.RunTool(t, "keytool", "-J-Dfile.encoding=UTF-8", "-genkeypair", "-keystore", path, "-storetype", "JKS", "-alias", "mine", "-keyalg", "EC",
		"-dname", "CN=a.example", "-storepass:file", path+".pw", "-keypass:file", path+".pw")
	data := pkitest.Read(t, path)
	readByHandOnly(t, data, secret, func() error { return keystore.New().Load(bytes.NewReader(data), []byte(secret)) })
}

// cfssl's reader takes the signatures for revocation lists where there are none of these.
func TestFormsThatCFSSLDoesNotRead(t *testing.T) {
	t.Parallel()
	data := degenerate(t, pkitest.Issue(t, "a.example", nil, pkitest.ECKey(t), nil).Cert.Raw)
	readByHandOnly(t, data, "", func() error {
		_, err := pkcs7.ParsePKCS7(data)
		return err
	})
}

// marshalPFX is a PKCS#12 file of the parts given.
func marshalPFX(t testing.TB, mac macData, parts ...contentInfo) []byte {
	t.Helper()
	return marshal(t, pfx{Version: 3, Safe: openPart(t, marshal(t, parts)), MAC: mac})
}

// openPart is a part of a PKCS#12 file that is not encrypted.
func openPart(t testing.TB, content []byte) contentInfo {
	t.Helper()
	return contentInfo{Type: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}, Content: explicit(marshal(t, content))}
}

// sealedPart is a part of a PKCS#12 file whose content is encrypted already.
func sealedPart(t testing.TB, s scheme, content []byte) contentInfo {
	t.Helper()
	var e encryptedData
	e.Content.Type, e.Content.Scheme, e.Content.Data = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}, s, content
	return contentInfo{Type: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 6}, Content: explicit(marshal(t, e))}
}

// pkcs12Scheme is one of PKCS#12's own schemes, by the last number of its identifier.
func pkcs12Scheme(t testing.TB, last, iterations int) scheme {
	t.Helper()
	return scheme{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 1, last},
		Parameters: asn1.RawValue{FullBytes: marshal(t, pbeParams{[]byte("saltsalt"), iterations})}}
}
