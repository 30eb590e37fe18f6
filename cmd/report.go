package cmd

import (
	"strings"

	"certgen/certs"
)

// describe tells people how a run came by its certificate, and what is in it.
func (s IOStreams) describe(o outcome, t target) { s.tell(o, t, o.how, true) }

// describePlan tells it of a run that writes nothing: the certificate that it made is thrown away, so its
// fingerprint means nothing.
func (s IOStreams) describePlan(o outcome, t target) {
	verb, rest, _ := strings.Cut(o.how, ":")
	would := map[string]string{"issued": "would issue", "re-issued": "would re-issue", "taken": "would take"}
	s.tell(o, t, would[verb]+":"+rest, false)
}

func (s IOStreams) tell(o outcome, t target, how string, lasting bool) {
	if t.builtIn {
		s.printf("note: %s is the tutorial's certificate, for the Service %s in namespace %s", builtInName, t.service, t.secret.Namespace)
	}
	leaf := o.pair.Leaf
	until, due := certs.FormatTime(leaf.NotAfter), certs.FormatTime(o.pair.RenewAt(t.secret.RenewBefore))
	if o.kept {
		s.printf("kept: valid until %s, renews after %s", until, due)
	} else {
		s.printf("%s", how)
		s.printf("  key          %s, %s", certs.KeySpecOf(leaf.PublicKey), o.signer)
		s.printf("  names        %s", strings.Join(o.pair.Names(), ", "))
		s.printf("  valid        %s to %s, renews after %s", certs.FormatTime(leaf.NotBefore), until, due)
		if lasting {
			s.printf("  fingerprint  SHA-256 %s", o.pair.Fingerprint())
		}
	}
	for _, note := range o.notes {
		s.printf("note: %s", note)
	}
	if o.pair.Root == nil {
		s.printf("note: ca.crt is left out, because the root is not known; clients must get it elsewhere")
	}
	for _, warning := range o.warnings {
		s.printf("warning: %s", warning)
	}
}
