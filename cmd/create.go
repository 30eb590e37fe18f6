package cmd

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"certgen/certs"
	"certgen/render"
	"certgen/secrets"
)

// The formats of create beyond those of a manifest.
const formatPEM = "pem"

type createOptions struct {
	streams IOStreams
	spec    specFlags
	ca      caFlags
	bundle  bundleFlags

	format          string
	out             string
	certOut, keyOut string
	adopt           bool
}

func newCreateCmd(streams IOStreams) *cobra.Command {
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
command writes is refused. Files that hold a key are readable by their owner only.

Standard output keeps nothing, so every run without --out makes a new certificate. With --bundle the
Deployment, Service and ConfigMap of the tutorial follow the Secret.`,
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

  # Signed by a CA that is at hand, as tls.crt, tls.key and ca.crt in this folder
  certgen create web --dns web.example.com --ca-cert ca.crt --ca-key ca.key -o pem --out .`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) == 0:
				return withHint(usagef("the NAME of the Secret is missing"), "for the tutorial's certificate: certgen create %s", builtInName)
			case len(args) > 1:
				return usagef("one NAME is expected, but there are %d: %q", len(args), args)
			}
			return nil
		},
		ValidArgs: []string{builtInName},
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), cmd.Flags(), args[0])
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	o.spec.addTo(flags)
	o.ca.addTo(flags)
	flags.StringVarP(&o.format, "output", "o", string(render.YAML), "the form of the result: yaml, json or pem")
	flags.StringVar(&o.out, "out", "", "keep the result in this file, or for -o pem in this folder")
	flags.StringVar(&o.certOut, "cert-out", "", "keep the certificate in this PEM file")
	flags.StringVar(&o.keyOut, "key-out", "", "keep the private key in this PEM file")
	flags.BoolVar(&o.adopt, "adopt", false, "take over a Secret in --out that certgen did not make")
	o.bundle.addTo(flags)
	return cmd
}

func (o *createOptions) run(ctx context.Context, flags *pflag.FlagSet, name string) error {
	if err := o.validate(flags); err != nil {
		return err
	}
	t, problems := o.spec.resolve(flags, name)
	bundle, more, err := o.bundle.builder(t)
	if err != nil {
		return err
	}
	for _, p := range more { // the Service's name is a field of both
		if !slices.Contains(problems, p) {
			problems = append(problems, p)
		}
	}
	if len(problems) > 0 {
		return usageError{problems}
	}
	issuer, err := o.ca.issuer()
	if err != nil {
		return err
	}
	store := o.store(t, bundle)
	existing, err := store.Load()
	if err != nil {
		return err
	}
	result, err := obtain(ctx, o.streams, t.request, issuer, existing, o.spec.reissue)
	if err != nil {
		return err
	}
	saved, err := store.Save(result.pem)
	if err != nil {
		return err
	}
	fmt.Fprint(o.streams.Err, result.describe(t, issuer))
	if saved != "" {
		o.streams.printf("%s", saved)
	}
	return nil
}

// validate finds flags that do not go together.
func (o *createOptions) validate(flags *pflag.FlagSet) error {
	files := o.certOut != "" || o.keyOut != ""
	if files && !flags.Changed("output") {
		o.format = formatPEM
	}
	switch {
	case o.format != string(render.YAML) && o.format != string(render.JSON) && o.format != formatPEM:
		return usagef("--output %q: the formats are yaml, json and pem", o.format)
	case (o.certOut == "") != (o.keyOut == ""):
		return usagef("--cert-out and --key-out go together")
	case files && o.format != formatPEM:
		return usagef("--cert-out and --key-out write PEM, not %s", o.format)
	case files && o.out != "":
		return usagef("--out and --cert-out say two places for the same result")
	case files && filepath.Clean(o.certOut) == filepath.Clean(o.keyOut):
		return usagef("--cert-out and --key-out name the same file %q", o.certOut)
	case flags.Changed("out") && o.out == "":
		return usagef(`--out "": empty`)
	}
	if o.format == formatPEM {
		for _, flag := range []string{"bundle", "labels", "annotations", "immutable", "adopt"} {
			if flags.Changed(flag) {
				return usagef("--%s belongs to a Secret, but the result is PEM", flag)
			}
		}
	}
	if o.adopt && o.out == "" {
		return usagef("--adopt is of no use without --out")
	}
	if err := o.ca.validate(); err != nil {
		return err
	}
	return o.bundle.validate(flags)
}

// store chooses where the result goes.
func (o *createOptions) store(t target, bundle func(certPEM []byte) []runtime.Object) store {
	build := func(pair certs.PEM) (*corev1.Secret, []runtime.Object) {
		return secrets.New(t.secret, pair, o.spec.immutable), bundle(pair.Cert)
	}
	switch {
	case o.certOut != "":
		return &pemStore{cert: o.certOut, key: o.keyOut}
	case o.format == formatPEM && o.out != "":
		in := func(name string) string { return filepath.Join(o.out, name) }
		return &pemStore{cert: in("tls.crt"), key: in("tls.key"), ca: in("ca.crt")}
	case o.format == formatPEM:
		return &stdoutStore{o.streams, func(pair certs.PEM) ([]byte, error) {
			return append(pair.Key, pair.Cert...), nil
		}}
	case o.out != "":
		return &manifestStore{path: o.out, format: render.Format(o.format), adopt: o.adopt, build: build}
	}
	return &stdoutStore{o.streams, func(pair certs.PEM) ([]byte, error) {
		secret, others := build(pair)
		return render.Encode(render.Format(o.format), append([]runtime.Object{secret}, others...)...)
	}}
}
