package cmd

import (
	"fmt"
	"strings"
	"time"

	"certgen/certs"
)

// describe tells people how a run came by its certificate, and what is in it.
func (o outcome) describe(t target, issuer certs.Issuer) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	if t.builtIn {
		line("note: %s is the tutorial's certificate, for the Service %s in namespace %s", builtInName, t.service, t.secret.Namespace)
	}
	leaf := o.pair.Leaf
	until, due := date(leaf.NotAfter), date(o.pair.RenewAt(t.request.RenewBefore))
	if o.kept {
		line("kept: valid until %s, renews after %s", until, due)
		return b.String()
	}
	if len(o.reasons) > 0 {
		line("re-issued: %s", strings.Join(o.reasons, "; "))
	} else {
		line("issued: a new key and certificate")
	}
	signer := issuer.String()
	line("  key          %s, %s", certs.KeySpecOf(leaf.PublicKey), signer)
	line("  names        %s", strings.Join(o.pair.Names(), ", "))
	line("  valid        %s to %s, renews after %s", date(leaf.NotBefore), until, due)
	line("  fingerprint  SHA-256 %s", o.pair.Fingerprint())
	if latest := issuer.Latest(); !latest.IsZero() && leaf.NotAfter.Equal(latest) {
		line("note: the certificate ends with its CA, after %s", certs.FormatDuration(leaf.NotAfter.Sub(leaf.NotBefore).Round(time.Hour)))
	}
	if o.pair.Root == nil {
		line("note: ca.crt is left out: the CA's root is not in --ca-cert")
	}
	return b.String()
}

func date(t time.Time) string { return t.UTC().Format(time.RFC3339) }
