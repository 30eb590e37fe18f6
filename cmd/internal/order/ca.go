package order

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"certgen/certs"
	"certgen/certs/encoding"
	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
	"certgen/secrets"
	"certgen/secrets/cluster"
	"certgen/secrets/spec"
)

// caFlags say who signs: the certificate's own key, or a CA.
type caFlags struct {
	cert, key string
	secret    string // where a cluster keeps the CA: NAME or NAMESPACE/NAME
}

func (f *caFlags) addTo(flags *pflag.FlagSet) {
	flags.StringVar(&f.cert, "ca-cert", "", "sign with this CA: its certificate in PEM, with any intermediates and the root, or the manifest of its Secret")
	flags.StringVar(&f.key, "ca-key", "", "the CA's private key: PEM or DER, encrypted or not (default the one in --ca-cert)")
}

// given reports whether a CA is named.
func (f *caFlags) given() bool { return f.cert != "" || f.secret != "" }

// validate finds flags that do not go together; brought says that the certificate exists already.
func (f *caFlags) validate(brought bool) error {
	switch {
	case f.secret != "" && f.cert != "":
		return cli.Usagef("--ca-secret and --ca-cert cannot be used together")
	case f.secret != "" && brought:
		return cli.Usagef("--ca-secret is for making a certificate, but --cert or --pkcs12 brings one")
	case strings.Count(f.secret, "/") > 1 || slices.Contains(strings.Split(f.secret, "/"), "") && f.secret != "":
		return cli.Usagef("--ca-secret %q: must be NAME or NAMESPACE/NAME", f.secret)
	case f.cert == "" && f.key != "":
		return cli.Usagef("--ca-cert and --ca-key go together")
	}
	return nil
}

// Issuer reads the CA, where one is named; else every certificate is signed with its own key.
func (f *Flags) Issuer(password encoding.Password) (certs.Issuer, error) {
	if f.ca.cert == "" {
		return certs.SelfSigned{}, nil
	}
	cert, key, err := f.ca.read()
	if err != nil {
		return nil, err
	}
	ca, err := certs.ParseCA(cert, key, password)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.ca.words(), err)
	}
	return ca, nil
}

// addSecretTo adds the flag of commands that talk to a cluster.
func (f *caFlags) addSecretTo(flags *pflag.FlagSet) {
	flags.StringVar(&f.secret, "ca-secret", "", "sign with the CA in this Secret of the cluster: NAME or NAMESPACE/NAME, with tls.crt, tls.key and any ca.crt")
}

// from is where the CA is kept.
func (f *caFlags) from() spec.Issuer {
	if namespace, name, ok := strings.Cut(f.secret, "/"); ok {
		return spec.Issuer{Namespace: namespace, SecretName: name}
	}
	return spec.Issuer{SecretName: f.secret}
}

// IssuerIn is [Flags.Issuer], with the CA from the cluster where --ca-secret names one. leaf is the Secret to make.
func (f *Flags) IssuerIn(ctx context.Context, server *cluster.Cluster, leaf secrets.Meta, password encoding.Password) (certs.Issuer, error) {
	if f.ca.secret == "" {
		return f.Issuer(password)
	}
	from := f.ca.from()
	namespace, name := cmp.Or(from.Namespace, leaf.Namespace), from.SecretName
	if namespace == leaf.Namespace && name == leaf.Name {
		return nil, cli.Usagef("--ca-secret %q: the certificate would take the CA's place", f.ca.secret)
	}
	pair, err := server.Pair(ctx, namespace, name)
	if err != nil {
		return nil, cli.Explain(fmt.Errorf("--ca-secret %s: %w", f.ca.secret, err))
	}
	ca, err := certs.ParseCA(above(pair), pair.Key, password)
	if err != nil {
		return nil, cli.WithHint(fmt.Errorf("--ca-secret %s: %w", f.ca.secret, err), "it must hold a CA: its certificate under tls.crt and its key under tls.key, in PEM")
	}
	return ca, nil
}

// Blame words what a CA refuses in terms of --ca-secret where that named it, and of cfssl's files where they asked for it.
func (f *Flags) Blame(err error) error {
	var problems pki.Problems
	if f.ca.secret == "" && !f.cfssl.given() || !errors.As(err, &problems) {
		return err
	}
	problems = slices.Clone(problems)
	for i := range problems {
		if problems[i].Field == pki.FieldIssuer && f.ca.secret != "" {
			problems[i].Field, problems[i].Value = "--ca-secret", f.ca.secret
		} else if f.cfssl.given() {
			problems[i].Field = f.cfssl.field(problems[i].Field)
		}
	}
	return problems
}
