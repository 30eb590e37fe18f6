package order

import (
	"context"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"certgen/certs"
	"certgen/certs/encoding"
	"certgen/cmd/internal/cli"
	"certgen/secrets"
	"certgen/secrets/provision"
	"certgen/secrets/spec"
)

// Flags say what is wanted, wherever it is kept: the certificate, who signs it or where it comes from, and what
// uses it.
type Flags struct {
	spec         specFlags
	ca           caFlags
	pair         pairFlags
	passwordFile string
	bundle       bundleFlags
	authority    *authorityFlags // of a CA
	cfssl        cfsslFlags
}

// AddTo registers the flags.
func (f *Flags) AddTo(cmd *cobra.Command) {
	flags := cmd.Flags()
	f.spec.addTo(cmd)
	f.ca.addTo(flags)
	f.pair.addTo(flags)
	flags.StringVar(&f.passwordFile, "password-file", "", "a file whose first line is the password of an encrypted --key, --pkcs12 or --ca-key (or set "+cli.PasswordVariable+")")
	f.bundle.addTo(cmd)
	f.cfssl.addTo(cmd)
}

// AddSigningTo registers the flags that say who signs, and no others.
func (f *Flags) AddSigningTo(flags *pflag.FlagSet) {
	f.ca.addTo(flags)
	flags.StringVar(&f.passwordFile, "password-file", "", "a file whose first line is the password of an encrypted --ca-key (or set "+cli.PasswordVariable+")")
}

// AddSecretTo registers the flag of commands that talk to a cluster, --ca-secret.
func (f *Flags) AddSecretTo(flags *pflag.FlagSet) { f.ca.addSecretTo(flags) }

// From is the Secret that --ca-secret names, for who issues again.
func (f *Flags) From() spec.Issuer { return f.ca.from() }

// Validate finds flags that do not go together. requests says that a certificate signing request is wanted.
func (f *Flags) Validate(flags *pflag.FlagSet, requests bool) error {
	if requests {
		if err := f.validateRequest(flags); err != nil {
			return err
		}
	}
	for _, err := range []error{f.ca.validate(f.pair.given()), f.pair.validate(flags), f.bundle.validate(flags), f.cfssl.validate(flags, f.pair.given(), requests)} {
		if err != nil {
			return err
		}
	}
	if flags.Changed("password-file") && !f.pair.given() && !f.ca.given() && !requests {
		return cli.Usagef("--password-file requires --cert, --pkcs12 or a CA")
	}
	return nil
}

// validateRequest finds flags that a request has no place for.
func (f *Flags) validateRequest(flags *pflag.FlagSet) error {
	if f.pair.given() || f.ca.given() {
		return cli.Usagef("-o csr asks another to sign, so no certificate and no CA can be given")
	}
	for _, flag := range []string{"duration", "renew-before"} {
		if flags.Changed(flag) {
			return cli.Usagef("--%s cannot be asked for in a request: the CA decides how long the certificate is valid", flag)
		}
	}
	return nil
}

// Inputs are the files that are read and must not be written over. --cert and --key may be put in order where they are.
func (f *Flags) Inputs() []cli.NamedPath {
	return []cli.NamedPath{
		{Flag: "--ca-cert", Path: f.ca.cert}, {Flag: "--ca-key", Path: f.ca.key},
		{Flag: "--pkcs12", Path: f.pair.pkcs12}, {Flag: "--ca", Path: f.pair.ca},
		{Flag: "--conf", Path: f.bundle.conf}, {Flag: "--password-file", Path: f.passwordFile},
		{Flag: "-f", Path: f.cfssl.request}, {Flag: "--profiles", Path: f.cfssl.profiles},
	}
}

// Namespace is the one asked for, "" where none is.
func (f *Flags) Namespace() string { return f.spec.namespace }

// InNamespace has the Secret be in a namespace, as if -n asked for it.
func (f *Flags) InNamespace(namespace string) { f.spec.namespace = namespace }

// Reissue says that a new key is wanted though the old one fits.
func (f *Flags) Reissue() bool { return f.spec.reissue }

// IsCA says that a CA is wanted, for which [Flags.AddAuthorityTo] registered the flags.
func (f *Flags) IsCA() bool { return f.authority != nil }

// Password returns what reads the password of encrypted inputs.
func (f *Flags) Password(ctx context.Context, streams cli.IOStreams) encoding.Password {
	return streams.Password(ctx, f.passwordFile)
}

// ServedBy is the Service that serves the certificate, "" where none is known.
func (f *Flags) ServedBy(t Target) string {
	if t.Service == "" && f.bundle.bundle == bundleNginx {
		return secrets.TutorialService
	}
	return t.Service
}

// IsClient says that the bundle is a client, which must trust what a server uses already.
func (f *Flags) IsClient() bool { return f.bundle.bundle == bundleCurl }

// Resolve completes and checks what is wanted.
func (f *Flags) Resolve(flags *pflag.FlagSet, name string) (Target, error) {
	files, err := f.cfssl.read(f.IsCA())
	if err != nil {
		return Target{}, err
	}
	t, problems := f.spec.resolve(flags, name, f.authority, f.pair.given(), files)
	bundle, more, err := f.bundle.resolve(t)
	if err != nil {
		return Target{}, err
	}
	t.bundle = bundle
	return t, cli.UsageProblems(problems, more)
}

// ReadIssuer reads who signs.
type ReadIssuer func(encoding.Password) (certs.Issuer, error)

// Order reads all that the certificate is made of, once: a password among it may be gone the next time. issuer reads the
// one who signs, where one does.
func (f *Flags) Order(ctx context.Context, streams cli.IOStreams, t Target, issuer ReadIssuer) (order provision.Order, err error) {
	if t.note != "" {
		streams.Printf("note: %s", t.note)
	}
	order = provision.Order{Secret: t.Secret, Immutable: f.spec.immutable, Bundle: t.bundle}
	password := f.Password(ctx, streams)
	if f.pair.given() {
		order.Means, err = f.pair.take(password, t)
		return order, err
	}
	signing, err := issuer(password)
	if err == nil {
		signing, err = publishing(signing, t.published)
	}
	order.Means = provision.Issue{Request: t.request, Issuer: signing, From: f.ca.from(), Reissue: f.spec.reissue}
	return order, err
}

// Request is the order of a certificate signing request, whose key is kept in the file keyOut.
func (f *Flags) Request(t Target, keyOut string) provision.Order {
	return provision.Order{Secret: t.Secret, Means: provision.Request{Request: t.request, KeptIn: keyOut}}
}

// Slow says for people that an order takes its time; nil where nobody watches.
func (f *Flags) Slow(streams cli.IOStreams, t Target) func(provision.Order) {
	if !streams.Watched() {
		return nil
	}
	return func(provision.Order) { streams.Printf("making an %s key, which can take a minute ...", t.request.Key) }
}

// Repeated writes the flags that say what was asked for once more, so that what a CA sends back can be held against
// them.
func (f *Flags) Repeated(flags *pflag.FlagSet, t Target) (words []string) {
	if t.BuiltIn {
		words = append(words, "--service", t.Service)
	}
	content := append(hostFlags(), contentFlags()...)
	flags.Visit(func(flag *pflag.Flag) {
		if slices.Contains(content, flag.Name) || flag.Name == "namespace" || flag.Name == "cluster-domain" {
			words = append(words, "--"+flag.Name, flag.Value.String())
		}
	})
	return words
}
