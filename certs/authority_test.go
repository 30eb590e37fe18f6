package certs

import (
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"certgen/certs/lint"
	"certgen/certs/pki"
	"certgen/internal/pkitest"
)

// TestIssueAuthority looks at what a CA's certificate has, and a server's has not.
func TestIssueAuthority(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for _, algorithm := range pki.KeyAlgorithms() {
		spec := Spec{Name: "pki", IsCA: true, KeyAlgorithm: string(algorithm)}
		root, findings, err := Issue(request(t, spec), SelfSigned{}, now)
		if err != nil || len(findings) > 0 {
			t.Fatalf("%s: %v, %v", algorithm, findings, err)
		}
		c := root.Leaf
		if !c.IsCA || pki.PathLengthOf(c) != nil || !criticalExtension(c, asn1.ObjectIdentifier{2, 5, 29, 19}) {
			t.Errorf("%s: basic constraints of the root: CA %t, path length %s", algorithm, c.IsCA, pki.FormatPathLength(pki.PathLengthOf(c)))
		}
		if c.KeyUsage != x509.KeyUsageCertSign|x509.KeyUsageCRLSign || len(c.ExtKeyUsage) > 0 || !criticalExtension(c, asn1.ObjectIdentifier{2, 5, 29, 15}) {
			t.Errorf("%s: usages of the root: %v, %v", algorithm, c.KeyUsage, c.ExtKeyUsage)
		}
		if life := c.NotAfter.Sub(c.NotBefore); life != pki.DefaultAuthorityDuration || pki.FormatName(c.RawSubject) != "CN=pki" || len(root.Names()) > 0 {
			t.Errorf("%s: %s for %s, names %q", algorithm, pki.FormatName(c.RawSubject), life, root.Names())
		}
		if found := TargetOf(root).Lint(lint.Expectations{Now: now.AddDate(7, 0, 0)}); len(found) != 1 || found[0].Rule.ID != lint.RuleDue.ID {
			t.Errorf("%s: after two thirds of its life the root has the findings %v", algorithm, found)
		}
		spec = Spec{Name: "sub", CommonName: "sub.example", IsCA: true, PathLength: new(0), NameConstraints: pki.NameConstraints{Critical: true,
			Permitted: pki.NameConstraintItem{DNSDomains: []string{"Example"}, IPRanges: []string{"10.1.2.3/8", "2001:db8::/32"}},
			Excluded:  pki.NameConstraintItem{EmailAddresses: []string{"Ops@Example"}, URIDomains: []string{".example"}}}}
		sub, _, err := Issue(request(t, spec), &CA{key: root.Key, root: c}, now)
		if err != nil {
			t.Fatal(err)
		}
		have := pki.NameConstraintsOf(sub.Leaf)
		permitted, excluded := have.Texts()
		if got := fmt.Sprintln(have.Critical, pki.FormatPathLength(pki.PathLengthOf(sub.Leaf)), permitted, excluded, sub.Names()); got !=
			"true 0 [DNS example IP 10.0.0.0/8 IP 2001:db8::/32] [email Ops@example URI .example] []\n" {
			t.Errorf("%s: the intermediate has %s", algorithm, got)
		}
		if sub.Root != c || !sub.Leaf.NotAfter.Equal(c.NotAfter) {
			t.Errorf("%s: the intermediate ends at %s, its root %v", algorithm, sub.Leaf.NotAfter, sub.Root)
		}
	}
}

// TestAuthorityRequestRefuses: all problems come at once, and only a CA has what only a CA has.
func TestAuthorityRequestRefuses(t *testing.T) {
	t.Parallel()
	constraints := func(names ...string) pki.NameConstraints {
		return pki.NameConstraints{Permitted: pki.NameConstraintItem{DNSDomains: names}}
	}
	for _, test := range []struct {
		spec Spec
		want string
	}{
		{Spec{Name: "x", IsCA: true, Usages: []string{"digital signature", "crl sign", "email protection"}}, ""},
		{Spec{Name: "x", IsCA: true, PathLength: new(-1)}, `pathLength "-1": must be 0 or more`},
		{Spec{Name: "x", IsCA: true, NameConstraints: constraints("", "*.a", "10.0.0.0/8", ".a")}, `nameConstraints.permitted.dnsDomains "": empty
nameConstraints.permitted.dnsDomains "*.a": a wildcard; a domain takes in all hosts below it
nameConstraints.permitted.dnsDomains "10.0.0.0/8": an IP address, not a domain`},
		{Spec{Name: "x", IsCA: true, NameConstraints: pki.NameConstraints{Excluded: pki.NameConstraintItem{
			IPRanges: []string{"10.0.0.1", "::ffff:10.0.0.0/104", "10.0.0.0/33", ""}, EmailAddresses: []string{"*.a", "a@", "@a"}, URIDomains: []string{"*.a", "x://a", "10.0.0.1"}}}},
			`nameConstraints.excluded.ipRanges "10.0.0.1": an address, not a range of them
nameConstraints.excluded.ipRanges "::ffff:10.0.0.0/104": not a range of IP addresses
nameConstraints.excluded.ipRanges "10.0.0.0/33": not a range of IP addresses
nameConstraints.excluded.ipRanges "": empty
nameConstraints.excluded.emailAddresses "*.a": a wildcard; a leading dot takes in the hosts below a domain
nameConstraints.excluded.emailAddresses "a@": an e-mail address without a domain
nameConstraints.excluded.emailAddresses "@a": the part before the @ is not valid
nameConstraints.excluded.uriDomains "*.a": a wildcard; a leading dot takes in the hosts below a domain
nameConstraints.excluded.uriDomains "x://a": a URL, not a host name
nameConstraints.excluded.uriDomains "10.0.0.1": an IP address, not a domain`},
		{Spec{Name: "x", DNSNames: []string{"a.example"}, PathLength: new(1), NameConstraints: constraints("a")},
			"pathLength \"1\": only a CA has one\nnameConstraints.permitted.dnsDomains \"a\": only a CA has name constraints"},
		{Spec{Name: "x", DNSNames: []string{"a.example"}, Usages: []string{"cert sign"}}, `usages "cert sign": a server certificate must not sign others; only a CA does`},
	} {
		got := ""
		if _, err := test.spec.Request(); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%+v:\n%s\nwant\n%s", test.spec, got, test.want)
		}
	}
}

func TestPlanAuthority(t *testing.T) {
	t.Parallel()
	now := time.Now()
	spec := Spec{Name: "pki", IsCA: true, PathLength: new(1), NameConstraints: pki.NameConstraints{Critical: true,
		Permitted: pki.NameConstraintItem{DNSDomains: []string{"a.example", "b.example"}, IPRanges: []string{"10.0.0.0/8"}}}}
	have := stored(t, spec, SelfSigned{}, now)
	for what, test := range map[string]struct {
		change func(*Spec)
		want   []string
	}{
		"nothing":             {func(*Spec) {}, nil},
		"the names otherwise": {func(s *Spec) { s.NameConstraints.Permitted.DNSDomains = []string{"B.example", "A.example"} }, nil},
		"within a range":      {func(s *Spec) { s.NameConstraints.Permitted.IPRanges = []string{"10.9.9.9/8"} }, nil},
		"path length":         {func(s *Spec) { s.PathLength = new(0) }, []string{"path length changed from 1 to 0"}},
		"no path length":      {func(s *Spec) { s.PathLength = nil }, []string{"path length changed from 1 to no bound"}},
		"a domain":            {func(s *Spec) { s.NameConstraints.Permitted.DNSDomains = []string{"a.example", "c"} }, []string{"permitted DNS domains changed (+c, -b.example)"}},
		"a range":             {func(s *Spec) { s.NameConstraints.Excluded.IPRanges = []string{"10.0.0.0/9"} }, []string{"excluded IP ranges changed (+10.0.0.0/9)"}},
		"critical":            {func(s *Spec) { s.NameConstraints.Critical = false }, []string{"critical of the name constraints changed from true to false"}},
		"no constraints": {func(s *Spec) { s.NameConstraints = pki.NameConstraints{} },
			[]string{"permitted DNS domains changed (-a.example, -b.example)", "permitted IP ranges changed (-10.0.0.0/8)"}},
		"a server": {func(s *Spec) {
			*s = Spec{Name: "pki", DNSNames: []string{"a.example"}, LiteralSubject: "CN=pki", Duration: "3650d"}
		},
			[]string{"DNS names changed (+a.example, +pki)", "usages changed", "not marked as a leaf certificate"}},
	} {
		changed := spec
		test.change(&changed)
		plan := MakePlan(request(t, changed), have, SelfSigned{}, now)
		if test.want == nil {
			wantKept(t, what, plan, have)
		} else {
			wantReissued(t, what, plan, test.want...)
		}
	}
	web := stored(t, Spec{Name: "pki", DNSNames: []string{"a.example"}, LiteralSubject: "CN=pki", Duration: "3650d"}, SelfSigned{}, now)
	wantReissued(t, "a server's", MakePlan(request(t, Spec{Name: "pki", IsCA: true}), web, SelfSigned{}, now),
		"DNS names changed (-a.example, -pki)", "usages changed", "not marked as the certificate of a CA")
}

// TestAdmitAuthority: a CA stays within what all those above it may certify.
func TestAdmitAuthority(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		above, below string // "+" permits, "-" excludes, "<" is the path length
		want         string
	}{
		{"", "", ""},
		{"", "<5 +dns:a", ""},
		{"<1", "", ""},
		{"<1", "<0", ""},
		{"<1", "<1", `pathLength "1": the path length of the CA allows at most 0`},
		{"<0", "<0", `issuer "CA CN=Above": the path length of the CA allows 0 CAs below it, not 1`},
		{"+dns:example", "", ""},
		{"+dns:example", "+dns:example +dns:.example +dns:a.example", ""},
		{"+dns:EXAMPLE", "+dns:a.example", ""},
		{"+dns:.example", "+dns:.example +dns:a.example +dns:.a.example", ""},
		{"+dns:.example", "+dns:example", `nameConstraints.permitted.dnsDomains "example": CN=Above permits only .example`},
		{"+dns:a.example", "+dns:example", `nameConstraints.permitted.dnsDomains "example": CN=Above permits only a.example`},
		{"+dns:example", "+dns:anexample", `nameConstraints.permitted.dnsDomains "anexample": CN=Above permits only example`},
		{"-dns:a.example", "+dns:example", ""},
		{"-dns:a.example", "+dns:b.a.example", `nameConstraints.permitted.dnsDomains "b.a.example": CN=Above excludes "a.example"`},
		{"+dns:example", "-dns:other +ip:10.0.0.0/8", ""},
		{"+ip:10.0.0.0/8", "+ip:10.0.0.0/8 +ip:10.1.0.0/16", ""},
		{"+ip:10.0.0.0/8", "+ip:10.0.0.0/7", `nameConstraints.permitted.ipRanges "10.0.0.0/7": CN=Above permits only 10.0.0.0/8`},
		{"+ip:10.0.0.0/8", "+ip:2001:db8::/32", `nameConstraints.permitted.ipRanges "2001:db8::/32": CN=Above permits only 10.0.0.0/8`},
		{"-ip:10.0.0.0/8", "+ip:10.1.0.0/16", `nameConstraints.permitted.ipRanges "10.1.0.0/16": CN=Above excludes "10.0.0.0/8"`},
		{"+email:example", "+email:example +email:Ops@example", ""},
		{"+email:example", "+email:.example", `nameConstraints.permitted.emailAddresses ".example": CN=Above permits only example`},
		{"+email:.example", "+email:.example +email:a.example +email:ops@a.example +email:.a.example", ""},
		{"+email:.example", "+email:ops@example", `nameConstraints.permitted.emailAddresses "ops@example": CN=Above permits only .example`},
		{"+email:Ops@example", "+email:Ops@example", ""},
		{"+email:ops@example", "+email:example", `nameConstraints.permitted.emailAddresses "example": CN=Above permits only ops@example`},
		{"+email:ops@example", "+email:Ops@example", `nameConstraints.permitted.emailAddresses "Ops@example": CN=Above permits only ops@example`},
		{"-email:example", "+email:ops@a.example", `nameConstraints.permitted.emailAddresses "ops@a.example": CN=Above excludes "example"`},
		{"+uri:.example", "+uri:a.example +uri:.a.example", ""},
		{"+uri:example", "+uri:a.example", `nameConstraints.permitted.uriDomains "a.example": CN=Above permits only example`},
		{"-uri:example", "+uri:.example", `nameConstraints.permitted.uriDomains ".example": CN=Above excludes "example"`},
	} {
		above := pkitest.Authority(t, "Above", nil, func(c *x509.Certificate) { become(t, c, test.above) })
		below := &x509.Certificate{MaxPathLen: -1}
		become(t, below, test.below)
		below.BasicConstraintsValid = true
		spec := Spec{Name: "below", IsCA: true, PathLength: pki.PathLengthOf(below), NameConstraints: pki.NameConstraintsOf(below)}
		got := ""
		if err := caOf(t, above).Admit(request(t, spec), time.Now()); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%q above %q: %q, want %q", test.above, test.below, got, test.want)
		}
	}
	// The path length of one further up counts, too.
	top := pkitest.Authority(t, "Top", nil, func(c *x509.Certificate) { become(t, c, "<2") })
	middle := pkitest.Authority(t, "Middle", top, nil)
	err := caOf(t, middle, top).Admit(request(t, Spec{Name: "low", IsCA: true, PathLength: new(1)}), time.Now())
	if want := `pathLength "1": the path length of its issuer CN=Top allows at most 0`; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// become gives a CA a path length and name constraints, as words.
func become(t *testing.T, c *x509.Certificate, words string) {
	t.Helper()
	fields := strings.Fields(words)
	if i := slices.IndexFunc(fields, func(word string) bool { return word[0] == '<' }); i >= 0 {
		c.MaxPathLen = int(fields[i][1] - '0')
		c.MaxPathLenZero = c.MaxPathLen == 0
		fields = slices.Delete(fields, i, i+1)
	}
	constrain(t, c, fields)
}
