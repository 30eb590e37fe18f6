package cmd

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/runtime"

	"certgen/certs"
	"certgen/certs/encoding"
	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
)

// wantFlags say what is wanted, wherever it is kept: the certificate, who signs it or where it comes from,
// and what uses it.
type wantFlags struct {
	spec         specFlags
	ca           caFlags
	pair         pairFlags
	passwordFile string
	bundle       bundleFlags
}

func (f *wantFlags) addTo(cmd *cobra.Command) {
	flags := cmd.Flags()
	f.spec.addTo(cmd)
	f.ca.addTo(flags)
	f.pair.addTo(flags)
	flags.StringVar(&f.passwordFile, "password-file", "", "a file whose first line is the password of an encrypted --key, --pkcs12 or --ca-key (or set "+cli.PasswordVariable+")")
	f.bundle.addTo(cmd)
}

// validate finds flags that do not go together.
func (f *wantFlags) validate(flags *pflag.FlagSet) error {
	for _, err := range []error{f.ca.validate(f.pair.given()), f.pair.validate(flags), f.bundle.validate(flags)} {
		if err != nil {
			return err
		}
	}
	output := flags.Lookup("output")
	readsKey := f.pair.given() || f.ca.given() || output != nil && output.Value.String() == formatCSR
	if flags.Changed("password-file") && !readsKey {
		return cli.Usagef("--password-file is of no use without --cert, --pkcs12 or a CA")
	}
	return nil
}

// resolve completes and checks what is wanted, and returns what makes the bundle's objects for a certificate.
func (f *wantFlags) resolve(flags *pflag.FlagSet, name string) (target, func(certPEM []byte) []runtime.Object, error) {
	t, problems := f.spec.resolve(flags, name, f.pair.given())
	bundle, more, err := f.bundle.builder(t)
	if err != nil {
		return target{}, nil, err
	}
	return t, bundle, cli.UsageProblems(problems, more)
}

// A decision is what becomes of the pair that a store holds: it is kept, or another takes its place.
type decision func(ctx context.Context, existing pki.PEM) (outcome, error)

// decision reads all that the certificate is made of, once; the decision may then be asked for as often as
// the store changes. issuer reads the one who signs, where one does.
func (f *wantFlags) decision(ctx context.Context, streams cli.IOStreams, t target, issuer func(encoding.Password) (certs.Issuer, error)) (decision, error) {
	password := streams.Password(ctx, f.passwordFile)
	if f.pair.given() {
		taken, err := f.pair.take(password, t)
		return func(_ context.Context, existing pki.PEM) (outcome, error) { return taken.instead(existing), nil }, err
	}
	signing, err := issuer(password)
	return func(ctx context.Context, existing pki.PEM) (outcome, error) {
		return obtain(ctx, streams, t.request, signing, existing, f.spec.reissue)
	}, err
}
