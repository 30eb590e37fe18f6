package cmd

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
	"certgen/render"
	"certgen/secrets"
)

// The formats of create beyond those of a manifest and of a keystore.
const (
	formatPEM = "pem"
	formatCSR = "csr"
)

type createOptions struct {
	streams cli.IOStreams
	wantFlags

	format               string
	out                  string
	certOut, keyOut      string
	keystorePasswordFile string
	pkcs12Legacy         bool
	adopt                bool
}

func newCreateCmd(streams cli.IOStreams) *cobra.Command {
	o := &createOptions{streams: streams}
	cmd := &cobra.Command{
		Use:   "create NAME",
		Short: "Make a certificate and print it as a Secret, or keep it in files",
		Long: `Make a key and a certificate and render them as a Kubernetes Secret of type kubernetes.io/tls, with
tls.crt, tls.key and ca.crt, or as PEM. NAME is the Secret's name. The certificate is self-signed
unless --ca-cert and --ca-key name a CA. No cluster is needed, and none is asked.

What to certify is named by --service, --dns, --ip, --uri and --email. The one exception is the NAME
nginxsecret: without these flags it is the certificate of the tutorial "Connecting Applications with
Services", for the Service my-nginx.

With --out, or --cert-out and --key-out, a second run changes nothing as long as the certificate still
is what the flags ask for and is not due for renewal. Otherwise a new key and certificate take its
place, and certgen says why. Labels, annotations and data that others added to the Secret stay;
comments in a manifest that has to be written anew do not. A file that holds anything else than this
command writes is refused. A new file with a key is readable by its owner only. One that takes another's
place keeps its owner, group and permissions, unless everybody could read the key.

Standard output keeps nothing, so every run without --out makes a new certificate. In Windows PowerShell
use --out instead of >, which writes UTF-16 and breaks keystores. With --bundle the Deployment, Service and
ConfigMap of the tutorial follow the Secret.

A certificate that exists already is taken with --cert and --key, or with --pkcs12: its chain is put in
order, and what clients would refuse is refused, with all reasons. Where hosts are named, certgen says
what the certificate has otherwise than the flags ask. To have one signed elsewhere, -o csr --key-out
FILE makes a key and a request; when the CA has answered, --cert and --key take both.
-o pkcs12 and -o jks make a keystore, encrypted with the password in --keystore-password-file.`,
		Example: `  # The tutorial's Secret, as YAML
  certgen create nginxsecret

  # The whole tutorial: Secret, ConfigMap, Deployment and Service
  certgen create nginxsecret --bundle nginx | kubectl apply --server-side -f -

  # A certificate for the Service web in the namespace shop; the second run keeps what the first made
  certgen create web-tls --service web -n shop --out web-tls.yaml
  certgen create web-tls --service web -n shop --out web-tls.yaml

  # PEM files, as "make keys KEY=nginx.key CERT=nginx.crt" wrote them
  certgen create nginxsecret --cert-out nginx.crt --key-out nginx.key

  # An RSA key, an address and a wildcard, for 90 days
  certgen create edge --dns '*.example.com' --ip 192.0.2.10 --key-algorithm rsa --duration 90d

  # Signed by a CA that is at hand
  certgen create web --dns web.example.com --ca-cert ca.crt --ca-key ca.key --out web.yaml

  # A key and a request for a CA elsewhere
  certgen create shop --dns shop.example.com -o csr --key-out shop.key --out shop.csr`,
		Args:      cli.OneName,
		ValidArgs: []string{cli.BuiltInName},
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), cmd.Flags(), args[0])
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	o.addTo(cmd)
	flags.StringVarP(&o.format, "output", "o", string(render.YAML), "the form of the result: "+list(createFormats()))
	cli.CompleteWords(cmd, "output", createFormats())
	flags.StringVar(&o.out, "out", "", "keep the result in this file, or for -o pem in this folder")
	flags.StringVar(&o.certOut, "cert-out", "", "keep the certificate in this PEM file")
	flags.StringVar(&o.keyOut, "key-out", "", "keep the private key in this PEM file")
	flags.StringVar(&o.keystorePasswordFile, "keystore-password-file", "", "a file whose first line is the password for -o pkcs12 or jks")
	flags.BoolVar(&o.pkcs12Legacy, "pkcs12-legacy", false, "encrypt -o pkcs12 as Java 8 and old Windows read it, which is weak")
	flags.BoolVar(&o.adopt, "adopt", false, "take over a Secret in --out that certgen did not make")
	return cmd
}

func createFormats() []string {
	return []string{string(render.YAML), string(render.JSON), formatPEM, formatPKCS12, formatJKS, formatCSR}
}

func (o *createOptions) run(ctx context.Context, flags *pflag.FlagSet, name string) error {
	if err := o.validate(flags); err != nil {
		return err
	}
	t, bundle, err := o.resolve(flags, name)
	if err != nil {
		return err
	}
	if o.format == formatCSR {
		return o.runCSR(ctx, flags, t)
	}
	store, err := o.store(t, bundle)
	if err != nil {
		return err
	}
	result, err := o.certificate(ctx, t, store)
	if err != nil {
		return err
	}
	if err := o.bundle.check(result.pem); err != nil {
		return err
	}
	if o.bundle.bundle == bundleCurl && o.out == "" {
		result.notes = append(result.notes, "this Secret is a new one: where a server uses the old one already, certgen apply --bundle curl keeps it")
	}
	saved, err := store.Save(result.pem)
	if err != nil {
		return err
	}
	describe(o.streams, result, t)
	if saved != "" {
		o.streams.Printf("%s", saved)
	}
	return nil
}

// certificate keeps, makes or takes the certificate that the store is to hold.
func (o *createOptions) certificate(ctx context.Context, t target, s store) (outcome, error) {
	decide, err := o.decision(ctx, o.streams, t, o.ca.issuer)
	if err != nil {
		return outcome{}, err
	}
	existing, err := s.Load()
	if err != nil {
		return outcome{}, err
	}
	return decide(ctx, existing)
}

// validate finds flags that do not go together.
func (o *createOptions) validate(flags *pflag.FlagSet) error {
	if (o.certOut != "" || o.keyOut != "") && !flags.Changed("output") {
		o.format = formatPEM
	}
	if !slices.Contains(createFormats(), o.format) {
		return cli.Usagef("--output %q: the formats are %s", o.format, list(createFormats()))
	}
	for _, check := range []func(*pflag.FlagSet) error{o.validatePlaces, o.validateKeystore, o.validateSecret, o.wantFlags.validate} {
		if err := check(flags); err != nil {
			return err
		}
	}
	return cli.Distinct(o.outputs(), o.inputs())
}

// validatePlaces finds what is wrong with where the result is to go.
func (o *createOptions) validatePlaces(flags *pflag.FlagSet) error {
	files := o.certOut != "" || o.keyOut != ""
	switch {
	case flags.Changed("out") && o.out == "":
		return cli.Usagef(`--out "": empty`)
	case slices.Contains([]string{o.out, o.certOut, o.keyOut}, "-"):
		return cli.WithHint(cli.Usagef(`"-" is not the name of a file`), "leave --out away, and the result goes to standard output")
	case o.format == formatCSR && (o.keyOut == "" || o.certOut != ""):
		return cli.WithHint(cli.Usagef("-o csr prints a request; --key-out alone says where its key goes"), "certgen create %s ... -o csr --key-out tls.key --out tls.csr", cli.BuiltInName)
	case o.format == formatCSR && (o.pair.given() || o.ca.given()):
		return cli.Usagef("-o csr asks another to sign, so no certificate and no CA can be given")
	case o.format != formatCSR && (o.certOut == "") != (o.keyOut == ""):
		return cli.Usagef("--cert-out and --key-out go together")
	case files && o.format != formatPEM && o.format != formatCSR:
		return cli.Usagef("--cert-out and --key-out write PEM, not %s", o.format)
	case files && o.out != "" && o.format == formatPEM:
		return cli.Usagef("--out and --cert-out say two places for the same result")
	}
	return nil
}

// validateKeystore finds flags that a keystore needs, or that only one has.
func (o *createOptions) validateKeystore(*pflag.FlagSet) error {
	keystore := o.format == formatPKCS12 || o.format == formatJKS
	switch {
	case keystore && o.keystorePasswordFile == "":
		return cli.Usagef("-o %s needs --keystore-password-file", o.format)
	case !keystore && o.keystorePasswordFile != "":
		return cli.Usagef("--keystore-password-file is of no use with -o %s", o.format)
	case o.pkcs12Legacy && o.format != formatPKCS12:
		return cli.Usagef("--pkcs12-legacy is of no use with -o %s", o.format)
	}
	return nil
}

// validateSecret finds flags that only a Secret has.
func (o *createOptions) validateSecret(flags *pflag.FlagSet) error {
	manifest := o.format == string(render.YAML) || o.format == string(render.JSON)
	if o.adopt && (o.out == "" || !manifest) {
		return cli.Usagef("--adopt is for a manifest in --out")
	}
	for _, flag := range []string{"bundle", "labels", "annotations", "immutable"} {
		if flags.Changed(flag) && !manifest {
			return cli.Usagef("--%s belongs to a Secret, but the result is %s", flag, o.format)
		}
	}
	return nil
}

// outputs are the files that the result goes to.
func (o *createOptions) outputs() []cli.NamedPath {
	if o.format == formatPEM && o.out != "" {
		return []cli.NamedPath{{Flag: "--out", Path: o.inFolder("tls.crt")}, {Flag: "--out", Path: o.inFolder("tls.key")}, {Flag: "--out", Path: o.inFolder("ca.crt")}}
	}
	return []cli.NamedPath{{Flag: "--out", Path: o.out}, {Flag: "--cert-out", Path: o.certOut}, {Flag: "--key-out", Path: o.keyOut}}
}

// inFolder is the path of a file in the folder that --out names for PEM.
func (o *createOptions) inFolder(name string) string { return filepath.Join(o.out, name) }

// inputs are the files that the command reads and must not write over.
func (o *createOptions) inputs() []cli.NamedPath {
	return []cli.NamedPath{
		{Flag: "--ca-cert", Path: o.ca.cert}, {Flag: "--ca-key", Path: o.ca.key},
		{Flag: "--pkcs12", Path: o.pair.pkcs12}, {Flag: "--ca", Path: o.pair.ca}, // --cert and --key may be put in order where they are
		{Flag: "--conf", Path: o.bundle.conf}, {Flag: "--password-file", Path: o.passwordFile}, {Flag: "--keystore-password-file", Path: o.keystorePasswordFile},
	}
}

// store chooses where the result goes.
func (o *createOptions) store(t target, bundle func(certPEM []byte) []runtime.Object) (store, error) {
	build := func(pair pki.PEM) (*corev1.Secret, []runtime.Object) {
		return secrets.New(t.secret, pair, o.spec.immutable), bundle(pair.Cert)
	}
	switch o.format {
	case formatPEM:
		switch {
		case o.certOut != "":
			return &pemStore{cert: o.certOut, key: o.keyOut}, nil
		case o.out != "":
			return &pemStore{cert: o.inFolder("tls.crt"), key: o.inFolder("tls.key"), ca: o.inFolder("ca.crt")}, nil
		}
		return &stdoutStore{o.streams, func(pair pki.PEM) ([]byte, error) {
			return append(pair.Key, pair.Cert...), nil
		}}, nil
	case formatPKCS12, formatJKS:
		password, err := cli.ReadPassword("--keystore-password-file", o.keystorePasswordFile)
		if err != nil {
			return nil, err
		}
		s := &keystoreStore{path: o.out, password: password, format: keystoreFormat(o.format, o.pkcs12Legacy)}
		if o.out != "" {
			return s, nil
		}
		if cli.IsTerminal(o.streams.Out) {
			return nil, cli.WithHint(cli.Usagef("-o %s is binary and does not belong on a terminal", o.format), "name a file with --out")
		}
		return &stdoutStore{o.streams, s.render}, nil
	}
	if o.out != "" {
		return &manifestStore{path: o.out, format: render.Format(o.format), adopt: o.adopt, build: build}, nil
	}
	return &stdoutStore{o.streams, func(pair pki.PEM) ([]byte, error) {
		secret, others := build(pair)
		return render.Encode(render.Format(o.format), append([]runtime.Object{secret}, others...)...)
	}}, nil
}

func list(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
