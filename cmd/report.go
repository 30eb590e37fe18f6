package cmd

import (
	"cmp"
	"crypto/x509"

	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
	"certgen/cmd/internal/order"
	"certgen/render/report"
	"certgen/secrets/provision"
)

// describe tells people how a run came by its certificate, and what is in it. Of a run that only tells, planned, the
// certificate that it made is thrown away, so its fingerprint means nothing.
func describe(s cli.IOStreams, r provision.Result, t order.Target, planned bool) {
	if t.BuiltIn {
		s.Printf("note: %s is the tutorial's certificate, for the Service %s in namespace %s", cli.BuiltInName, t.Service, t.Secret.Namespace)
	}
	leaf := r.Pair.Leaf
	until, renews := pki.FormatTime(leaf.NotAfter), "is never renewed before that"
	if due, renewed := t.Secret.Renewal.Due(leaf); renewed {
		renews = "renews after " + pki.FormatTime(due)
	}
	if r.Action == provision.Kept {
		s.Printf("kept: valid until %s, %s", until, renews)
	} else {
		s.Printf("%s: %s", r.Action.Words(planned), r.Detail)
		s.Printf("  key          %s, %s", pki.KeySpecOf(leaf.PublicKey), r.Signer)
		signs := leaf.IsCA && leaf.KeyUsage&x509.KeyUsageCertSign != 0
		if names := r.Pair.Names(); len(names) > 0 || !signs {
			s.Printf("  names        %s", cmp.Or(wrapped(s, names), "none"))
		}
		if signs {
			describeAuthority(s, leaf)
		}
		s.Printf("  valid        %s to %s, %s", pki.FormatTime(leaf.NotBefore), until, renews)
		if !planned {
			s.Printf("  fingerprint  SHA-256 %s", r.Pair.Fingerprint())
		}
	}
	for _, note := range r.Notes {
		s.Printf("note: %s", note)
	}
	if r.Pair.Root == nil {
		s.Printf("note: ca.crt is left out, because the root is not known; clients must get it elsewhere")
	}
	for _, warning := range r.Warnings {
		s.Printf("warning: %s", warning)
	}
}

// describeAuthority tells people what a CA may certify.
func describeAuthority(s cli.IOStreams, c *x509.Certificate) {
	s.Printf("  subject      %s", pki.FormatName(c.RawSubject))
	if length := pki.PathLengthOf(c); length != nil {
		s.Printf("  path length  %d", *length)
	}
	permitted, excluded := pki.NameConstraintsOf(c).Texts()
	if len(permitted) > 0 {
		s.Printf("  permits      %s", wrapped(s, permitted))
	}
	if len(excluded) > 0 {
		s.Printf("  excludes     %s", wrapped(s, excluded))
	}
}

// wrapped writes a list beside the labels of describe.
func wrapped(s cli.IOStreams, words []string) string {
	return report.WrapList(words, len("  names        "), cli.Width(s.Err))
}
