package readers

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"certgen/internal/e2e"
	"certgen/internal/pkitest"
	"certgen/internal/testbed"
)

// conformanceCase is a chain of a foreign suite, in files, with the verdict that a verifier should reach.
type conformanceCase struct {
	suite, dir  string // leaf.pem, chain.pem, roots.pem, and list0.crl and on
	valid       bool
	client      bool
	public      bool // it is about what public CAs may issue
	host        string
	time        time.Time
	crls        []string
	untrusted   []string
	leaf, roots string
}

// verifiers are the programs that judge, the names of which head the table.
func verifiers() []struct {
	name    string
	accepts func(*testing.T, conformanceCase) bool
} {
	return []struct {
		name    string
		accepts func(*testing.T, conformanceCase) bool
	}{
		{"certgen", conformsCertgen}, {"Go", conformsGo}, {"OpenSSL", conformsOpenSSL}, {"GnuTLS", conformsGnuTLS},
	}
}

// TestConformance writes docs/conformance.md: how many chains of each suite each verifier judges as the suite does.
func TestConformance(t *testing.T) {
	t.Parallel()
	testbed.Long(t, "gives hundreds of chains to each verifier")
	cases := slices.Concat(limboCases(t), pkitsCases(t))
	type score struct{ right, missed, alarms int }
	scores := map[string]score{}
	totals := map[string]int{}
	for _, c := range cases {
		totals[c.suite]++
		for _, v := range verifiers() {
			s := scores[c.suite+v.name]
			switch accepted := v.accepts(t, c); {
			case accepted == c.valid:
				s.right++
			case accepted:
				s.missed++
			default:
				s.alarms++
			}
			scores[c.suite+v.name] = s
		}
	}
	var page bytes.Buffer
	page.WriteString(conformanceHead)
	for _, suite := range []string{"x509-limbo", "PKITS"} {
		best := scores[suite+"certgen"].right
		for _, v := range verifiers() {
			s := scores[suite+v.name]
			fmt.Fprintf(&page, "| %s | %d | %s | %d | %d | %d |\n", suite, totals[suite], v.name, s.right, s.missed, s.alarms)
			if s.right > best {
				t.Errorf("%s: %s judges %d right, and certgen only %d", suite, v.name, s.right, best)
			}
		}
	}
	page.WriteString(conformanceTail)
	const path = "../../../docs/conformance.md"
	if *update {
		e2e.Write(t, path, page.Bytes())
	}
	if have := bytes.ReplaceAll(e2e.Read(t, path), []byte("\r\n"), []byte("\n")); !bytes.Equal(have, page.Bytes()) {
		t.Errorf("docs/conformance.md is not what the verifiers say (-update writes it anew):\n%s", &page)
	}
}

const conformanceHead = `# certgen verify beside other verifiers

The tests give the chains of two suites that others wrote to certgen and to other verifiers: [x509-limbo](https://x509-limbo.com), and
of NIST's [PKITS](https://csrc.nist.gov/projects/pki-testing) what needs neither policies nor revocation lists. "Missed" are bad chains
that a verifier accepts, "false alarms" good ones that it refuses. certgen is asked with ` + "`--profile strict`" + `, of what is about public
CAs with ` + "`--profile public`" + `, and an error counts as a refusal; OpenSSL with ` + "`-x509_strict`" + `; Go is crypto/x509, GnuTLS certtool,
which judges as of today whatever time a case is about.

| suite | chains | verifier | right | missed | false alarms |
|---|---|---|---|---|---|
`

const conformanceTail = `
## What certgen judges otherwise

| case | why |
|---|---|
| x509-limbo pathlen::max-chain-depth-0-exhausted, max-chain-depth-1-exhausted | a bound that a client sets for itself, not a fault of the certificates |
| rfc5280::aki::cross-signed-root-missing-aki | a root, which is trusted for being there; cve::cve-2024-0567 wants such a one to be accepted |
| rfc5280::nc::permitted-dn-match | it has no alternative name, which clients of servers want |
| webpki::nc::nc-permits-dns-san-pattern, webpki::san::exact-localhost-ip-san, leftmost-wildcard-san | the common name is none of the alternative names, which webpki::cn::not-in-san wants to be refused |
| PKITS 4.1.4, 4.1.5 | DSA, which clients refuse |
| PKITS 4.7.4, 4.7.5 | the fault shows in a revocation list, which Go's source tree does not carry |
`

func (c *conformanceCase) write(t *testing.T, leaf string, untrusted, roots, crls []string) {
	t.Helper()
	c.dir = t.TempDir()
	put := func(name, text string) string {
		path := filepath.Join(c.dir, name)
		e2e.Write(t, path, []byte(text))
		return path
	}
	c.leaf, c.roots = put("leaf.pem", leaf), put("roots.pem", strings.Join(roots, "\n"))
	put("chain.pem", leaf+"\n"+strings.Join(untrusted, "\n"))
	if len(untrusted) > 0 {
		c.untrusted = []string{"-untrusted", put("untrusted.pem", strings.Join(untrusted, "\n"))}
	}
	for i, crl := range crls {
		c.crls = append(c.crls, put(fmt.Sprintf("list%d.crl", i), crl))
	}
}

func limboCases(t *testing.T) (cases []conformanceCase) {
	for _, l := range pkitest.Limbo(t, filepath.Join("..", "..", "..")) {
		c := conformanceCase{suite: "x509-limbo", valid: l.Expected == "SUCCESS", client: l.Kind == "CLIENT", public: strings.HasPrefix(l.ID, "webpki::"), time: time.Now()}
		if l.Time != nil {
			c.time = *l.Time
		}
		if l.Name != nil && !c.client {
			c.host = l.Name.Value
		}
		c.write(t, l.Leaf, l.Others, l.Roots, l.CRLs)
		cases = append(cases, c)
	}
	return cases
}

func pkitsCases(t *testing.T) (cases []conformanceCase) {
	for _, v := range pkitest.PKITS(t) {
		var texts []string
		for _, der := range v.Path(t) {
			texts = append(texts, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
		}
		c := conformanceCase{suite: "PKITS", valid: v.ShouldValidate, client: true, time: pkitest.PKITSTime()}
		last := len(texts) - 1
		c.write(t, texts[0], texts[1:last], texts[last:], nil)
		cases = append(cases, c)
	}
	return cases
}

func conformsCertgen(t *testing.T, c conformanceCase) bool {
	args := []string{"verify", filepath.Join(c.dir, "chain.pem"), "--ca", c.roots, "--at", c.time.UTC().Format(time.RFC3339Nano), "--fail-on", "error"}
	switch {
	case c.suite == "PKITS":
	case c.public:
		args = append(args, "--profile", "public")
	default:
		args = append(args, "--profile", "strict")
	}
	purpose := "server"
	if c.client {
		purpose = "client"
	}
	args = append(args, "--for", purpose)
	if c.host != "" {
		args = append(args, "--hostname", c.host)
	}
	for _, crl := range c.crls {
		args = append(args, "--crl", crl)
	}
	return e2e.Execute(t, "", e2e.Certgen(t), args...).Code == 0
}

func conformsGo(t *testing.T, c conformanceCase) bool {
	options := x509.VerifyOptions{Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), CurrentTime: c.time, DNSName: c.host}
	if c.client {
		options.KeyUsages = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	}
	options.Roots.AppendCertsFromPEM(e2e.Read(t, c.roots))
	options.Intermediates.AppendCertsFromPEM(e2e.Read(t, filepath.Join(c.dir, "chain.pem")))
	block, _ := pem.Decode(e2e.Read(t, c.leaf))
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return false
	}
	_, err = leaf.Verify(options)
	return err == nil
}

func conformsOpenSSL(t *testing.T, c conformanceCase) bool {
	args := []string{"verify", "-x509_strict", "-no-CApath", "-no-CAstore", "-CAfile", c.roots, "-attime", strconv.FormatInt(c.time.Unix(), 10)}
	args = append(args, c.untrusted...)
	if c.client {
		args = append(args, "-purpose", "sslclient")
	} else {
		args = append(args, "-purpose", "sslserver")
	}
	switch {
	case net.ParseIP(c.host) != nil:
		args = append(args, "-verify_ip", c.host)
	case c.host != "":
		args = append(args, "-verify_hostname", c.host)
	}
	for _, crl := range c.crls {
		args = append(args, "-crl_check", "-CRLfile", crl)
	}
	return e2e.Execute(t, "", e2e.Need(t, "openssl"), append(args, c.leaf)...).Code == 0
}

// conformsGnuTLS asks as of today: certtool cannot be given a time.
func conformsGnuTLS(t *testing.T, c conformanceCase) bool {
	args := []string{"--verify", "--load-ca-certificate", c.roots, "--infile", filepath.Join(c.dir, "chain.pem")}
	purpose := "1.3.6.1.5.5.7.3.1"
	if c.client {
		purpose = "1.3.6.1.5.5.7.3.2"
	}
	args = append(args, "--verify-purpose", purpose)
	if c.host != "" {
		args = append(args, "--verify-hostname", c.host)
	}
	for _, crl := range c.crls {
		args = append(args, "--load-crl", crl)
	}
	return e2e.Execute(t, "", e2e.Need(t, "certtool"), args...).Code == 0
}
