package encoding

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"certgen/internal/pkitest"
)

func password(s string) Password {
	return func(string) ([]byte, error) { return []byte(s), nil }
}

func noPassword(t testing.TB) Password {
	return func(what string) ([]byte, error) {
		t.Errorf("asked for the password of %s, and nothing is encrypted", what)
		return nil, errors.New("none")
	}
}

// wantMaterial fails unless m holds exactly these, in this order.
func wantMaterial(t *testing.T, m *Material, keys []crypto.Signer, certs ...*x509.Certificate) {
	t.Helper()
	if !slices.EqualFunc(m.Certificates, certs, (*x509.Certificate).Equal) {
		t.Errorf("%d certificates, want %d, or in another order", len(m.Certificates), len(certs))
	}
	if !slices.EqualFunc(m.Keys, keys, pkitest.SameKey) {
		t.Errorf("keys %d, want %d, or others", len(m.Keys), len(keys))
	}
}

func utf16Text(s string, order binary.AppendByteOrder, bom bool) []byte {
	var b []byte
	if bom {
		b = order.AppendUint16(b, 0xfeff)
	}
	for _, unit := range utf16.Encode([]rune(s)) {
		b = order.AppendUint16(b, unit)
	}
	return b
}

// Every way in which people have a pair as text is the same pair.
func TestReadText(t *testing.T) {
	t.Parallel()
	ca := pkitest.Issue(t, "CA", nil, pkitest.ECKey(t), nil)
	leaf := pkitest.Issue(t, "leaf.example", ca, pkitest.ECKey(t), nil)
	cert, key := pkitest.PEMOf("CERTIFICATE", leaf.Cert.Raw), pkitest.PEMOf("PRIVATE KEY", pkitest.MarshalPKCS8(t, leaf.Key))
	above := pkitest.PEMOf("CERTIFICATE", ca.Cert.Raw)
	text := cert + above + key
	sec1, err := x509.MarshalECPrivateKey(leaf.Key.(*ecdsa.PrivateKey))
	if err != nil {
		t.Fatal(err)
	}
	once := base64.StdEncoding.EncodeToString([]byte(text))
	twice := base64.StdEncoding.EncodeToString([]byte(once))
	var wrapped strings.Builder
	for chunk := range slices.Chunk([]byte(once), 76) {
		fmt.Fprintf(&wrapped, "%s\r\n", chunk)
	}

	for name, tc := range map[string]struct {
		in   string
		note string // part of the only note
	}{
		"plain":                 {text, ""},
		"key first":             {key + cert + above, ""},
		"key between":           {cert + key + above, ""},
		"CRLF":                  {strings.ReplaceAll(text, "\n", "\r\n"), ""},
		"CR":                    {strings.ReplaceAll(text, "\n", "\r"), ""},
		"no last line end":      {strings.TrimSuffix(text, "\n"), ""},
		"BOM":                   {"\ufeff" + text, ""},
		"UTF-16LE with BOM":     {string(utf16Text(text, binary.LittleEndian, true)), ""},
		"UTF-16BE with BOM":     {string(utf16Text(text, binary.BigEndian, true)), ""},
		"indented":              {strings.ReplaceAll(text, "\n", "\n    "), ""},
		"text around":           {"subject=CN = leaf\n" + cert + "issuer\n" + above + "0 s:x\n" + key, "text outside"},
		"text after":            {text + "that was it", "text outside"},
		"digit zero first":      {"0 s:CN = leaf.example\n" + text, "text outside"},
		"EC PARAMETERS":         {pkitest.PEMOf("EC PARAMETERS", []byte("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07")) + text, ""},
		"SEC 1":                 {cert + above + pkitest.PEMOf("EC PRIVATE KEY", sec1), ""},
		"SEC 1 as PKCS#8":       {cert + above + pkitest.PEMOf("PRIVATE KEY", sec1), ""},
		"other labels":          {pkitest.PEMOf("X509 CERTIFICATE", leaf.Cert.Raw) + above + key, ""},
		"trusted":               {pkitest.PEMOf("TRUSTED CERTIFICATE", append(slices.Clone(leaf.Cert.Raw), 0x30, 0)) + above + key, ""},
		"certificates in one":   {pkitest.PEMOf("PKCS7", degenerate(t, leaf.Cert.Raw, ca.Cert.Raw)) + key, ""},
		"PKCS#7 as CERTIFICATE": {pkitest.PEMOf("CERTIFICATE", degenerate(t, leaf.Cert.Raw, ca.Cert.Raw)) + key, ""},
		"unknown block":         {text + pkitest.PEMOf("DH PARAMETERS", []byte{0x30, 0}), `"DH PARAMETERS" at line`},
		"base64":                {once, ""},
		"base64 unpadded":       {strings.TrimRight(once, "="), ""},
		"base64 in lines":       {wrapped.String(), ""},
		"base64 twice":          {twice, "twice"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := Read([]byte(tc.in), noPassword(t))
			if err != nil {
				t.Fatal(err)
			}
			wantMaterial(t, m, []crypto.Signer{leaf.Key}, leaf.Cert, ca.Cert)
			notes := strings.Join(m.Notes, "\n")
			if tc.note == "" && notes != "" || !strings.Contains(notes, tc.note) || len(m.Notes) > 1 {
				t.Errorf("notes %q, want %q", notes, tc.note)
			}
		})
	}
}

// Keys of every kind are read in every unencrypted form, from DER and from PEM.
func TestReadKeys(t *testing.T) {
	t.Parallel()
	for name, key := range pkitest.KeysOfEachKind() {
		forms := map[string][]byte{"PRIVATE KEY": pkitest.MarshalPKCS8(t, key)}
		switch k := key.(type) {
		case *rsa.PrivateKey:
			forms["RSA PRIVATE KEY"] = x509.MarshalPKCS1PrivateKey(k)
		case *ecdsa.PrivateKey:
			forms["EC PRIVATE KEY"], _ = x509.MarshalECPrivateKey(k)
		case ed25519.PrivateKey:
			forms["Ed25519 PRIVATE KEY"] = pkitest.MarshalPKCS8(t, key) // as cfssl labels it
		}
		for label, der := range forms {
			for form, in := range map[string][]byte{"DER": der, "PEM": []byte(pkitest.PEMOf(label, der))} {
				m, err := Read(in, noPassword(t))
				if err != nil {
					t.Errorf("%s, %s, %s: %v", name, label, form, err)
					continue
				}
				wantMaterial(t, m, []crypto.Signer{key})
			}
		}
	}
}

func TestReadDER(t *testing.T) {
	t.Parallel()
	ca := pkitest.Issue(t, "CA", nil, pkitest.ECKey(t), nil)
	leaf := pkitest.Issue(t, "leaf.example", ca, pkitest.ECKey(t), nil)
	for name, tc := range map[string]struct {
		in   []byte
		note string
	}{
		"one after the other": {slices.Concat(leaf.Cert.Raw, ca.Cert.Raw), ""},
		"line end after":      {slices.Concat(leaf.Cert.Raw, ca.Cert.Raw, []byte("\n")), "1 bytes after"},
		"PKCS#7":              {degenerate(t, leaf.Cert.Raw, ca.Cert.Raw), ""},
		"base64":              {[]byte(base64.StdEncoding.EncodeToString(slices.Concat(leaf.Cert.Raw, ca.Cert.Raw))), ""},
	} {
		m, err := Read(tc.in, noPassword(t))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		wantMaterial(t, m, nil, leaf.Cert, ca.Cert)
		if notes := strings.Join(m.Notes, "\n"); !strings.Contains(notes, tc.note) || tc.note == "" && notes != "" {
			t.Errorf("%s: notes %q, want %q", name, notes, tc.note)
		}
	}
}

// What cannot be read is named, with its place, and none of it is repeated.
func TestReadErrors(t *testing.T) {
	t.Parallel()
	leaf := pkitest.Issue(t, "leaf.example", nil, pkitest.ECKey(t), nil)
	cert, key := pkitest.PEMOf("CERTIFICATE", leaf.Cert.Raw), pkitest.PEMOf("PRIVATE KEY", pkitest.MarshalPKCS8(t, leaf.Key))
	request, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, leaf.Key)
	if err != nil {
		t.Fatal(err)
	}
	agreement, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	x25519, err := x509.MarshalPKCS8PrivateKey(agreement)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(leaf.Key.Public())
	if err != nil {
		t.Fatal(err)
	}
	damage := func(pem string) string { // one character of the base64 is lost
		return pem[:100] + "*" + pem[101:]
	}
	keyDamaged := pkitest.MarshalPKCS8(t, leaf.Key)
	keyDamaged[len(keyDamaged)/2] ^= 0xff

	for name, tc := range map[string]struct {
		in   string
		want string
	}{
		"empty":                 {"", "the input is empty"},
		"white space":           {"\ufeff \r\n", "the input is empty"},
		"too much":              {strings.Repeat("x", MaxInput+1), "more than 16777216"},
		"prose":                 {"hello, world", "no certificate and no private key in it"},
		"noise":                 {"\x00\x01\x02\x03", "no certificate and no private key in it"},
		"base64 of nothing":     {"aGVsbG8=", "no certificate and no private key in it"},
		"second block damaged":  {cert + damage(cert) + cert, "PEM block at line " + fmt.Sprint(1+strings.Count(cert, "\n")) + " is damaged"},
		"key damaged":           {cert + damage(key), "is damaged"},
		"cut off":               {cert + cert[:200], "is damaged"},
		"no END":                {cert[:200] + "\n" + key, "PEM block at line 1 is damaged"},
		"key's bytes damaged":   {pkitest.PEMOf("PRIVATE KEY", keyDamaged), "unknown kind"},
		"certificate truncated": {string(leaf.Cert.Raw[:100]), "cut off"},
		"request":               {pkitest.PEMOf("CERTIFICATE", request), "CERTIFICATE at line 1: it holds a certificate signing request, not a certificate"},
		"request, its label":    {pkitest.PEMOf("CERTIFICATE REQUEST", request), "it holds a certificate signing request, not a certificate"},
		"public key":            {string(public), "cannot be read"},
		"key agreement":         {string(x25519), "cannot sign"},
		"SSH":                   {pkitest.PEMOf("OPENSSH PRIVATE KEY", []byte("openssh-key-v1")), "SSH's own form"},
		"JCEKS":                 {"\xce\xce\xce\xce\x00\x00\x00\x02", "JCEKS"},
		"BER":                   {"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80", "indefinite length"},
		"BER as PEM":            {pkitest.PEMOf("PKCS7", []byte("\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80")), "indefinite length"},
		"huge key":              {string(slices.Concat([]byte{0x30, 0x82, 0x40, 0x04, 2, 1, 0, 2, 0x82, 0x3f, 0xfd}, bytes.Repeat([]byte{1}, 0x3ffd))), "more than 10240"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := Read([]byte(tc.in), noPassword(t))
			if err == nil {
				t.Fatalf("read %d certificates and %d keys", len(m.Certificates), len(m.Keys))
			}
			if !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %q, want %q", err, tc.want)
			}
			if len(err.Error()) > 300 {
				t.Errorf("an error of %d bytes repeats the input", len(err.Error()))
			}
		})
	}
}

// Reading an ordinary pair, beside the least that reading it can be.
func BenchmarkRead(b *testing.B) {
	ca := pkitest.Issue(b, "CA", nil, pkitest.ECKey(b), nil)
	leaf := pkitest.Issue(b, "leaf.example", ca, pkitest.ECKey(b), nil)
	text := []byte(pkitest.PEMOf("CERTIFICATE", leaf.Cert.Raw) + pkitest.PEMOf("CERTIFICATE", ca.Cert.Raw) + pkitest.PEMOf("PRIVATE KEY", pkitest.MarshalPKCS8(b, leaf.Key)))
	b.Run("certgen", func(b *testing.B) {
		for b.Loop() {
			if _, err := Read(text, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("bare", func(b *testing.B) {
		for b.Loop() {
			for rest := text; ; {
				var block *pem.Block
				if block, rest = pem.Decode(rest); block == nil {
					break
				}
				var err error
				if block.Type == "CERTIFICATE" {
					_, err = x509.ParseCertificate(block.Bytes)
				} else {
					_, err = x509.ParsePKCS8PrivateKey(block.Bytes)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}
