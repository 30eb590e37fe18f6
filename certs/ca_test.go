package certs

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"certgen/certs/pki"
	"certgen/internal/pkitest"
)

// caOf reads a CA: the first certificate signs, those above it follow.
func caOf(t testing.TB, signer *pkitest.Signed, above ...*pkitest.Signed) *CA {
	t.Helper()
	certs := []*x509.Certificate{signer.Cert}
	for _, s := range above {
		certs = append(certs, s.Cert)
	}
	ca, err := ParseCA(pki.EncodeCertificates(certs...), keyPEM(t, signer.Key), nil)
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

func keyPEM(t testing.TB, key crypto.Signer) []byte {
	t.Helper()
	return []byte(pkitest.PEMOf(pki.PEMPrivateKey, pkitest.MarshalPKCS8(t, key)))
}

// request is a spec that has nothing wrong.
func request(t testing.TB, s Spec) Request {
	t.Helper()
	r, err := s.Request()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var webSpec = Spec{Name: "web", DNSNames: []string{"web.example"}}

// TestParseCA reads one path in every order of its certificates, with one too many.
func TestParseCA(t *testing.T) {
	t.Parallel()
	root := pkitest.Authority(t, "Root", nil, nil)
	upper := pkitest.Authority(t, "Upper", root, nil)
	lower := pkitest.Authority(t, "Lower", upper, nil)
	stranger := pkitest.Authority(t, "Stranger", nil, nil)
	all := []*x509.Certificate{lower.Cert, upper.Cert, root.Cert, stranger.Cert}
	for range len(all) {
		all = append(all[1:], all[0])
		ca, err := ParseCA(pki.EncodeCertificates(all...), keyPEM(t, lower.Key), nil)
		if err != nil {
			t.Fatal(err)
		}
		intermediates, top := ca.Chain(nil)
		if !slices.EqualFunc(intermediates, []*x509.Certificate{lower.Cert, upper.Cert}, (*x509.Certificate).Equal) || !top.Equal(root.Cert) {
			t.Errorf("the path is %v up to %v", intermediates, top)
		}
		pair, _, err := Issue(request(t, webSpec), ca, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if len(pair.Intermediates) != 2 || !pair.Root.Equal(root.Cert) {
			t.Errorf("the pair has %d intermediates and the root %v", len(pair.Intermediates), pair.Root)
		}
	}
	// Without its root a CA signs too, and the pair has no root.
	pair, _, err := Issue(request(t, webSpec), caOf(t, lower, upper), time.Now())
	if err != nil || pair.Root != nil || len(pair.Intermediates) != 2 {
		t.Errorf("without the root: %+v, %v", pair, err)
	}
}

func TestParseCARefuses(t *testing.T) {
	t.Parallel()
	ca := pkitest.Authority(t, "Root", nil, nil)
	cert, key := pki.EncodeCertificates(ca.Cert), keyPEM(t, ca.Key)
	for _, test := range []struct {
		cert, key []byte
		want      string
	}{
		{nil, key, "the CA's certificate: no PEM certificate in it"},
		{key, key, "the CA's certificate: no PEM certificate in it"},
		{[]byte(pkitest.PEMOf("CERTIFICATE", ca.Cert.Raw[:99])), key, "the CA's certificate: certificate 1 cannot be read"},
		{cert, nil, "the CA's key: the input is empty"},
		{cert, cert, "the CA's key: no private key in it"},
		{cert, []byte(pkitest.PEMOf("ENCRYPTED PRIVATE KEY", []byte{0})), "the CA's key: the ENCRYPTED PRIVATE KEY at line 1: "},
		{cert, []byte("-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n-----END EC PRIVATE KEY-----\n"), "the CA's key: the EC PRIVATE KEY at line 1: it is encrypted, and no password was given"},
		{cert, []byte(pkitest.PEMOf(pki.PEMPrivateKey, []byte{0})), "the CA's key: the PRIVATE KEY at line 1: it is damaged or of an unknown kind"},
		{cert, keyPEM(t, pkitest.ECKey(t)), "the CA's key does not belong to the CA's certificate"},
	} {
		if _, err := ParseCA(test.cert, test.key, nil); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v, want %q", err, test.want)
		}
	}
}

// TestParseCAOldRoot: a root may bear a SHA-1 signature, which nobody checks, as it is trusted by itself.
func TestParseCAOldRoot(t *testing.T) {
	t.Parallel()
	root := pkitest.Issue(t, "Old Root", nil, pkitest.ECKey(t), func(c *x509.Certificate) { c.SignatureAlgorithm, c.DNSNames = x509.ECDSAWithSHA1, nil })
	if _, top := caOf(t, root).Chain(nil); top == nil || !top.Equal(root.Cert) {
		t.Errorf("the root is %v", top)
	}
	if pair, _, err := Issue(request(t, webSpec), caOf(t, root), time.Now()); err != nil || pair.Root == nil || len(pair.Intermediates) > 0 {
		t.Errorf("%+v, %v", pair, err)
	}
}

// TestParseCACircle: two CAs that signed each other have no root, and no end.
func TestParseCACircle(t *testing.T) {
	t.Parallel()
	a, b := pkitest.Authority(t, "A", nil, nil), pkitest.Authority(t, "B", nil, nil)
	ab := pkitest.Issue(t, "A", b, a.Key, func(c *x509.Certificate) { c.IsCA = true })
	ba := pkitest.Issue(t, "B", a, b.Key, func(c *x509.Certificate) { c.IsCA = true })
	intermediates, root := caOf(t, ab, ba).Chain(nil)
	if len(intermediates) != 2 || root != nil {
		t.Errorf("the path is %v up to %v", intermediates, root)
	}
}

func TestAdmit(t *testing.T) {
	t.Parallel()
	now := time.Now()
	with := func(change func(*x509.Certificate)) *CA { return caOf(t, pkitest.Authority(t, "Root", nil, change)) }
	below := func(change func(*x509.Certificate)) *CA {
		root := pkitest.Authority(t, "Root", nil, change)
		return caOf(t, pkitest.Authority(t, "Lower", root, nil), root)
	}
	sixtyDays := func(c *x509.Certificate) { c.NotBefore, c.NotAfter = now.Add(-40*pki.Day), now.Add(20*pki.Day) }
	for name, test := range map[string]struct {
		ca   *CA
		spec Spec
		want string // a part of each line, parted by "|"; "" where all is well
	}{
		"a root":                      {with(nil), webSpec, ""},
		"an intermediate":             {below(nil), webSpec, ""},
		"key usage cert sign":         {with(func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCertSign }), webSpec, ""},
		"path length 0":               {with(func(c *x509.Certificate) { c.MaxPathLenZero = true }), webSpec, ""},
		"path length 1":               {below(func(c *x509.Certificate) { c.MaxPathLen = 1 }), webSpec, ""},
		"server auth":                 {with(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }), webSpec, ""},
		"any usage":                   {with(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageAny} }), webSpec, ""},
		"a life that fits":            {with(nil), Spec{DNSNames: []string{"web.example"}, Duration: "3000d"}, ""},
		"not a CA":                    {with(func(c *x509.Certificate) { c.IsCA = false }), webSpec, `issuer "CA CN=Root": the CA is not a CA certificate`},
		"no basic constraints":        {with(func(c *x509.Certificate) { c.BasicConstraintsValid, c.IsCA = false, false }), webSpec, `the CA is not a CA certificate`},
		"its issuer is none":          {below(func(c *x509.Certificate) { c.IsCA = false }), webSpec, `issuer "CA CN=Lower": its issuer CN=Root is not a CA certificate`},
		"no cert sign":                {with(func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageDigitalSignature }), webSpec, `the key usage of the CA does not let it sign certificates`},
		"path length exceeded":        {below(func(c *x509.Certificate) { c.MaxPathLenZero = true }), webSpec, `the path length of its issuer CN=Root allows 0 CAs below it, not 1`},
		"expired":                     {with(func(c *x509.Certificate) { c.NotAfter = now.Add(-time.Minute) }), webSpec, `the CA expired at `},
		"its issuer expired":          {below(func(c *x509.Certificate) { c.NotAfter = now.Add(-time.Minute) }), webSpec, `its issuer CN=Root expired at `},
		"of tomorrow":                 {with(func(c *x509.Certificate) { c.NotBefore = now.Add(pki.Day) }), webSpec, `the CA is not valid before `},
		"client auth only":            {with(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }), webSpec, `the CA may not certify the usage "server auth"`},
		"unknown usage only":          {with(func(c *x509.Certificate) { c.UnknownExtKeyUsage = []asn1.ObjectIdentifier{{1, 2, 3}} }), webSpec, `the CA may not certify the usage "server auth"`},
		"its issuer's usages":         {below(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }), webSpec, `its issuer CN=Root may not certify the usage "server auth"`},
		"any is more":                 {with(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }), Spec{DNSNames: []string{"a"}, Usages: []string{"any"}}, `may not certify the usage "any"`},
		"the same subject":            {with(nil), Spec{DNSNames: []string{"a"}, CommonName: "root"}, `the certificate would bear the same subject as the CA`},
		"its issuer's subject":        {below(nil), Spec{DNSNames: []string{"a"}, CommonName: "Root"}, `the same subject as its issuer CN=Root`},
		"a name forbidden":            {with(func(c *x509.Certificate) { c.PermittedDNSDomains = []string{"other.example"} }), webSpec, `dnsNames "web.example": CN=Root permits only other.example`},
		"a life too long":             {with(nil), Spec{DNSNames: []string{"a"}, Duration: "3660d"}, `duration "3660d": longer than the CA lives (until `},
		"a life of a renewed CA":      {with(sixtyDays).Renewed(), Spec{DNSNames: []string{"a"}, Duration: "60d"}, ""},
		"more life than a renewed CA": {with(sixtyDays).Renewed(), Spec{DNSNames: []string{"a"}, Duration: "61d"}, `duration "61d": longer than the CA lives (until `},
		"what a CA had":               {with(sixtyDays), Spec{DNSNames: []string{"a"}, Duration: "60d"}, `duration "60d": longer than the CA lives (until `},
		"an unknown rule": {with(func(c *x509.Certificate) {
			c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3}, Critical: true, Value: []byte{5, 0}}}
		}), webSpec, `a critical extension that Go's clients do not know and so refuse: 1.2.3`},
		"all at once": {with(func(c *x509.Certificate) {
			c.IsCA, c.NotAfter, c.PermittedDNSDomains = false, now.Add(-time.Minute), []string{"b"}
		}), Spec{DNSNames: []string{"a"}, Duration: "1h"}, "not a CA certificate|expired|permits only b"},
	} {
		err := test.ca.Admit(request(t, test.spec), now)
		var problems pki.Problems
		if err != nil && !errors.As(err, &problems) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var want []string
		if test.want != "" {
			want = strings.Split(test.want, "|")
		}
		if !slices.EqualFunc(problems, want, func(p pki.Problem, part string) bool { return strings.Contains(p.Error(), part) }) {
			t.Errorf("%s: %v; want %q", name, err, want)
		}
		pair, _, err := Issue(request(t, test.spec), test.ca, now)
		if (err == nil) != (want == nil) {
			t.Errorf("%s: issued %v, %v", name, pair, err)
		}
	}
}

// TestCALife: the shortest life on the path bounds the leaf's.
func TestCALife(t *testing.T) {
	t.Parallel()
	end := time.Now().Add(30 * pki.Day).UTC().Truncate(time.Second)
	root := pkitest.Authority(t, "Root", nil, func(c *x509.Certificate) { c.NotAfter = end })
	ca := caOf(t, pkitest.Authority(t, "Lower", root, nil), root)
	if !ca.Latest().Equal(end) {
		t.Errorf("the latest end is %v, want %v", ca.Latest(), end)
	}
	pair, _, err := Issue(request(t, webSpec), ca, time.Now())
	if err != nil || !pair.Leaf.NotAfter.Equal(end) {
		t.Fatalf("%v, %v", pair, err)
	}
	pair, _, err = Issue(request(t, Spec{DNSNames: []string{"a"}, Duration: "10d"}), ca, time.Now())
	if err != nil || pair.Leaf.NotAfter.Sub(pair.Leaf.NotBefore) != 10*pki.Day {
		t.Fatalf("%v, %v", pair, err)
	}
}

// TestAuthorityKeyID: the leaf names its CA's key as the CA does, and by its own count where the CA does not.
func TestAuthorityKeyID(t *testing.T) {
	t.Parallel()
	named := pkitest.Authority(t, "Root", nil, func(c *x509.Certificate) { c.SubjectKeyId = []byte("my own") })
	pair, _, err := Issue(request(t, webSpec), caOf(t, named), time.Now())
	if err != nil || string(pair.Leaf.AuthorityKeyId) != "my own" {
		t.Errorf("%x, %v", pair.Leaf.AuthorityKeyId, err)
	}
	nameless := withoutSKI(t)
	want, err := keyIdentifier(nameless.Cert.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	pair, _, err = Issue(request(t, webSpec), caOf(t, nameless), time.Now())
	if err != nil || !bytes.Equal(pair.Leaf.AuthorityKeyId, want) {
		t.Errorf("%x, %v; want %x", pair.Leaf.AuthorityKeyId, err, want)
	}
}

// withoutSKI makes a CA certificate that has no subject key identifier, which crypto/x509 adds to every
// CA: so the basic constraints go in as an extension of their own.
func withoutSKI(t *testing.T) *pkitest.Signed {
	t.Helper()
	ca := pkitest.Issue(t, "Root", nil, pkitest.ECKey(t), func(c *x509.Certificate) {
		c.IsCA, c.BasicConstraintsValid, c.DNSNames = false, false, nil
		c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 19}, Critical: true, Value: []byte{0x30, 3, 1, 1, 0xff}}}
	})
	if !ca.Cert.IsCA || len(ca.Cert.SubjectKeyId) > 0 {
		t.Fatalf("CA %v, SKI %x", ca.Cert.IsCA, ca.Cert.SubjectKeyId)
	}
	return ca
}

// TestOpenSSLAcceptsCA has openssl, strict, verify what CAs at the edges signed.
func TestOpenSSLAcceptsCA(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root := pkitest.Authority(t, "Root", nil, func(c *x509.Certificate) { c.KeyUsage, c.MaxPathLen = x509.KeyUsageCertSign, 1 })
	lower := pkitest.Authority(t, "Lower", root, func(c *x509.Certificate) { c.KeyUsage, c.MaxPathLenZero = x509.KeyUsageCertSign, true })
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		ca     *CA
		strict []string
	}{
		"intermediate": {caOf(t, lower, root), []string{"-x509_strict"}},
		"without SKI":  {caOf(t, withoutSKI(t)), nil},
		"P-384":        {caOf(t, pkitest.Issue(t, "Big", nil, p384, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCertSign })), []string{"-x509_strict"}},
	} {
		pair, _, err := Issue(request(t, webSpec), test.ca, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		text, err := pair.PEM()
		if err != nil {
			t.Fatal(err)
		}
		crt, ca := dir+"/"+name+".crt", dir+"/"+name+".ca"
		pkitest.Write(t, crt, string(text.Cert))
		pkitest.Write(t, ca, string(text.CA))
		args := append(append([]string{"verify"}, test.strict...), "-purpose", "sslserver", "-verify_hostname", "web.example", "-CAfile", ca, "-untrusted", crt, crt)
		pkitest.RunTool(t, "openssl", args...)
	}
}

// TestVouches: a CA stands for what it signs only where crypto/x509 would accept whatever that is.
func TestVouches(t *testing.T) {
	t.Parallel()
	root := pkitest.Authority(t, "Root", nil, nil)
	upper := pkitest.Authority(t, "Upper", root, nil)
	names := pkitest.Authority(t, "Names", nil, func(c *x509.Certificate) { c.PermittedDNSDomains = []string{"a.example"} })
	leaf := pkitest.Issue(t, "leaf.example", nil, pkitest.ECKey(t), nil)
	now := time.Now()
	for what, test := range map[string]struct {
		ca    *CA
		now   time.Time
		wants bool
	}{
		"a root":           {caOf(t, root), now, true},
		"an intermediate":  {caOf(t, upper, root), now, true},
		"without its root": {caOf(t, upper), now, true},
		"after its end":    {caOf(t, root), root.Cert.NotAfter.Add(time.Second), false},
		"before its start": {caOf(t, upper, root), root.Cert.NotBefore.Add(-time.Second), false},
		"a path length":    {caOf(t, pkitest.Authority(t, "Short", root, func(c *x509.Certificate) { c.MaxPathLenZero = true }), root), now, false},
		"names above":      {caOf(t, pkitest.Authority(t, "Lower", names, nil), names), now, false},
		"usages":           {caOf(t, pkitest.Authority(t, "Usages", nil, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} })), now, false},
		"no usage to sign": {caOf(t, pkitest.Authority(t, "CRLs", nil, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCRLSign })), now, false},
		"no CA":            {caOf(t, leaf), now, false},
		"policies": {caOf(t, pkitest.Authority(t, "Policies", root, func(c *x509.Certificate) {
			c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 36}, Critical: true, Value: []byte{0x30, 3, 0x80, 1, 0}})
		}), root), now, false},
		"signed with a leaf": {caOf(t, pkitest.Authority(t, "Under", leaf, nil), leaf), now, false},
		"unknown and critical": {caOf(t, pkitest.Authority(t, "Unknown", nil, func(c *x509.Certificate) {
			c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{Id: asn1.ObjectIdentifier{1, 2, 3}, Critical: true, Value: []byte{5, 0}})
		})), now, false},
	} {
		if got := test.ca.Vouches(test.now); got != test.wants {
			t.Errorf("%s: %t", what, got)
		}
	}
}

// TestIssueKeyIdentifier: OpenSSL follows no chain in which a key identifier is another than that of the issuer, be the
// root at hand or not; so such a CA signs nothing.
func TestIssueKeyIdentifier(t *testing.T) {
	t.Parallel()
	root := pkitest.Authority(t, "Root", nil, nil)
	upper := pkitest.Authority(t, "Upper", root, nil)
	lower := pkitest.Authority(t, "Lower", upper, func(c *x509.Certificate) {
		c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 35}, Value: []byte{0x30, 4, 0x80, 2, 1, 2}}}
	})
	for _, above := range [][]*pkitest.Signed{{upper, root}, {upper}} {
		_, _, err := Issue(request(t, webSpec), caOf(t, lower, above...), time.Now())
		if err == nil || !strings.Contains(err.Error(), "key identifier") {
			t.Errorf("with %d above: %v", len(above), err)
		}
	}
}
