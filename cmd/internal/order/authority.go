package order

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"certgen/certs"
	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
)

// authorityFlags say what a CA may certify.
type authorityFlags struct {
	pathLength      int
	permit, exclude nameFlags
}

// nameFlags are a set of names.
type nameFlags struct{ dns, ip, email, uri cli.ListValue }

// AddAuthorityTo registers, in place of [Flags.AddTo], the flags of a CA: it names no hosts, nobody else made it, and
// no bundle serves it.
func (f *Flags) AddAuthorityTo(cmd *cobra.Command) {
	flags := cmd.Flags()
	f.authority = &authorityFlags{}
	f.spec.addContentTo(cmd, "NAME", "3650d", `"cert sign" and "crl sign"`)
	flags.IntVar(&f.authority.pathLength, "path-length", 0, "how many CAs may stand below it in a chain; 0 for none (default no bound)")
	for _, set := range []struct {
		verb, what string
		names      *nameFlags
	}{{"permit", "permit only", &f.authority.permit}, {"exclude", "exclude", &f.authority.exclude}} {
		flags.Var(&set.names.dns, set.verb+"-dns", set.what+" these domains, with all hosts below them")
		flags.Var(&set.names.ip, set.verb+"-ip", set.what+" these ranges of IP addresses: 10.0.0.0/8")
		flags.Var(&set.names.email, set.verb+"-email", set.what+" these e-mail addresses, their hosts, or domains with a leading dot")
		flags.Var(&set.names.uri, set.verb+"-uri", set.what+" URIs with these hosts, or domains with a leading dot")
	}
	f.spec.addSecretTo(flags, "the namespace of the Secret")
	f.ca.addTo(flags)
	flags.StringVar(&f.passwordFile, "password-file", "", "a file whose first line is the password of an encrypted --ca-key (or set "+cli.PasswordVariable+")")
}

// complete makes spec that of a CA.
func (f *authorityFlags) complete(flags *pflag.FlagSet, spec *certs.Spec) {
	spec.IsCA = true
	if flags.Changed("path-length") {
		spec.PathLength = &f.pathLength
	}
	spec.NameConstraints.Critical = true // RFC 5280 wants it
	for _, set := range []struct {
		names *nameFlags
		into  *pki.NameConstraintItem
	}{{&f.permit, &spec.NameConstraints.Permitted}, {&f.exclude, &spec.NameConstraints.Excluded}} {
		*set.into = pki.NameConstraintItem{DNSDomains: set.names.dns, IPRanges: set.names.ip, EmailAddresses: set.names.email, URIDomains: set.names.uri}
	}
}
