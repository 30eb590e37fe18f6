package order

import (
	"errors"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"certgen/certs/encoding"
	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
	"certgen/render"
	"certgen/render/file"
	"certgen/secrets"
	"certgen/secrets/certmanager"
)

// defaultCASecret is the Secret of a CA whose file's name makes none.
const defaultCASecret = "ca"

// ValidateForCertManager finds flags that a Certificate has no words for.
func (f *Flags) ValidateForCertManager(flags *pflag.FlagSet) error {
	if f.pair.given() {
		return cli.Usagef("-o cert-manager asks cert-manager for a certificate, so none can be brought")
	}
	for _, flag := range []string{"bundle", "immutable", "reissue"} {
		if flags.Changed(flag) {
			return cli.Usagef("--%s is of no use with -o cert-manager: a Certificate cannot say it", flag)
		}
	}
	return nil
}

// CertManager says what is wanted in cert-manager's words: a Certificate, and the Issuer that signs it. A CA must be one
// that may; its Secret is named after where it was read from.
func (f *Flags) CertManager(t Target, password encoding.Password) (*certmanager.Issuer, *certmanager.Certificate, error) {
	signing, err := f.Issuer(password)
	if err == nil && t.published != nil && !t.published.Empty() {
		err = cli.WithHint(errors.New("--profiles: the profile says where the CA publishes, which is not a Certificate's to say"), "leave ocsp_url, crl_url and issuer_urls out, and write them into the Issuer")
	}
	if err != nil {
		return nil, nil, err
	}
	if err := signing.Admit(t.request, time.Now()); err != nil {
		return nil, nil, f.Blame(err)
	}
	issuer := certmanager.NewIssuer(t.Secret.Namespace, f.ca.secretName())
	certificate, err := certmanager.NewCertificate(t.request, t.Secret, issuer)
	var problems pki.Problems
	if errors.As(err, &problems) {
		err = cli.UsageError{Err: problems}
	}
	return issuer, certificate, err
}

// secretName is the name of the Secret that holds the CA: its own, where it was read from its manifest, or like the file's;
// "" without a CA.
func (f *caFlags) secretName() string {
	if f.cert == "" {
		return ""
	}
	if data, err := file.ReadFile(f.cert); err == nil && render.IsManifest(data) {
		if secret, err := secrets.InManifest(data); err == nil {
			return secret.Name
		}
	}
	name := strings.ToLower(strings.TrimSuffix(filepath.Base(f.cert), filepath.Ext(f.cert)))
	if len(secrets.Subdomain.Judge(secrets.FieldName, name)) > 0 {
		return defaultCASecret
	}
	return name
}
