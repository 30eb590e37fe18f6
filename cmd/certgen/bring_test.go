package main

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/rogpeppe/go-internal/testscript"

	"certgen/certs/lint"
	"certgen/internal/faulty"
)

// signRequest is the script command "sign CA REQUEST CERT [KEY=VALUE...]": it has CA.key sign a request as the
// request asks, with the certificates of CA.crt behind it, but for
//
//	days=N       ends in N days, a negative number ago (default 90); its life is a hundred days longer
//	names=HOST   other names, separated by commas; none where empty
//	cn=NAME      another subject
//	usage=client for clients only
//	sha1=true    signed with SHA-1
//	alone=true   without the CA's certificates
func signRequest(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: sign CA REQUEST CERT [KEY=VALUE...]")
	}
	options := map[string]string{"days": "90"}
	for _, arg := range args[3:] {
		key, value, _ := strings.Cut(arg, "=")
		options[key] = value
	}
	chain := []byte(ts.ReadFile(args[0] + ".crt"))
	ca, err := tls.X509KeyPair(chain, []byte(ts.ReadFile(args[0]+".key")))
	ts.Check(err)
	block, _ := pem.Decode([]byte(ts.ReadFile(args[1])))
	request, err := x509.ParseCertificateRequest(block.Bytes)
	ts.Check(err)
	days, err := strconv.Atoi(options["days"])
	ts.Check(err)
	now := time.Now().UTC() // where every day has 24 hours
	template := &x509.Certificate{
		Subject:     request.Subject,
		NotBefore:   now.AddDate(0, 0, min(0, days)-100),
		NotAfter:    now.AddDate(0, 0, days),
		DNSNames:    request.DNSNames,
		IPAddresses: request.IPAddresses,
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},

		BasicConstraintsValid: true,
	}
	if names, ok := options["names"]; ok {
		template.IPAddresses, template.DNSNames = nil, slices.DeleteFunc(strings.Split(names, ","), func(name string) bool { return name == "" })
	}
	if cn := options["cn"]; cn != "" {
		template.Subject = pkix.Name{CommonName: cn}
	}
	if options["usage"] == "client" {
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	}
	if options["sha1"] == "true" {
		template.SignatureAlgorithm = x509.ECDSAWithSHA1
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.Leaf, request.PublicKey, ca.PrivateKey)
	ts.Check(err)
	if options["alone"] == "true" {
		chain = nil
	}
	text := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), chain...)
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), text, 0o600))
}

// reform is the script command "reform FORM IN OUT": it writes a PEM text as others would, and the other
// way around in the case of its blocks.
func reform(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: reform crlf|bom|utf16|indented|reversed IN OUT")
	}
	text := ts.ReadFile(args[1])
	switch args[0] {
	case "crlf":
		text = strings.ReplaceAll(text, "\n", "\r\n")
	case "bom":
		text = "\ufeff" + text
	case "utf16":
		units := append([]uint16{0xfeff}, utf16.Encode([]rune(text))...)
		encoded, err := binary.Append(nil, binary.LittleEndian, units)
		ts.Check(err)
		text = string(encoded)
	case "indented":
		text = "tls.crt: |\n    " + strings.ReplaceAll(text, "\n", "\n    ")
	case "reversed":
		var blocks []string
		for block, rest := pem.Decode([]byte(text)); block != nil; block, rest = pem.Decode(rest) {
			blocks = append(blocks, string(pem.EncodeToMemory(block)))
		}
		slices.Reverse(blocks)
		text = strings.Join(blocks, "")
	default:
		ts.Fatalf("no form %q", args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(text), 0o600))
}

// TestBringFaulty: a pair with a fault is refused with the rule that it breaks; --allow-insecure takes it
// where a server can load it. A fault that is no error, or that certgen mends, does not keep a pair out.
func TestBringFaulty(t *testing.T) {
	t.Parallel()
	rules := map[string]lint.Rule{}
	for _, rule := range lint.Rules() {
		rules[rule.ID] = rule
	}
	mended := map[string]string{
		"chain-order":   "put in order",
		"root-in-chain": "the root was taken out",
		"key-encrypted": "old encryption",
	}
	dir := t.TempDir()
	password := filepath.Join(dir, "password")
	write(t, password, []byte("secret\n"))
	m := faulty.NewMaker(t, time.Now())
	for i, p := range m.Pairs(parse(t, "../../testdata/tutorial.crt")[0]) {
		if len(p.Roots) > 0 {
			continue // what others trust is not asked here
		}
		name := p.ID + strconv.Itoa(i)
		if len(p.PEM.Key) == 0 {
			p.PEM.Key = publishedKey(t)
		}
		file := func(end string, data []byte) string {
			path := filepath.Join(dir, name+end)
			write(t, path, data)
			return path
		}
		args := []string{"create", "x", "--cert", file(".crt", p.PEM.Cert), "--key", file(".key", p.PEM.Key), "--password-file", password}
		if len(p.PEM.CA) > 0 {
			args = append(args, "--ca", file(".ca", p.PEM.CA))
		}
		for _, host := range p.Hosts {
			args = append(args, "--dns", host)
		}
		r := execute(t, "", certgen(t), args...)
		insecure := execute(t, "", certgen(t), append(args, "--allow-insecure")...)
		note, isMended := mended[p.ID]
		if r.code != 0 && r.stdout != "" {
			t.Errorf("%s: refused, but printed", name)
		}
		switch rule := rules[p.ID]; {
		case isMended:
			if r.code != 0 || !strings.Contains(r.stderr, note) {
				t.Errorf("%s: exit %d without %q\n%s", name, r.code, note, r.stderr)
			}
		case rule.Severity == lint.Warning:
			if r.code != 0 || !strings.Contains(r.stderr, "warning: ") || !strings.Contains(r.stderr, "("+p.ID+")") {
				t.Errorf("%s: exit %d\n%s", name, r.code, r.stderr)
			}
		case rule.Unusable:
			if r.code != 1 || insecure.code != 1 || strings.Contains(r.stderr, "allow-insecure") {
				t.Errorf("%s: exit %d, with --allow-insecure %d\n%s", name, r.code, insecure.code, r.stderr)
			}
		default:
			if r.code != 1 || !strings.Contains(r.stderr, "("+p.ID+": breaks "+rule.Breaks+")") || !strings.Contains(r.stderr, "hint: --allow-insecure") {
				t.Errorf("%s: exit %d\n%s", name, r.code, r.stderr)
			}
			if insecure.code != 0 || !strings.Contains(insecure.stderr, "warning: ") || !strings.Contains(insecure.stderr, "("+p.ID+")") {
				t.Errorf("%s with --allow-insecure: exit %d\n%s", name, insecure.code, insecure.stderr)
			}
		}
		if key := p.PEM.Key[40:80]; bytes.Contains([]byte(r.stderr+insecure.stderr), key) {
			t.Errorf("%s: the message repeats the key", name)
		}
	}
}
