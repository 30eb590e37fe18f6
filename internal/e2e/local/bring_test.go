package local

import (
	"bytes"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"certgen/certs/lint"
	"certgen/certs/pki"
	"certgen/internal/e2e"
	"certgen/internal/faulty"
)

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
	e2e.Write(t, password, []byte("secret\n"))
	m := faulty.NewMaker(t, time.Now())
	for i, p := range m.Pairs(e2e.Parse(t, "../../../testdata/tutorial.crt")[0]) {
		if len(p.Roots) > 0 || p.Alone {
			continue // what others trust, or verify is told, is not asked here
		}
		name := p.ID + strconv.Itoa(i)
		if len(p.PEM.Key) == 0 {
			p.PEM.Key = e2e.PublishedKey(t)
		}
		file := func(end string, data []byte) string {
			path := filepath.Join(dir, name+end)
			e2e.Write(t, path, data)
			return path
		}
		args := []string{"create", "x", "--cert", file(".crt", p.PEM.Cert), "--key", file(".key", p.PEM.Key), "--password-file", password}
		if len(p.PEM.CA) > 0 {
			args = append(args, "--ca", file(".ca", p.PEM.CA))
		}
		for _, host := range p.Hosts {
			args = append(args, "--dns", host)
		}
		r := e2e.Execute(t, "", e2e.Certgen(t), args...)
		insecure := e2e.Execute(t, "", e2e.Certgen(t), append(args, "--allow-insecure")...)
		note, isMended := mended[p.ID]
		if r.Code != 0 && r.Stdout != "" {
			t.Errorf("%s: refused, but printed", name)
		}
		switch rule := rules[p.ID]; {
		case p.Surplus:
			if r.Code != 0 || !strings.Contains(r.Stderr, "left out, as not part of the chain: ") {
				t.Errorf("%s: exit %d\n%s", name, r.Code, r.Stderr)
			}
		case isMended:
			if r.Code != 0 || !strings.Contains(r.Stderr, note) {
				t.Errorf("%s: exit %d without %q\n%s", name, r.Code, note, r.Stderr)
			}
		case rule.Severity == lint.Warning:
			if r.Code != 0 || !strings.Contains(r.Stderr, "warning: ") || !strings.Contains(r.Stderr, "("+p.ID+")") {
				t.Errorf("%s: exit %d\n%s", name, r.Code, r.Stderr)
			}
		case rule.Unusable:
			if r.Code != 1 || insecure.Code != 1 || strings.Contains(r.Stderr, "allow-insecure") {
				t.Errorf("%s: exit %d, with --allow-insecure %d\n%s", name, r.Code, insecure.Code, r.Stderr)
			}
		default:
			if r.Code != 1 || !strings.Contains(r.Stderr, "("+p.ID+": breaks "+breaks(p, rule)+")") || !strings.Contains(r.Stderr, "hint: --allow-insecure") {
				t.Errorf("%s: exit %d\n%s", name, r.Code, r.Stderr)
			}
			if insecure.Code != 0 || !strings.Contains(insecure.Stderr, "warning: ") || !strings.Contains(insecure.Stderr, "("+p.ID+")") {
				t.Errorf("%s with --allow-insecure: exit %d\n%s", name, insecure.Code, insecure.Stderr)
			}
		}
		if key := p.PEM.Key[40:80]; bytes.Contains([]byte(r.Stderr+insecure.Stderr), key) {
			t.Errorf("%s: the message repeats the key", name)
		}
	}
}

// breaks is whom the fault of a pair breaks: in some places a rule says it otherwise than in others.
func breaks(p faulty.Pair, rule lint.Rule) string {
	chain, err := pki.ParseCertificates(p.PEM.Cert)
	if err != nil {
		return rule.Breaks
	}
	ca, _ := pki.ParseCertificates(p.PEM.CA) // there may be none
	for _, f := range (lint.Target{Chain: chain, CA: ca}).Lint(lint.Expectations{Hosts: p.Hosts, Now: time.Now()}) {
		if f.Rule.ID == rule.ID {
			return f.Rule.Breaks
		}
	}
	return rule.Breaks
}
