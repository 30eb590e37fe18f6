package pki

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"certgen/internal/pkitest"
)

func TestParseSubject(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ in, want string }{
		{"CN=my-nginx", "CN=my-nginx"},
		{"CN=my-nginx,O=my-nginx", "CN=my-nginx,O=my-nginx"},
		{"cn = my-nginx , o = Example ", "CN=my-nginx,O=Example"},
		{"/O=Example/CN=my-nginx", "CN=my-nginx,O=Example"},
		{"/CN=my-nginx/O=my-nginx", "O=my-nginx,CN=my-nginx"},
		{`CN=a,O=Example\, Inc.`, `CN=a,O=Example\, Inc.`},
		{`CN=a,O=Example\2C Inc.`, `CN=a,O=Example\, Inc.`},
		{`CN=b\C3\BCcher`, "CN=bücher"},
		{"CN=bücher", "CN=bücher"},
		{`CN=\ a\ `, `CN=\ a\ `},
		{`CN=\#a`, `CN=\#a`},
		{`CN=a\"b\\c\+d`, `CN=a\"b\\c\+d`},
		{"CN=a=b", "CN=a=b"},
		{"CN=a+OU=b,O=c", "CN=a+OU=b,O=c"},
		{`/CN=a\/b`, "CN=a/b"},
		{`/CN=a, Inc. <b>;"c"`, `CN=a\, Inc. \<b\>\;\"c\"`},
		{"/CN=#a", `CN=\#a`},
		{`/CN=a\41`, "CN=a41"}, // OpenSSL has no hexadecimal escapes
		{"2.5.4.3=a", "CN=a"},
		{"CN=a,E=ops@example.com,S=Bavaria", "CN=a,EMAILADDRESS=ops@example.com,ST=Bavaria"},
		{"DC=example,DC=com", "DC=example,DC=com"},
		{"CN=a,C=DE", "CN=a,C=DE"},
		{"CN=" + strings.Repeat("ü", 64), "CN=" + strings.Repeat("ü", 64)},
	} {
		name, err := ParseSubject(test.in)
		if got := FormatSubject(name); err != nil || got != test.want {
			t.Errorf("%q: %q, %v; want %q", test.in, got, err, test.want)
		}
	}
}

func TestParseSubjectRefuses(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                                     "empty",
		"  ":                                   "empty",
		"my-nginx":                             "is not KEY=value",
		"CN=a,":                                "is not KEY=value",
		"CN=a,O":                               "is not KEY=value",
		"/":                                    "is not KEY=value",
		"CN=":                                  "CN: empty",
		"CN=a,O= ":                             "O: empty",
		"FOO=a":                                `unknown key "FOO"`,
		"1.2.3.4=a":                            `unknown key "1.2.3.4"`,
		"CN=#0c0161":                           "hexadecimal values",
		`CN=a\`:                                "a backslash must be followed",
		`CN="a"`:                               `'"' must be written as \"`,
		"CN=a;O=b":                             `';' must be written as \;`,
		"CN=a<b":                               `'<' must be written as \<`,
		`CN=\FF`:                               "not valid UTF-8",
		`CN=a\00`:                              "control character",
		"CN=a\x7fb":                            "control character",
		"CN=a,C=de":                            "two-letter country code",
		"CN=a,C=DEU":                           "at most 2",
		"CN=a,C=D1":                            "two-letter country code",
		"CN=a,DC=bücher":                       "only ASCII",
		"CN=" + strings.Repeat("a", 65):        "65 characters, at most 64",
		"CN=a,O=" + strings.Repeat("a", 65):    "65 characters, at most 64",
		"C:/Program Files/Git/CN=my-nginx/O=x": "the shell (Git Bash) rewrote",
		`C:\CN=a`:                              "the shell (Git Bash) rewrote",
	} {
		got, err := ParseSubject(in)
		wantProblem(t, in, got, err, want)
	}
}

// TestSubjectEncoding looks at the bytes: RFC 5280 wants IA5String where only ASCII may stand.
func TestSubjectEncoding(t *testing.T) {
	t.Parallel()
	name, err := ParseSubject("CN=bücher,O=Example,DC=example,EMAILADDRESS=ops@example.com")
	if err != nil {
		t.Fatal(err)
	}
	der, err := MarshalSubject(name)
	if err != nil {
		t.Fatal(err)
	}
	for text, tag := range map[string]byte{
		"bücher":          asn1.TagUTF8String,
		"Example":         asn1.TagPrintableString,
		"example":         asn1.TagIA5String,
		"ops@example.com": asn1.TagIA5String,
	} {
		if want := append([]byte{tag, byte(len(text))}, text...); !bytes.Contains(der, want) {
			t.Errorf("no %x in %x", want, der)
		}
	}
}

// TestSubjectAsOpenSSL gives both forms to openssl, which must read the second as we do and write what we
// made of the first as we do.
func TestSubjectAsOpenSSL(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	key := filepath.Join(dir, "key.pem")
	if err := os.WriteFile(key, []byte(pkitest.PEMOf(PEMPrivateKey, pkitest.MarshalPKCS8(t, pkitest.ECKey(t)))), 0o600); err != nil {
		t.Fatal(err)
	}
	for i, subject := range []string{
		"/CN=my-nginx/O=my-nginx",
		"/C=DE/ST=Bavaria/L=Munich/O=Example, Inc./OU=a+CN=b",
		"/O=Example\\/Sons/CN=a\\\\b",
		"/CN=#a",
		"/CN=a\\41",
		"/DC=com/DC=example/UID=me/CN=a=b",
		"/street=Main St. 1/postalCode=80331/serialNumber=7/emailAddress=ops@example.com/CN=bücher",
	} {
		out := filepath.Join(dir, string(rune('a'+i)))
		pkitest.RunTool(t, "openssl", "req", "-x509", "-new", "-key", key, "-utf8", "-subj", subject, "-out", out)
		data, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := ParseCertificates(data)
		if err != nil {
			t.Fatal(err)
		}
		name, err := ParseSubject(subject)
		if err != nil {
			t.Fatal(err)
		}
		ours, err := MarshalSubject(name) // which sorts the attributes of one RDN, as DER wants
		if want := FormatName(theirs[0].RawSubject); err != nil || FormatName(ours) != want {
			t.Errorf("%s: we read %s, %v; openssl %s", subject, FormatName(ours), err, want)
		}
	}
	for i, subject := range []string{
		"CN=my-nginx,O=my-nginx",
		`CN=a,O=Example\, Inc.`,
		`CN=\#a\+b\ `,
		`CN=\ \"\<a\>\;\\`,
		"CN=bücher,L=München,ST=Bayern,C=DE",
		"CN=a=b,UID=me,DC=example,DC=com",
	} {
		name, err := ParseSubject(subject)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := MarshalSubject(name)
		if err != nil {
			t.Fatal(err)
		}
		cert := filepath.Join(dir, string(rune('A'+i)))
		if err := os.WriteFile(cert, subjectCertificate(t, raw), 0o600); err != nil {
			t.Fatal(err)
		}
		got := string(pkitest.RunTool(t, "openssl", "x509", "-in", cert, "-noout", "-subject", "-nameopt", "RFC2253,-esc_msb,utf8"))
		if got = strings.TrimSuffix(got, "\n"); got != "subject="+subject {
			t.Errorf("we wrote %s; openssl reads %s", subject, got)
		}
	}
}

// subjectCertificate is a certificate of the encoded subject, in PEM.
func subjectCertificate(t *testing.T, raw []byte) []byte {
	t.Helper()
	pair := pkitest.Issue(t, "a.example", nil, pkitest.ECKey(t), func(c *x509.Certificate) { c.RawSubject = raw })
	return []byte(pkitest.PEMOf(pemCertificate, pair.Cert.Raw))
}

// FuzzParseSubject: what is read and written reads the same, and so does what is encoded.
func FuzzParseSubject(f *testing.F) {
	for _, s := range []string{"", "CN=a,O=b", "/CN=a/O=b", `CN=\ a\,b\2C\ `, "CN=a+OU=b", `CN=\C3\BC`, "C=DE", "DC=a,E=b@c", "C:/x/CN=a", "/CN=#a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name, err := ParseSubject(s)
		if err != nil {
			if !errors.As(err, new(Problem)) {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		text := FormatSubject(name)
		again, err := ParseSubject(text)
		if err != nil || FormatSubject(again) != text {
			t.Fatalf("%q is written %q, which is read as %q, %v", s, text, FormatSubject(again), err)
		}
		der, err := MarshalSubject(name)
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		var decoded pkix.RDNSequence
		if rest, err := asn1.Unmarshal(der, &decoded); err != nil || len(rest) > 0 {
			t.Fatalf("%q: %v, %x left", s, err, rest)
		}
		// DER sorts the attributes of one RDN, so the bytes are compared, not the text.
		if back, err := MarshalSubject(decoded); err != nil || !bytes.Equal(back, der) {
			t.Fatalf("%q: %x is read as %q, %v", s, der, FormatSubject(decoded), err)
		}
		if sent, err := MarshalSubject(again); err != nil || !bytes.Equal(sent, der) {
			t.Fatalf("%q: %x, but %q is %x, %v", s, der, text, sent, err)
		}
	})
}
