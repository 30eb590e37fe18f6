package certs

import (
	"crypto/x509"
	"errors"
	"net/netip"
	"slices"
	"time"

	"certgen/certs/lint"
	"certgen/certs/pki"
)

// TargetOf returns the pair as a server would send it. Where no root is known, the chain is
// held against its last intermediate.
func TargetOf(p *pki.KeyPair) lint.Target {
	target := lint.Target{Chain: append([]*x509.Certificate{p.Leaf}, p.Intermediates...), Key: p.Key}
	if p.Root != nil {
		target.CA = []*x509.Certificate{p.Root}
	} else if len(p.Intermediates) > 0 {
		target.CA = p.Intermediates[len(p.Intermediates)-1:]
	}
	return target
}

// check holds a pair against what a client will do with it: the key belongs to the certificate, every
// host and address of r is matched by it, the chain verifies up to the root, or as far as it is known,
// and no rule of severity [lint.Error] is broken. A TLS handshake would find nothing more, at four times the
// price of issuing. Usages are as r asks, so a certificate for clients alone passes. What a pair that
// passes has against it nevertheless is returned: warnings, and the usage that was asked for. Where the issuer vouches for the chain,
// and its signature on the leaf was checked, the chain is not verified once more.
func check(p *pki.KeyPair, r Request, now time.Time, vouched bool) ([]lint.Finding, error) {
	var passed []lint.Finding
	var errs []error
	target := TargetOf(p)
	target.Vouched = vouched
	purpose := lint.AsItSays
	if r.IsCA {
		purpose = lint.ForCA
	}
	for _, f := range target.Lint(lint.Expectations{Hosts: r.matchable(), For: purpose, Now: now, Renewal: r.Renewal}) {
		if f.Rule.Severity == lint.Error && !r.asksFor(f.Rule) {
			errs = append(errs, errors.New(f.Detail))
		} else {
			passed = append(passed, f)
		}
	}
	return passed, errors.Join(errs...)
}

// asksFor reports whether r itself asks for what breaks a rule: usages for clients alone, or, as written, no name but the
// common name, which is all that a CA's certificate has of cert-manager, or a CA without a subject.
func (r Request) asksFor(rule lint.Rule) bool {
	return rule == lint.RuleNoServerAuth || r.AsWritten && (rule == lint.RuleCNOnly || rule == lint.RuleNoSAN || rule == lint.RuleCASubject)
}

// matchable are the hosts that a client can match. As written, a DNS name may be an address, which no client looks for
// among the DNS names.
func (r Request) matchable() []string {
	if !r.AsWritten {
		return r.Hosts()
	}
	named := r
	named.DNSNames = slices.DeleteFunc(slices.Clone(r.DNSNames), func(name string) bool {
		_, err := netip.ParseAddr(name)
		return err == nil
	})
	return named.Hosts()
}

// Hosts are the names by which clients find a server: host names and addresses.
func (r Request) Hosts() []string {
	return append(append([]string(nil), r.DNSNames...), pki.Texts(r.IPAddresses)...)
}
