package certs

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"certgen/certs/pki"
	"certgen/certs/renewal"
	"certgen/internal/pkitest"
)

// stored makes a pair and returns it as a store holds it.
func stored(t testing.TB, s Spec, issuer Issuer, now time.Time) pki.PEM {
	t.Helper()
	pair, _, err := Issue(request(t, s), issuer, now)
	if err != nil {
		t.Fatal(err)
	}
	text, err := pair.PEM()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// wantKept fails unless the pair is kept, and kept as it is.
func wantKept(t *testing.T, what string, v Plan, have pki.PEM) {
	t.Helper()
	if v.Keep == nil || len(v.Reasons) > 0 {
		t.Errorf("%s: re-issued: %q", what, v.Reasons)
	} else if !bytes.Equal(v.PEM.Cert, have.Cert) || !bytes.Equal(v.PEM.Key, have.Key) || !bytes.Equal(v.PEM.CA, have.CA) {
		t.Errorf("%s: kept, but changed:\n%s%s", what, v.PEM.Cert, v.PEM.CA)
	}
}

// wantReissued fails unless a new pair is wanted, for the reasons given, each in part.
func wantReissued(t *testing.T, what string, v Plan, reasons ...string) {
	t.Helper()
	ok := v.Keep == nil && len(v.Reasons) == len(reasons)
	for i := 0; ok && i < len(reasons); i++ {
		ok = strings.Contains(v.Reasons[i], reasons[i])
	}
	if !ok {
		t.Errorf("%s: %q, want %q", what, v.Reasons, reasons)
	}
}

func TestPlanSpec(t *testing.T) {
	t.Parallel()
	now := time.Now()
	spec := Spec{Name: "web", DNSNames: []string{"a.example", "b.example"}, IPAddresses: []string{"192.0.2.1"},
		URIs: []string{"x://y"}, EmailAddresses: []string{"ops@example"}, Duration: "90d"}
	have := stored(t, spec, SelfSigned{}, now)
	for what, test := range map[string]struct {
		change func(*Spec)
		want   []string
	}{
		"nothing":         {func(s *Spec) {}, nil},
		"order":           {func(s *Spec) { s.DNSNames, s.CommonName = []string{"b.example", "A.example"}, "a.example" }, nil},
		"the name":        {func(s *Spec) { s.Name = "other" }, nil},
		"same duration":   {func(s *Spec) { s.Duration = "2160h" }, nil},
		"same usages":     {func(s *Spec) { s.Usages = []string{"serverAuth"} }, nil},
		"renew earlier":   {func(s *Spec) { s.RenewBefore = "80d" }, nil},
		"a host more":     {func(s *Spec) { s.DNSNames = append(s.DNSNames, "c.example") }, []string{"DNS names changed (+c.example)"}},
		"another host":    {func(s *Spec) { s.DNSNames = []string{"a.example", "c.example"} }, []string{"DNS names changed (+c.example, -b.example)"}},
		"no address":      {func(s *Spec) { s.IPAddresses = nil }, []string{"IP addresses changed (-192.0.2.1)"}},
		"another URI":     {func(s *Spec) { s.URIs = []string{"x://z"} }, []string{"URIs changed (+x://z, -x://y)"}},
		"another mailbox": {func(s *Spec) { s.EmailAddresses = []string{"Ops@example"} }, []string{"e-mail addresses changed (+Ops@example, -ops@example)"}},
		"a subject":       {func(s *Spec) { s.LiteralSubject = "CN=a.example,O=x" }, []string{"subject changed from CN=a.example to CN=a.example,O=x"}},
		"a key":           {func(s *Spec) { s.KeySize = 384 }, []string{"key changed from ECDSA P-256 to ECDSA P-384"}},
		"a usage":         {func(s *Spec) { s.Usages = []string{"client auth"} }, []string{"usages changed (+client auth, -server auth)"}},
		"a duration":      {func(s *Spec) { s.Duration = "" }, []string{"duration changed from 90d to 365d"}},
		"several": {func(s *Spec) { s.KeyAlgorithm, s.Duration = "rsa", "91d" },
			[]string{"key changed from ECDSA P-256 to RSA 2048", "usages changed (+key encipherment)", "duration changed from 90d to 91d"}},
	} {
		changed := spec
		test.change(&changed)
		v := MakePlan(request(t, changed), have, SelfSigned{}, now)
		if test.want == nil {
			wantKept(t, what, v, have)
		} else {
			wantReissued(t, what, v, test.want...)
		}
	}
	if v := MakePlan(request(t, spec), pki.PEM{}, SelfSigned{}, now); v.Keep != nil || len(v.Reasons) > 0 {
		t.Errorf("nothing there: %+v", v)
	}
}

func TestPlanTime(t *testing.T) {
	t.Parallel()
	made := time.Now()
	have := stored(t, Spec{DNSNames: []string{"a"}, Duration: "90d"}, SelfSigned{}, made)
	for _, test := range []struct {
		after       time.Duration
		renewBefore string
		want        string
	}{
		{59 * pki.Day, "", ""},
		{60*pki.Day - pki.Backdate - 2*time.Second, "", ""},
		{60 * pki.Day, "", "due for renewal since "},
		{79 * pki.Day, "10d", ""},
		{80 * pki.Day, "10d", "due for renewal since "},
		{91 * pki.Day, "", "expired at "},
		{-6 * time.Minute, "", "is not valid before "},
	} {
		v := MakePlan(request(t, Spec{DNSNames: []string{"a"}, Duration: "90d", RenewBefore: test.renewBefore}), have, SelfSigned{}, made.Add(test.after))
		if test.want == "" {
			wantKept(t, test.after.String(), v, have)
		} else if len(v.Reasons) != 1 || !strings.Contains(v.Reasons[0], test.want) && !strings.Contains(v.Reasons[0], "not yet valid") {
			t.Errorf("%s: %q, want %q", test.after, v.Reasons, test.want)
		}
	}
}

// TestPlanRenewal: a window, a percentage and no renewal at all are kept to, but for an expired certificate.
func TestPlanRenewal(t *testing.T) {
	t.Parallel()
	made := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	spec := Spec{DNSNames: []string{"a"}, Duration: "90d"}
	have := stored(t, spec, SelfSigned{}, made)
	saturdays := &renewal.Spec{Policy: renewal.RenewBefore, Windows: []renewal.WindowSpec{{Cron: "0 2 * * 6", WindowDuration: "4h"}}}
	for _, test := range []struct {
		days       int
		percentage int
		renewal    *renewal.Spec
		want       string
	}{
		{80, 10, nil, ""},
		{82, 10, nil, "due for renewal since 2026-03-22"},
		{61, 0, saturdays, ""}, // the third of March, a Tuesday
		{66, 0, saturdays, "due for renewal since 2026-03-07T02:00:00Z"},
		{89, 0, &renewal.Spec{Policy: renewal.Never}, ""},
		{91, 0, &renewal.Spec{Policy: renewal.Never}, "expired at 2026-03-31"},
	} {
		spec.RenewBeforePercentage, spec.Renewal = nil, test.renewal
		if test.percentage > 0 {
			spec.RenewBeforePercentage = &test.percentage
		}
		v := MakePlan(request(t, spec), have, SelfSigned{}, made.Add(time.Duration(test.days)*pki.Day))
		if test.want == "" {
			wantKept(t, fmt.Sprint(test.days), v, have)
		} else if len(v.Reasons) != 1 || !strings.HasPrefix(v.Reasons[0], test.want) {
			t.Errorf("after %d days: %q, want %q", test.days, v.Reasons, test.want)
		}
	}
}

func TestPlanBroken(t *testing.T) {
	t.Parallel()
	now := time.Now()
	r := request(t, webSpec)
	one, two := stored(t, webSpec, SelfSigned{}, now), stored(t, webSpec, SelfSigned{}, now)
	for what, test := range map[string]struct {
		have pki.PEM
		want string
	}{
		"no certificate":  {pki.PEM{Key: one.Key}, "broken pair: tls.crt: no PEM certificate in it"},
		"no key":          {pki.PEM{Cert: one.Cert}, "broken pair: tls.key: no PEM private key in it"},
		"another's key":   {pki.PEM{Cert: one.Cert, Key: two.Key}, "broken pair: tls.key does not belong to the certificate in tls.crt"},
		"root is not one": {pki.PEM{Cert: one.Cert, Key: one.Key, CA: one.Key}, "broken pair: ca.crt: no PEM certificate in it"},
	} {
		wantReissued(t, what, MakePlan(r, test.have, SelfSigned{}, now), test.want)
	}
	// The root comes back, and gives way to the right one, without a new key.
	for what, ca := range map[string][]byte{"no root": nil, "another's root": two.CA, "blank root": []byte(" \n")} {
		wantKept(t, what, MakePlan(r, pki.PEM{Cert: one.Cert, Key: one.Key, CA: ca}, SelfSigned{}, now), one)
	}
}

// TestPlanForeign keeps what another tool made, if it fits, as it was written.
func TestPlanForeign(t *testing.T) {
	t.Parallel()
	now := time.Now()
	key := pkitest.ECKey(t)
	foreign := func(change func(*x509.Certificate)) pki.PEM {
		pair := pkitest.Issue(t, "web.example", nil, key, func(c *x509.Certificate) {
			c.DNSNames, c.IPAddresses = []string{"web.example"}, []net.IP{net.ParseIP("192.0.2.1")}
			c.NotBefore = now.Add(-time.Hour)
			c.NotAfter = c.NotBefore.Add(90*pki.Day - time.Second)
			c.KeyUsage, c.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
			if change != nil {
				change(c)
			}
		})
		sec1, err := x509.MarshalECPrivateKey(key.(*ecdsa.PrivateKey))
		if err != nil {
			t.Fatal(err)
		}
		text := "subject=web\n" + pkitest.PEMOf("CERTIFICATE", pair.Cert.Raw)
		return pki.PEM{Cert: []byte(text), Key: []byte(pkitest.PEMOf("EC PRIVATE KEY", sec1)), CA: []byte(text)}
	}
	r := request(t, Spec{DNSNames: []string{"web.example"}, IPAddresses: []string{"192.0.2.1"}, Duration: "90d"})
	have := foreign(nil)
	wantKept(t, "the same", MakePlan(r, have, SelfSigned{}, now), have)
	wantReissued(t, "a CA's", MakePlan(r, foreign(func(c *x509.Certificate) { c.IsCA = true }), SelfSigned{}, now), "not marked as a leaf certificate")
	wantReissued(t, "a version 1 certificate's", MakePlan(r, foreign(func(c *x509.Certificate) { c.BasicConstraintsValid = false }), SelfSigned{}, now), "not marked as a leaf certificate")
	wantReissued(t, "without usages", MakePlan(r, foreign(func(c *x509.Certificate) { c.KeyUsage, c.ExtKeyUsage = 0, nil }), SelfSigned{}, now), "usages changed (+digital signature, +server auth)")
	wantReissued(t, "an unknown usage", MakePlan(r, foreign(func(c *x509.Certificate) { c.UnknownExtKeyUsage = []asn1.ObjectIdentifier{{1, 2, 3}} }), SelfSigned{}, now), "usages changed (-1.2.3)")
	wantReissued(t, "a subject", MakePlan(r, foreign(func(c *x509.Certificate) { c.Subject = pkix.Name{CommonName: "web"} }), SelfSigned{}, now), "subject changed from CN=web to CN=web.example")
	wantReissued(t, "an hour less", MakePlan(r, foreign(func(c *x509.Certificate) { c.NotAfter = c.NotAfter.Add(-time.Hour) }), SelfSigned{}, now), "duration changed from 2158h59m59s to 90d")
}

// TestPlanOpenSSL keeps a pair of openssl's, and says what the usual call for one lacks.
func TestPlanOpenSSL(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	made := func(args ...string) pki.PEM {
		key, crt := filepath.Join(dir, "key"), filepath.Join(dir, "crt")
		pkitest.RunTool(t, "openssl", append([]string{"req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
			"-days", "365", "-subj", "/CN=my-nginx", "-keyout", key, "-out", crt}, args...)...)
		return pki.PEM{Cert: pkitest.Read(t, crt), Key: pkitest.Read(t, key), CA: pkitest.Read(t, crt)}
	}
	r := request(t, Spec{DNSNames: []string{"my-nginx"}})
	have := made("-addext", "basicConstraints=critical,CA:FALSE", "-addext", "subjectAltName=DNS:my-nginx",
		"-addext", "keyUsage=critical,digitalSignature", "-addext", "extendedKeyUsage=serverAuth")
	wantKept(t, "one that fits", MakePlan(r, have, SelfSigned{}, time.Now()), have)
	wantReissued(t, "the tutorial's", MakePlan(r, made(), SelfSigned{}, time.Now()),
		"DNS names changed (+my-nginx)", "usages changed (+digital signature, +server auth)", "not marked as a leaf certificate")
}

func TestPlanCA(t *testing.T) {
	t.Parallel()
	now := time.Now()
	r := request(t, webSpec)
	root := pkitest.Authority(t, "Root", nil, nil)
	lower := pkitest.Authority(t, "Lower", root, nil)
	direct, three := stored(t, webSpec, caOf(t, root), now), stored(t, webSpec, caOf(t, lower, root), now)
	again := func(s, parent *pkitest.Signed, name string, life time.Duration) *pkitest.Signed {
		return pkitest.Issue(t, name, parent, s.Key, func(c *x509.Certificate) {
			c.IsCA, c.DNSNames, c.NotAfter = true, nil, now.Add(life)
		})
	}
	wantKept(t, "a root", MakePlan(r, direct, caOf(t, root), now), direct)
	wantKept(t, "three levels", MakePlan(r, three, caOf(t, lower, root), now), three)
	wantReissued(t, "self-signed before", MakePlan(r, stored(t, webSpec, SelfSigned{}, now), caOf(t, root), now), "issuer changed from self-signed to CA CN=Root")
	wantReissued(t, "self-signed now", MakePlan(r, direct, SelfSigned{}, now), "issuer changed from CA CN=Root to self-signed")
	wantReissued(t, "another CA", MakePlan(r, direct, caOf(t, pkitest.Authority(t, "Other", nil, nil)), now), "issuer changed from CA CN=Root to CA CN=Other")
	wantReissued(t, "the same subject, another key", MakePlan(r, direct, caOf(t, pkitest.Authority(t, "Root", nil, nil)), now), "the CA's key changed")
	wantReissued(t, "the same key, another subject", MakePlan(r, direct, caOf(t, again(root, nil, "New Root", 9999*pki.Day)), now), "issuer changed from CA CN=Root to CA CN=New Root")

	// A CA that was renewed with its key replaces the chain, and no key.
	renewed := again(root, nil, "Root", 9999*pki.Day)
	v := MakePlan(r, direct, caOf(t, renewed), now)
	wantKept(t, "a renewed root", v, pki.PEM{Cert: direct.Cert, Key: direct.Key, CA: pki.EncodeCertificates(renewed.Cert)})
	renewed = again(lower, root, "Lower", 3000*pki.Day)
	v = MakePlan(r, three, caOf(t, renewed, root), now)
	wantKept(t, "a renewed intermediate", v, pki.PEM{Cert: pki.EncodeCertificates(leafOfPEM(t, three), renewed.Cert), Key: three.Key, CA: three.CA})
	wantKept(t, "a root that the issuer does not know", MakePlan(r, three, caOf(t, lower), now), three)
	v = MakePlan(r, pki.PEM{Cert: three.Cert, Key: three.Key, CA: pki.EncodeCertificates(pkitest.Authority(t, "Root", nil, nil).Cert)}, caOf(t, lower), now)
	wantKept(t, "a wrong one", v, pki.PEM{Cert: three.Cert, Key: three.Key})
	v = MakePlan(r, pki.PEM{Cert: pki.EncodeCertificates(leafOfPEM(t, three)), Key: three.Key}, caOf(t, lower, root), now)
	wantKept(t, "the chain was lost", v, three)
	bundle := pki.PEM{Cert: direct.Cert, Key: direct.Key, CA: append(bytes.Clone(direct.CA), pki.EncodeCertificates(lower.Cert)...)}
	wantKept(t, "others added to ca.crt", MakePlan(r, bundle, caOf(t, root), now), bundle)

	// A chain that does not hold any more is no reason to keep.
	forbids := pkitest.Issue(t, "Root", nil, root.Key, func(c *x509.Certificate) {
		c.IsCA, c.DNSNames, c.PermittedDNSDomains, c.NotAfter = true, nil, []string{"other.example"}, now.Add(9999*pki.Day)
	})
	if v := MakePlan(r, direct, caOf(t, forbids), now); v.Keep != nil || len(v.Reasons) != 1 || !strings.HasPrefix(v.Reasons[0], "not accepted: ") {
		t.Errorf("a root that forbids the name: %q", v.Reasons)
	}
}

// TestPlanCALife: a life that the CA's cut short is compared with what the CA leaves, not with the default.
func TestPlanCALife(t *testing.T) {
	t.Parallel()
	now := time.Now()
	root := pkitest.Authority(t, "Root", nil, func(c *x509.Certificate) { c.NotAfter = now.Add(100 * pki.Day) })
	ca := caOf(t, root)
	r := request(t, webSpec)
	cut := stored(t, webSpec, ca, now)
	wantKept(t, "a cut life", MakePlan(r, cut, ca, now.Add(20*pki.Day)), cut)

	early := webSpec
	early.RenewBefore = "200d"
	wantKept(t, "renewed before it began", MakePlan(request(t, early), cut, ca, now.Add(20*pki.Day)), cut)

	explicit := webSpec
	explicit.Duration = "90d"
	asked := stored(t, explicit, ca, now)
	later := now.Add(20 * pki.Day) // the CA has 80 days left, fewer than asked for
	if _, _, err := Issue(request(t, explicit), ca, later); err == nil {
		t.Error("a life longer than the CA's was issued")
	}
	wantKept(t, "what was made in time", MakePlan(request(t, explicit), asked, ca, later), asked)

	longer := pkitest.Issue(t, "Root", nil, root.Key, func(c *x509.Certificate) { c.IsCA, c.DNSNames, c.NotAfter = true, nil, now.Add(3000*pki.Day) })
	wantReissued(t, "a CA that was renewed for longer", MakePlan(r, cut, caOf(t, longer), now), "duration changed from ")
}

func leafOfPEM(t testing.TB, p pki.PEM) *x509.Certificate {
	t.Helper()
	pair, err := pki.ParsePair(p)
	if err != nil {
		t.Fatal(err)
	}
	return pair.Leaf
}
