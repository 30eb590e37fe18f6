package cmd

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"certgen/cmd/internal/cli"
	"certgen/cmd/internal/manifest"
	"certgen/cmd/internal/order"
	"certgen/render"
	"certgen/secrets/provision"
)

// The formats of create beyond those of a manifest.
const (
	formatPEM    = "pem"
	formatPKCS12 = "pkcs12"
	formatJKS    = "jks"
	formatCSR    = "csr"
)

type createOptions struct {
	streams cli.IOStreams
	want    order.Flags

	format               string
	out                  string
	certOut, keyOut      string
	keystorePasswordFile string
	pkcs12Legacy         bool
	adopt                bool

	files manifest.Flags
	prune bool
}

func newCreateCmd(streams cli.IOStreams) *cobra.Command {
	o := &createOptions{streams: streams}
	cmd := &cobra.Command{
		Use:   "create NAME | -f FILE",
		Short: "Make a certificate and print it as a Secret, or keep it in files",
		Long: `Create a private key and a certificate, and print them as a Kubernetes Secret of type kubernetes.io/tls
with tls.crt, tls.key and ca.crt, or as PEM. NAME is the name of the Secret. The certificate is
self-signed unless --ca-cert and --ca-key name a CA. create never connects to a cluster.

Use --service, --dns, --ip, --uri and --email to say what the certificate is for. Without any of them,
the NAME nginxsecret stands for the certificate of the tutorial "Connecting Applications with Services",
for the Service my-nginx.

With --out, or --cert-out and --key-out, running the command again changes nothing as long as the
certificate matches the flags and is not due for renewal. Otherwise certgen replaces key and certificate
and says why. Labels, annotations and data that others added to the Secret are kept; comments in a
manifest are lost when it is rewritten. A file that holds anything else is not overwritten. A new file
with a key can be read by its owner only. A file that is replaced keeps its owner, group and permissions,
unless everybody could read it.

Without --out, every run makes a new certificate. In Windows PowerShell use --out instead of >, which
writes UTF-16 and breaks keystores. --bundle adds the tutorial's Deployment, Service and ConfigMap.

To use a certificate that you already have, pass --cert and --key, or --pkcs12. certgen sorts the chain
and refuses a certificate that clients would refuse, with all reasons. If you also name hosts, it warns
about every difference from what the flags ask for. To have a certificate signed elsewhere, -o csr
--key-out FILE makes a key and a signing request; pass the CA's answer to --cert, and the key to --key.
-o pkcs12 and -o jks write a keystore, encrypted with the password in --keystore-password-file.
-o cert-manager makes nothing, but prints the Certificate and the Issuer by which cert-manager would make
the same.

With -f the certificates are those of cert-manager's manifests: every Certificate becomes its Secret, with
cert-manager's defaults, signed by the Issuer or ClusterIssuer that it names. CAs in the input are made
first. All else is passed on untouched, so certgen is a filter in front of kubectl apply; only the pods
of a Deployment, StatefulSet or DaemonSet that uses one of the Secrets get its checksum as annotation.
--out FILE keeps all in one manifest, --out FOLDER/ each Secret in a file of its own, NAMESPACE/NAME.yaml;
what is no longer asked for is said, and removed with --prune. All that is wrong with the input is said
at once, and then nothing is made, unless --keep-going is given.

With NAME and -f the file is a csr.json of cfssl, whose hosts, subject and key take the place of flags. Usages
and life are those of a profile in its ca-config.json, where --profiles and --profile name one.`,
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

  # All certificates of a folder of cert-manager's manifests, kept in a folder, and again
  certgen create -f manifests/ --out secrets/

  # In a pipeline: Certificates become Secrets, the rest passes through
  cat manifests/*.yaml | certgen create -f - | kubectl apply --server-side -f -

  # What cfssl's csr.json and a profile of its ca-config.json ask for
  certgen create web -f csr.json --profiles ca-config.json --profile www --out web.yaml

  # A key and a request for a CA elsewhere
  certgen create shop --dns shop.example.com -o csr --key-out shop.key --out shop.csr`,
		ValidArgs: []string{cli.BuiltInName},
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.files.Given() && len(args) == 0 {
				return o.runFiles(cmd.Context(), cmd.Flags())
			}
			if err := cli.OneName(cmd, args); err != nil {
				return err
			}
			return o.run(cmd.Context(), cmd.Flags(), args[0])
		},
	}
	o.want.AddTo(cmd)
	o.addTo(cmd)
	o.files.AddTo(cmd)
	cmd.Flags().BoolVar(&o.prune, "prune", false, "with -f, remove from --out the Secrets that are no longer asked for")
	return cmd
}

// addTo adds the flags that say where the result goes and in which form.
func (o *createOptions) addTo(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVarP(&o.format, "output", "o", string(render.YAML), "the form of the result: "+list(o.formats()))
	cli.CompleteWords(cmd, "output", o.formats())
	flags.StringVar(&o.out, "out", "", "keep the result in this file, or for -o pem in this folder")
	flags.StringVar(&o.certOut, "cert-out", "", "keep the certificate in this PEM file")
	flags.StringVar(&o.keyOut, "key-out", "", "keep the private key in this PEM file")
	flags.StringVar(&o.keystorePasswordFile, "keystore-password-file", "", "a file whose first line is the password for -o pkcs12 or jks")
	flags.BoolVar(&o.pkcs12Legacy, "pkcs12-legacy", false, "encrypt -o pkcs12 as Java 8 and old Windows read it, which is weak")
	flags.BoolVar(&o.adopt, "adopt", false, "take over a Secret in --out that certgen did not make")
}

// formats are those that --output takes.
func (o *createOptions) formats() []string {
	formats := []string{string(render.YAML), string(render.JSON), formatPEM, formatPKCS12, formatJKS, formatCertManager}
	if !o.want.IsCA() {
		formats = append(formats, formatCSR)
	}
	return formats
}

func (o *createOptions) run(ctx context.Context, flags *pflag.FlagSet, name string) error {
	if err := o.validate(flags); err != nil {
		return err
	}
	if o.format == formatCertManager {
		return o.runCertManager(ctx, flags, name)
	}
	t, err := o.want.Resolve(flags, name)
	if err != nil {
		return err
	}
	store, err := o.store(ctx)
	if err != nil {
		return err
	}
	wanted := o.want.Request(t, o.keyOut)
	if o.format != formatCSR {
		if wanted, err = o.want.Order(ctx, o.streams, t, o.want.Issuer); err != nil {
			return err
		}
	}
	return o.want.Blame(provision.Run(ctx, store, []provision.Order{wanted}, provision.Options{Slow: o.want.Slow(o.streams, t)}, func(r provision.Result) error {
		if err := o.streams.Write(r.Output); err != nil {
			return err
		}
		if o.want.IsClient() && o.out == "" {
			r.Notes = append(r.Notes, "this Secret is a new one: where a server uses the old one already, certgen apply --bundle curl keeps it")
		}
		if o.format == formatCSR {
			o.describeRequest(r, flags, t)
		} else {
			describe(o.streams, r, t, false)
		}
		if r.Said != "" {
			o.streams.Printf("%s", r.Said)
		}
		return nil
	}))
}

// validate finds flags that do not go together.
func (o *createOptions) validate(flags *pflag.FlagSet) error {
	if (o.certOut != "" || o.keyOut != "") && !flags.Changed("output") {
		o.format = formatPEM
	}
	request, err := o.files.OneFile(flags)
	if err != nil {
		return err
	}
	if request != "" {
		o.want.ReadFrom(request)
	}
	if err := o.validateFormats(flags); err != nil {
		return err
	}
	for _, check := range []func(*pflag.FlagSet) error{o.validatePlaces, o.validateSecret} {
		if err := check(flags); err != nil {
			return err
		}
	}
	if err := o.want.Validate(flags, o.format == formatCSR); err != nil {
		return err
	}
	return cli.Distinct(o.outputs(), append(o.want.Inputs(), cli.NamedPath{Flag: "--keystore-password-file", Path: o.keystorePasswordFile}))
}

// validateFormats finds a format that there is not, and what one needs.
func (o *createOptions) validateFormats(flags *pflag.FlagSet) error {
	if !slices.Contains(o.formats(), o.format) {
		return cli.Usagef("--output %q: the formats are %s", o.format, list(o.formats()))
	}
	return o.validateKeystore(flags)
}

// validatePlaces finds what is wrong with where the result is to go.
func (o *createOptions) validatePlaces(flags *pflag.FlagSet) error {
	files := o.certOut != "" || o.keyOut != ""
	switch {
	case flags.Changed("out") && o.out == "":
		return cli.Usagef(`--out "": empty`)
	case slices.ContainsFunc([]string{o.out, o.certOut, o.keyOut}, func(path string) bool { return path == "-" || path == "/dev/stdout" }):
		return cli.WithHint(cli.Usagef("standard output is not a file to keep the result in"), "leave out --out to print the result to standard output")
	case o.format == formatCSR && (o.keyOut == "" || o.certOut != ""):
		return cli.WithHint(cli.Usagef("-o csr prints a request; --key-out alone says where its key goes"), "certgen create %s ... -o csr --key-out tls.key --out tls.csr", cli.BuiltInName)
	case o.format != formatCSR && (o.certOut == "") != (o.keyOut == ""):
		return cli.Usagef("--cert-out and --key-out go together")
	case files && o.format != formatPEM && o.format != formatCSR:
		return cli.Usagef("--cert-out and --key-out write PEM, not %s", o.format)
	case files && o.out != "" && o.format == formatPEM:
		return cli.Usagef("--out and --cert-out cannot be used together")
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
		return cli.Usagef("--keystore-password-file cannot be used with -o %s", o.format)
	case o.pkcs12Legacy && o.format != formatPKCS12:
		return cli.Usagef("--pkcs12-legacy cannot be used with -o %s", o.format)
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
		if flags.Changed(flag) && !manifest && o.format != formatCertManager {
			return cli.Usagef("--%s belongs to a Secret, but the result is %s", flag, o.format)
		}
	}
	return nil
}

func list(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
