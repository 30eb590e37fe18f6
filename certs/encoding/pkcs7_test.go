package encoding

import (
	"bytes"
	"encoding/asn1"
	"encoding/binary"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"certgen/internal/pkitest"
)

// degenerate wraps certificates as a CA sends them: SignedData that nobody signed.
func degenerate(t testing.TB, ders ...[]byte) []byte {
	t.Helper()
	marshal := func(v any) []byte {
		der, err := asn1.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	element := func(class, tag int, content ...[]byte) []byte {
		return marshal(asn1.RawValue{Class: class, Tag: tag, IsCompound: true, Bytes: bytes.Join(content, nil)})
	}
	oid := func(arc int) []byte { return marshal(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, arc}) }
	data := element(0, asn1.TagSequence,
		marshal(1), element(0, asn1.TagSet), element(0, asn1.TagSequence, oid(1)),
		element(asn1.ClassContextSpecific, 0, ders...), element(0, asn1.TagSet))
	return element(0, asn1.TagSequence, oid(2), element(asn1.ClassContextSpecific, 0, data))
}

// OpenSSL's PKCS#7, with and without a signature, is read; other kinds of it are named.
func TestReadPKCS7OfOpenSSL(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ca := pkitest.Issue(t, "CA", nil, pkitest.ECKey(t), nil)
	leaf := pkitest.Issue(t, "leaf.example", ca, pkitest.ECKey(t), nil)
	chain, above, key := filepath.Join(dir, "chain.pem"), filepath.Join(dir, "above.pem"), filepath.Join(dir, "key.pem")
	pkitest.Write(t, above, pkitest.PEMOf("CERTIFICATE", ca.Cert.Raw))
	pkitest.Write(t, chain, pkitest.PEMOf("CERTIFICATE", leaf.Cert.Raw)+pkitest.PEMOf("CERTIFICATE", ca.Cert.Raw))
	pkitest.Write(t, key, pkitest.PEMOf("PRIVATE KEY", pkitest.MarshalPKCS8(t, leaf.Key)))

	for name, args := range map[string][]string{
		"degenerate PEM": {"crl2pkcs7", "-nocrl", "-certfile", chain},
		"degenerate DER": {"crl2pkcs7", "-nocrl", "-certfile", chain, "-outform", "DER"},
		"signed":         {"cms", "-sign", "-in", chain, "-binary", "-nodetach", "-signer", chain, "-inkey", key, "-certfile", above, "-outform", "DER"},
		"signed CMS PEM": {"cms", "-sign", "-in", chain, "-binary", "-signer", chain, "-inkey", key, "-certfile", above, "-outform", "PEM"},
	} {
		out := filepath.Join(dir, strings.ReplaceAll(name, " ", "-"))
		pkitest.RunTool(t, "openssl", append(args, "-out", out)...)
		m, err := Read(pkitest.Read(t, out), noPassword(t))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		pair, _, err := (&Material{Certificates: m.Certificates, Keys: append(m.Keys, leaf.Key)}).Pair(nil)
		if err != nil || !pair.Leaf.Equal(leaf.Cert) || !ca.Cert.Equal(pair.Root) {
			t.Errorf("%s: another chain: %v", name, err)
		}
	}

	for name, tc := range map[string]struct {
		args []string
		want string
	}{
		"encrypted": {[]string{"cms", "-encrypt", "-in", chain, "-outform", "DER", chain}, "content type 1.2.840.113549.1.7.3"},
		"streamed":  {[]string{"cms", "-sign", "-stream", "-nodetach", "-in", chain, "-signer", chain, "-inkey", key, "-outform", "DER"}, "indefinite length"},
	} {
		out := filepath.Join(dir, name)
		pkitest.RunTool(t, "openssl", append([]string{tc.args[0], "-out", out}, tc.args[1:]...)...)
		if _, err := Read(pkitest.Read(t, out), nil); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
}

// Structures within structures, three million deep, are no reason to go down to the last one.
func TestNestedPKCS7(t *testing.T) {
	nested := func(head ...byte) []byte {
		in := bytes.Repeat(head, 3_000_000)
		return slices.Concat([]byte{tagSequence, 0x84}, binary.BigEndian.AppendUint32(nil, uint32(len(in))), in)
	}
	deep := make([]byte, 0, 15_000_000)
	for n := 2_999_999; n > 0; n-- {
		deep = append(deep, tagSequence, 0x83, byte(5*(n-1)>>16), byte(5*(n-1)>>8), byte(5*(n-1)))
	}
	for name, in := range map[string][]byte{
		"lengths":            deep,
		"indefinite lengths": nested(tagSequence, 0x80),
		"in a bundle":        degenerate(t, deep),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Read(in, noPassword(t))
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Errorf("%s: no error", name)
		}
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 1<<20 {
			t.Errorf("%s: %d bytes allocated for %d", name, grown, len(in))
		}
	}
}
