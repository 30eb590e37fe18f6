package cmd

import (
	"strings"

	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
)

// describe tells people how a run came by its certificate, and what is in it.
func describe(s cli.IOStreams, o outcome, t target) { tell(s, o, t, o.how, true) }

// describePlan tells it of a run that writes nothing: the certificate that it made is thrown away, so its
// fingerprint means nothing.
func describePlan(s cli.IOStreams, o outcome, t target) {
	verb, rest, _ := strings.Cut(o.how, ":")
	would := map[string]string{"issued": "would issue", "re-issued": "would re-issue", "taken": "would take"}
	tell(s, o, t, would[verb]+":"+rest, false)
}

func tell(s cli.IOStreams, o outcome, t target, how string, lasting bool) {
	if t.builtIn {
		s.Printf("note: %s is the tutorial's certificate, for the Service %s in namespace %s", cli.BuiltInName, t.service, t.secret.Namespace)
	}
	leaf := o.pair.Leaf
	until, due := pki.FormatTime(leaf.NotAfter), pki.FormatTime(o.pair.RenewAt(t.secret.RenewBefore))
	if o.kept {
		s.Printf("kept: valid until %s, renews after %s", until, due)
	} else {
		s.Printf("%s", how)
		s.Printf("  key          %s, %s", pki.KeySpecOf(leaf.PublicKey), o.signer)
		s.Printf("  names        %s", strings.Join(o.pair.Names(), ", "))
		s.Printf("  valid        %s to %s, renews after %s", pki.FormatTime(leaf.NotBefore), until, due)
		if lasting {
			s.Printf("  fingerprint  SHA-256 %s", o.pair.Fingerprint())
		}
	}
	for _, note := range o.notes {
		s.Printf("note: %s", note)
	}
	if o.pair.Root == nil {
		s.Printf("note: ca.crt is left out, because the root is not known; clients must get it elsewhere")
	}
	for _, warning := range o.warnings {
		s.Printf("warning: %s", warning)
	}
}
