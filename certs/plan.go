package certs

import (
	"cmp"
	"crypto"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"

	"certgen/certs/pki"
)

// Plan says what to do with a key pair that exists already.
type Plan struct {
	// Keep is the pair to keep, with the issuer's present chain; nil where a new one is to be issued.
	Keep *pki.KeyPair

	// PEM is how the store is to hold Keep: as it does already, but for certificates above the leaf that
	// the issuer has replaced since.
	PEM pki.PEM

	// Reasons say for people why a new pair is to be issued: each names a field and what it changes from
	// and to. Empty where the pair is kept, and where there was none.
	Reasons []string
}

// MakePlan decides whether the pair in a store still fits r and is not due, by the certificate itself.
// Nothing in the store is no reason: there is simply no pair to keep.
func MakePlan(r Request, existing pki.PEM, issuer Issuer, now time.Time) Plan {
	if existing.Empty() {
		return Plan{}
	}
	pair, err := pki.ParsePair(existing)
	if err != nil {
		return Plan{Reasons: []string{"broken pair: " + err.Error()}}
	}
	return plan(pair, r, existing, issuer, now)
}

// PlanFor is [MakePlan] for the certificate of a public key whose owner keeps the private one, with its chain, in PEM.
func PlanFor(pub crypto.PublicKey, r Request, chain []byte, issuer Issuer, now time.Time) Plan {
	existing := pki.PEM{Cert: chain}
	if existing.Empty() {
		return Plan{}
	}
	all, err := pki.ParseCertificates(chain)
	if err != nil {
		return Plan{Reasons: []string{"broken certificate: " + err.Error()}}
	}
	if pki.PublicKeyPin(all[0].PublicKey) != pki.PublicKeyPin(pub) {
		return Plan{Reasons: []string{"the request is for another key"}}
	}
	made := plan(&pki.KeyPair{Leaf: all[0], Intermediates: all[1:]}, r, existing, issuer, now)
	made.PEM.CA = nil // clients have the root from elsewhere
	return made
}

// plan decides about a pair; existing is how the store holds it.
func plan(pair *pki.KeyPair, r Request, existing pki.PEM, issuer Issuer, now time.Time) Plan {
	var reasons []string
	for _, d := range Differences(pair, r, issuer) {
		reasons = append(reasons, d.Detail)
	}
	// A policy by which it is never renewed, or a window that opens too late, is not meant to keep an expired one.
	if due, renewed := r.Renewal.Due(pair.Leaf); now.After(pair.Leaf.NotAfter) {
		reasons = append(reasons, "expired at "+pki.FormatTime(pair.Leaf.NotAfter))
	} else if renewed && !now.Before(due) {
		reasons = append(reasons, "due for renewal since "+pki.FormatTime(due))
	}
	if len(reasons) == 0 {
		existing = r.reencode(pair, rechain(pair, existing, issuer))
		if _, err := check(pair, r, now, issuer.Vouches(now)); err != nil {
			reasons = append(reasons, "not accepted: "+err.Error())
		}
	}
	if len(reasons) > 0 {
		return Plan{Reasons: reasons}
	}
	return Plan{Keep: pair, PEM: existing}
}

// rechain gives the pair the issuer's present chain and returns how text, which held the pair, is to
// hold it now.
func rechain(p *pki.KeyPair, text pki.PEM, issuer Issuer) pki.PEM {
	intermediates, root := issuer.Chain(p.Leaf)
	if !slices.EqualFunc(intermediates, p.Intermediates, (*x509.Certificate).Equal) {
		text.Cert = pki.EncodeCertificates(append([]*x509.Certificate{p.Leaf}, intermediates...)...)
	}
	if top := append([]*x509.Certificate{p.Leaf}, intermediates...); root == nil && p.Root != nil && pki.Signs(p.Root, top[len(top)-1]) {
		root = p.Root // the issuer does not know it, but somebody put the right one here
	}
	switch {
	case root == nil:
		text.CA = nil
	case p.Root == nil || !root.Equal(p.Root):
		text.CA = pki.EncodeCertificates(root)
	}
	p.Intermediates, p.Root = intermediates, root
	return text
}

// Difference is one way in which a certificate is not what is wanted: the field of the [Spec] that it
// breaks, and for people what changes from and to.
type Difference struct {
	Field  pki.Field
	Detail string
}

// Differences says field by field how the certificate differs from what r and issuer would make now. With
// no issuer, nil, who signed it and for how long are not compared: that was another's choice.
func Differences(p *pki.KeyPair, r Request, issuer Issuer) []Difference {
	leaf := p.Leaf
	var out []Difference
	differs := func(field pki.Field, format string, args ...any) {
		out = append(out, Difference{field, fmt.Sprintf(format, args...)})
	}
	changed := func(field pki.Field, what, from, to string) {
		if from != to {
			differs(field, "%s changed from %s to %s", what, from, to)
		}
	}
	names := func(field pki.Field, what string, have, want []string) {
		if diff := setDifference(have, want); diff != "" {
			differs(field, "%s changed (%s)", what, diff)
		}
	}
	if issuer != nil && !issuer.Issued(leaf) {
		from := "CA " + pki.FormatName(leaf.RawIssuer)
		if selfSigned(leaf) {
			from = SelfSigned{}.String()
		}
		if to := issuer.String(); from == to {
			differs(pki.FieldIssuer, "the CA's key changed")
		} else {
			changed(pki.FieldIssuer, "issuer", from, to)
		}
	}
	names(pki.FieldDNSNames, "DNS names", lower(leaf.DNSNames), lower(r.DNSNames))
	names(pki.FieldIPAddresses, "IP addresses", pki.IPTexts(leaf.IPAddresses), pki.Texts(r.IPAddresses))
	names(pki.FieldURIs, "URIs", pki.Texts(leaf.URIs), pki.Texts(r.URIs))
	if have, want := otherNames(leaf.Extensions), r.encodedOtherNames(); !slices.Equal(have, want) {
		differs(fieldOtherNames, "names of other kinds changed")
	}
	names(pki.FieldEmailAddresses, "e-mail addresses", leaf.EmailAddresses, r.EmailAddresses)
	changed(pki.FieldSubject, "subject", cmp.Or(pki.FormatName(leaf.RawSubject), "none"), cmp.Or(pki.FormatName(r.rawSubject()), "none"))
	changed(pki.FieldKeyAlgorithm, "key", pki.KeySpecOf(leaf.PublicKey).String(), r.Key.String())
	names(pki.FieldUsages, "usages", append(pki.FormatUsages(leaf.KeyUsage, leaf.ExtKeyUsage), pki.UnknownUsages(leaf)...), pki.FormatUsages(r.KeyUsage, r.ExtKeyUsages))
	out = append(out, authorityDifferences(leaf, r)...)
	if issuer == nil {
		return out
	}
	out = append(out, publishedDifferences(leaf, issuer)...)
	// Some issuers count the last second in and others not.
	if end := r.notAfter(leaf.NotBefore, issuer.Latest()); end.Sub(leaf.NotAfter).Abs() > time.Second {
		changed(pki.FieldDuration, "duration", pki.FormatDuration(leaf.NotAfter.Sub(leaf.NotBefore)), pki.FormatDuration(end.Sub(leaf.NotBefore)))
	}
	return out
}

// lower writes host names as a [Request] does: clients do not tell capitals apart.
func lower(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = strings.ToLower(name)
	}
	return out
}

// setDifference writes what must be added ("+") and taken away ("-") to turn have into want; "" where
// both hold the same, in whatever order.
func setDifference(have, want []string) string {
	var diff []string
	for _, s := range want {
		if !slices.Contains(have, s) {
			diff = append(diff, "+"+s)
		}
	}
	for _, s := range have {
		if !slices.Contains(want, s) {
			diff = append(diff, "-"+s)
		}
	}
	return pki.List(diff)
}
