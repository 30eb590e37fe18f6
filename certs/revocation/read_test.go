package revocation

import (
	"bufio"
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"io"
	"math/big"
	"strings"
	"testing"
	"time"

	"certgen/internal/pkitest"
)

// authority is a CA with a key.
func authority(t testing.TB, key crypto.Signer) *x509.Certificate {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Example"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCRLSign, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func ecdsaKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func listOf(t testing.TB, ca *x509.Certificate, key crypto.Signer, serials ...int64) []byte {
	t.Helper()
	list := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: time.Now(), NextUpdate: time.Now().Add(time.Hour)}
	for _, serial := range serials {
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: big.NewInt(serial), RevocationTime: time.Now(), ReasonCode: 1})
	}
	der, err := x509.CreateRevocationList(rand.Reader, list, ca, key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// TestRead: lists of each type of key, in DER and PEM, say what crypto/x509 made them of; a changed byte shows.
func TestRead(t *testing.T) {
	t.Parallel()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []crypto.Signer{rsaKey, ecdsaKey(t), edKey} {
		ca := authority(t, key)
		der := listOf(t, ca, key, 4711, 200, 1<<40)
		text := append([]byte("a comment\n"), pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der})...)
		for _, data := range [][]byte{der, text} {
			list, err := Read("list", bytes.NewReader(data))
			if err != nil {
				t.Fatalf("%T: %v", key, err)
			}
			if err := list.Check(ca); err != nil || list.CheckNumber() != nil || list.Len() != 3 || !list.IsFor(ca) {
				t.Errorf("%T: %v, %v, %d entries", key, err, list.CheckNumber(), list.Len())
			}
			for serial, want := range map[int64]bool{4711: true, 200: true, 1 << 40: true, 1: false, 4712: false} {
				if list.Revokes(big.NewInt(serial)) != want {
					t.Errorf("%T: %d revoked: %t", key, serial, !want)
				}
			}
		}
		if list, err := Read("list", bytes.NewReader(der)); err != nil || list.Check(authority(t, ecdsaKey(t))) == nil {
			t.Errorf("%T: %v, or another CA signed it", key, err)
		}
		changed := bytes.Replace(der, []byte{2, 2, 0x12, 0x67}, []byte{2, 2, 0x12, 0x68}, 1)
		if list, err := Read("list", bytes.NewReader(changed)); err != nil || list.Check(ca) == nil {
			t.Errorf("%T: %v, or another serial number does not show", key, err)
		}
	}
}

func TestReadDamaged(t *testing.T) {
	t.Parallel()
	key := ecdsaKey(t)
	der := listOf(t, authority(t, key), key, 1)
	for end := range der {
		if _, err := Read("list", bytes.NewReader(der[:end])); err == nil {
			t.Errorf("the first %d bytes of %d are read", end, len(der))
		}
	}
	if _, err := Read("list", strings.NewReader("no list")); err == nil || !strings.Contains(err.Error(), "neither DER nor PEM") {
		t.Error(err)
	}
}

// large writes a list of n entries that it makes on the way, and signs it.
func large(t testing.TB, out io.Writer, key *ecdsa.PrivateKey, issuer []byte, n int) {
	t.Helper()
	head := func(tag byte, length int) []byte {
		return []byte{tag, 0x84, byte(length >> 24), byte(length >> 16), byte(length >> 8), byte(length)}
	}
	algorithm := []byte("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02")
	date := []byte("\x17\x0d261128000000Z")
	const entry = 2 + 10 + 15
	start := bytes.Join([][]byte{{2, 1, 1}, algorithm, issuer, date, head(0x30, n*entry)}, nil)
	hash := sha256.New()
	tbs := io.MultiWriter(out, hash)
	const longest = 72
	write := func(w io.Writer, p []byte) {
		if _, err := w.Write(p); err != nil {
			t.Error(err)
		}
	}
	write(out, head(0x30, 6+len(start)+n*entry+len(algorithm)+longest+3))
	write(tbs, head(0x30, len(start)+n*entry))
	write(tbs, start)
	line := append([]byte{0x30, entry - 2, 2, 8}, append(make([]byte, 8), date...)...)
	for i := range n {
		line[4], line[8], line[9], line[10], line[11] = 1, byte(i>>24), byte(i>>16), byte(i>>8), byte(i)
		write(tbs, line)
	}
	signature, err := ecdsa.SignASN1(rand.Reader, key, hash.Sum(nil))
	if err != nil {
		t.Error(err)
	}
	write(out, algorithm)
	der, err := asn1.Marshal(asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)})
	if err != nil {
		t.Error(err)
	}
	write(out, der)
}

// TestLarge: a list of a hundred megabytes takes less memory than a third of it.
func TestLarge(t *testing.T) {
	const entries, most = 3_900_000, 64 << 20
	key := ecdsaKey(t)
	ca := authority(t, key)
	in, out := io.Pipe()
	go func() {
		buffered := bufio.NewWriterSize(out, 1<<20)
		large(t, buffered, key, ca.RawSubject, entries)
		out.CloseWithError(buffered.Flush())
	}()
	var list *List
	used := pkitest.PeakHeap(func() {
		var err error
		if list, err = Read("list", in); err != nil {
			t.Error(err)
		}
	})
	if used > most {
		t.Errorf("%d MiB for a list of 100 MB, more than %d", used>>20, most>>20)
	}
	if err := list.Check(ca); err != nil || list.Len() != entries {
		t.Errorf("%v, %d entries", err, list.Len())
	}
	last := new(big.Int).SetBytes([]byte{1, 0, 0, 0, 0, byte((entries - 1) >> 16), byte((entries - 1) >> 8 & 0xff), byte((entries - 1) & 0xff)})
	if !list.Revokes(last) || list.Revokes(last.Add(last, big.NewInt(1))) {
		t.Error("the last entry is not found, or one behind it")
	}
}

// FuzzRead: whatever a file holds, reading it ends without a panic.
func FuzzRead(f *testing.F) {
	key := ecdsaKey(f)
	ca := authority(f, key)
	der := listOf(f, ca, key, 1, 300)
	f.Add(der)
	f.Add(pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der}))
	f.Add([]byte("-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n"))
	f.Fuzz(func(_ *testing.T, data []byte) {
		if list, err := Read("list", bytes.NewReader(data)); err == nil {
			list.Revokes(big.NewInt(300))
			_ = list.Check(ca) // whatever it says
		}
	})
}
