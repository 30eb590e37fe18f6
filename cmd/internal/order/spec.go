package order

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"certgen/certs"
	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
	"certgen/secrets"
	"certgen/secrets/provision"
)

// specFlags say what certificate is wanted and under which name and metadata its Secret is kept.
type specFlags struct {
	service, clusterDomain string
	dns, ip, uri, email    cli.ListValue
	commonName, subject    string
	duration, renewBefore  string
	keyAlgorithm           string
	keySize                int
	usages                 cli.ListValue
	namespace              string
	labels, annotations    cli.MapValue
	immutable, reissue     bool
}

func (f *specFlags) addTo(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.service, "service", "", "certify the four DNS names of this Service: NAME, NAME.NAMESPACE, NAME.NAMESPACE.svc and NAME.NAMESPACE.svc.DOMAIN")
	flags.StringVar(&f.clusterDomain, "cluster-domain", secrets.ClusterDomain, "the cluster's DNS domain, for --service")
	flags.Var(&f.dns, "dns", "host names to certify; \"*.example.com\" stands for all hosts directly below")
	flags.Var(&f.ip, "ip", "IP addresses to certify")
	flags.Var(&f.uri, "uri", "URIs to certify, such as a SPIFFE ID")
	flags.Var(&f.email, "email", "e-mail addresses to certify")
	f.addContentTo(cmd, "the first host", "365d", `"server auth" and what TLS needs`)
	f.addSecretTo(flags, "the namespace of the Secret, and of --service's names")
}

// addContentTo adds what is said of a certificate beside its names.
func (f *specFlags) addContentTo(cmd *cobra.Command, commonName, duration, usages string) {
	flags := cmd.Flags()
	flags.StringVar(&f.commonName, "common-name", "", "the subject's common name, at most 64 characters (default: "+commonName+")")
	flags.StringVar(&f.subject, "subject", "", "the whole subject: CN=my-nginx,O=Example (RFC 4514) or /CN=my-nginx/O=Example (openssl)")
	flags.StringVar(&f.duration, "duration", "", "how long the certificate is valid: 365d, 2160h (default "+duration+", or what is left of the CA's life)")
	flags.StringVar(&f.renewBefore, "renew-before", "", "how long before its end it is re-issued (default a third of its life)")
	flags.StringVar(&f.keyAlgorithm, "key-algorithm", string(pki.ECDSA), "the key: ecdsa, rsa or ed25519")
	cli.CompleteWords(cmd, "key-algorithm", pki.KeyAlgorithms())
	flags.IntVar(&f.keySize, "key-size", 0, "bits of the key: 256, 384, 521 for ecdsa, 2048 to 8192 for rsa (default 256 or 2048)")
	cli.CompleteFlag(cmd, "key-size", func(context.Context, string) []string {
		return cli.AsStrings(pki.KeySizes(pki.KeyAlgorithm(f.keyAlgorithm)))
	})
	flags.Var(&f.usages, "usages", "what it may be used for, in cert-manager's words (default "+usages+")")
	cli.CompleteList(cmd, "usages", pki.UsageNames())
}

// addSecretTo adds what is said of the Secret.
func (f *specFlags) addSecretTo(flags *pflag.FlagSet, namespace string) {
	flags.StringVarP(&f.namespace, "namespace", "n", "", namespace)
	flags.Var(&f.labels, "labels", "labels of the Secret")
	flags.Var(&f.annotations, "annotations", "annotations of the Secret")
	flags.BoolVar(&f.immutable, "immutable", false, "make the Secret immutable")
	flags.BoolVar(&f.reissue, "reissue", false, "make a new key and certificate though the old ones still fit")
}

// Target is what a command is to bring about, checked: the certificate wanted, and the Secret that it is
// kept in.
type Target struct {
	request certs.Request        // the zero one where a certificate is brought and nothing is asked of it
	asks    func(pki.Field) bool // whether a flag asks for the field, apart from the hosts
	Secret  secrets.Meta
	Service string // "" where no Service is certified
	BuiltIn bool   // the tutorial's certificate

	bundle    provision.Bundle
	published *certs.Published // what a profile of cfssl has a CA's certificates name; nil where there is none
	note      string
}

// resolve completes and checks what the flags ask for; authority makes it a CA, brought says that the certificate
// exists already, and files say what the flags do not, nil where there are none.
// The Problems are all that is wrong with them.
func (f *specFlags) resolve(flags *pflag.FlagSet, name string, authority *authorityFlags, brought bool, files *written) (Target, pki.Problems) {
	named := namesHosts(flags)
	asked := map[pki.Field]bool{
		pki.FieldIPAddresses:    flags.Changed("ip"),
		pki.FieldURIs:           flags.Changed("uri"),
		pki.FieldEmailAddresses: flags.Changed("email"),
		pki.FieldSubject:        flags.Changed("subject") || flags.Changed("common-name"),
		pki.FieldKeyAlgorithm:   flags.Changed("key-algorithm") || flags.Changed("key-size"),
		pki.FieldUsages:         flags.Changed("usages"),
	}
	t := Target{
		Service: f.service,
		asks:    func(field pki.Field) bool { return asked[field] },
		BuiltIn: name == cli.BuiltInName && !named && !brought && authority == nil && files == nil,
		Secret:  secrets.Meta{Name: name, Namespace: f.namespace, Labels: f.labels, Annotations: f.annotations},
	}
	if t.BuiltIn {
		t.Service = secrets.TutorialService
	}
	hosts := slices.Clone(f.dns)
	var problems pki.Problems
	if t.BuiltIn || flags.Changed("service") {
		t.Secret.Namespace = cmp.Or(f.namespace, "default")
		problems = secrets.ValidateService(t.Service, f.clusterDomain)
		if len(problems) == 0 && len(t.Secret.Validate()) == 0 {
			hosts = append(hosts, secrets.ServiceNames(t.Service, t.Secret.Namespace, f.clusterDomain)...)
		} else {
			hosts = append(hosts, "localhost") // stands in, so that one mistake is not reported twice
		}
	} else if flags.Changed("cluster-domain") {
		problems = pki.Problems{{Field: secrets.FieldClusterDomain, Value: f.clusterDomain, Reason: "requires --service"}}
	}
	problems = append(t.Secret.Validate(), problems...)
	renewBefore := f.renewBefore
	if brought {
		var ps pki.Problems
		t.Secret.Renewal.Before, ps = f.renewal()
		problems, renewBefore = append(problems, ps...), ""
		if !named {
			return t, problems
		}
	}
	spec := certs.Spec{
		Name:           name,
		LiteralSubject: f.subject,
		CommonName:     f.commonName,
		DNSNames:       hosts,
		IPAddresses:    f.ip,
		URIs:           f.uri,
		EmailAddresses: f.email,
		Duration:       f.duration,
		RenewBefore:    renewBefore,
		KeyAlgorithm:   f.keyAlgorithm,
		KeySize:        f.keySize,
		Usages:         f.usages,
	}
	if files != nil {
		t.published, t.note = files.published, files.note
		spec = files.spec
		spec.RenewBefore = renewBefore
	} else if authority != nil {
		authority.complete(flags, &spec)
	}
	request, err := spec.Request()
	var more pki.Problems
	if errors.As(err, &more) {
		problems = append(problems, more...)
	}
	t.request = request
	if !brought {
		t.Secret.Renewal = request.Renewal
	}
	return t, problems
}

// hostFlags name what is to be certified, contentFlags say how.
func hostFlags() []string { return []string{"service", "dns", "ip", "uri", "email"} }
func contentFlags() []string {
	return []string{"common-name", "subject", "key-algorithm", "key-size", "usages"}
}

// namesHosts reports whether a flag names what is to be certified.
func namesHosts(flags *pflag.FlagSet) bool { return slices.ContainsFunc(hostFlags(), flags.Changed) }

// renewal reads --renew-before for a certificate that exists already. Its own life, not --duration's,
// bounds the time, and is known later.
func (f *specFlags) renewal() (time.Duration, pki.Problems) {
	if f.renewBefore == "" {
		return 0, nil
	}
	d, err := pki.ParseDuration(f.renewBefore)
	if err == nil && d <= 0 {
		err = errors.New("must be more than 0")
	}
	if err != nil {
		return 0, pki.Problems{{Field: pki.FieldRenewBefore, Value: f.renewBefore, Reason: err.Error()}}
	}
	return d, nil
}
