package order

import (
	"context"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"certgen/certs"
	"certgen/certs/pki"
	"certgen/certs/signing"
	"certgen/cmd/internal/cli"
	"certgen/secrets"
	"certgen/secrets/provision"
)

// Signing are the flags that say what a CA certifies of requests that others made.
type Signing struct {
	signer      Flags
	allow       []string
	keepSubject bool
	usages      cli.ListValue
	duration    string
	renewBefore string
	reissue     bool
	cfssl       cfsslFlags
}

// CertificateRequest is a request as it was found: its file, and the name under which its certificate is kept.
type CertificateRequest struct {
	Source, Name string
	Data         []byte
}

// AddTo registers the flags.
func (f *Signing) AddTo(cmd *cobra.Command) {
	flags := cmd.Flags()
	f.signer.AddSigningTo(flags)
	flags.StringSliceVar(&f.allow, "allow", nil, "names that may be certified: host, .domain, address or range, URI, URI/*, mailbox, @host, or * for all")
	flags.BoolVar(&f.keepSubject, "keep-subject", false, "certify the request's whole subject, not only its common name")
	flags.Var(&f.usages, "usages", `what the certificates may be used for, in cert-manager's words (default "server auth" and what TLS needs)`)
	cli.CompleteList(cmd, "usages", pki.UsageNames())
	flags.StringVar(&f.duration, "duration", "", "how long they are valid: 365d, 2160h (default 365d, or what is left of the CA's life)")
	flags.StringVar(&f.renewBefore, "renew-before", "", "how long before its end a certificate is renewed (default a third of its life)")
	flags.BoolVar(&f.reissue, "reissue", false, "make new certificates even where the old ones still fit")
	f.cfssl.addTo(cmd)
	flags.Lookup("profiles").Usage = "take usages and life from a profile in this ca-config.json of cfssl"
}

// Validate finds flags that are missing or do not go together.
func (f *Signing) Validate(flags *pflag.FlagSet) error {
	if err := f.signer.ca.validate(false); err != nil {
		return err
	}
	switch {
	case !f.signer.ca.given():
		return cli.WithHint(cli.Usagef("--ca-cert names the CA that signs, and is missing"), "certgen ca create pki --out ca.yaml makes one")
	case len(f.allow) == 0:
		return cli.WithHint(cli.Usagef("--allow says which names may be certified, and is missing"), "--allow .shop.example lets every host below shop.example be certified")
	case f.cfssl.profile != "" && f.cfssl.profiles == "":
		return cli.WithHint(cli.Usagef("--profile %q needs --profiles", f.cfssl.profile), "--profiles ca-config.json names the file that it is in")
	case f.cfssl.profiles != "" && (flags.Changed("usages") || flags.Changed("duration")):
		return cli.Usagef("--profiles says usages and life, so --usages and --duration cannot be used with it")
	}
	return nil
}

// Orders reads the CA, and holds the requests against the flags. All that is wrong with any of them is in the error, and
// then there are no orders.
func (f *Signing) Orders(ctx context.Context, streams cli.IOStreams, requests []CertificateRequest) ([]provision.Order, error) {
	terms, published, err := f.terms()
	if err != nil {
		return nil, err
	}
	issuer, err := f.signer.Issuer(f.signer.Password(ctx, streams))
	if err == nil {
		issuer, err = publishing(issuer, published)
	}
	if err != nil {
		return nil, err
	}
	var orders []provision.Order
	var problems pki.PlacedProblems
	now := time.Now()
	for _, request := range requests {
		means, err := certify(request, terms, issuer, now)
		if err != nil {
			problems = append(problems, blame(request.Source, err)...)
			continue
		}
		means.Reissue = f.reissue
		orders = append(orders, provision.Order{Secret: secrets.Meta{Name: request.Name, Renewal: means.Request.Renewal}, Means: means})
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return orders, nil
}

// certify holds one request against the terms and the CA.
func certify(request CertificateRequest, terms signing.Terms, issuer certs.Issuer, now time.Time) (provision.Certify, error) {
	csr, err := signing.Read(request.Data)
	if err != nil {
		return provision.Certify{}, err
	}
	wanted, notes, err := terms.Request(request.Name, csr)
	if err == nil {
		err = issuer.Admit(wanted, now)
	}
	return provision.Certify{Key: csr.PublicKey, Request: wanted, Issuer: issuer, Notes: notes}, err
}

// blame says in which file each problem is.
func blame(source string, err error) (problems pki.PlacedProblems) {
	all, ok := err.(pki.Problems)
	if !ok {
		return placed(source, err)
	}
	for _, p := range all {
		problems = append(problems, placed(source, p)...)
	}
	return problems
}

// terms are those that the flags say, and what a profile has the certificates name.
func (f *Signing) terms() (signing.Terms, *certs.Published, error) {
	allowed, err := signing.ParseAllowed(f.allow)
	if err != nil {
		return signing.Terms{}, nil, cli.UsageError{Err: err}
	}
	terms := signing.Terms{Allowed: allowed, KeepSubject: f.keepSubject, Usages: f.usages, Duration: f.duration, RenewBefore: f.renewBefore}
	if f.cfssl.profiles == "" {
		return terms, nil, nil
	}
	profile, problems := f.cfssl.readProfile(false)
	if len(problems) > 0 {
		return signing.Terms{}, nil, problems
	}
	terms.Usages, terms.Duration = profile.Usages, profile.Duration
	return terms, &profile.Published, nil
}

// Inputs are the files that are read and must not be written over.
func (f *Signing) Inputs() []cli.NamedPath {
	return append(f.signer.Inputs(), cli.NamedPath{Flag: "--profiles", Path: f.cfssl.profiles})
}
