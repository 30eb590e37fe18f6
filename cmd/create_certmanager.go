package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/pflag"

	"certgen/cmd/internal/cli"
	"certgen/render/file"
	"certgen/secrets/certmanager"
	"certgen/secrets/provision"
)

// formatCertManager is what has cert-manager make the certificate instead.
const formatCertManager = "cert-manager"

// runCertManager says in cert-manager's words what the flags ask for, and makes nothing.
func (o *createOptions) runCertManager(ctx context.Context, flags *pflag.FlagSet, name string) error {
	if err := o.want.ValidateForCertManager(flags); err != nil {
		return err
	}
	t, err := o.want.Resolve(flags, name)
	if err != nil {
		return err
	}
	issuer, certificate, err := o.want.CertManager(t, o.want.Password(ctx, o.streams))
	if err != nil {
		return err
	}
	text, err := certmanager.Print(issuer, certificate)
	if err != nil {
		return err
	}
	if o.out == "" {
		err = o.streams.Write(text)
	} else {
		err = o.writeCertManager(text)
	}
	if err != nil {
		return err
	}
	if ca := issuer.Spec.CA; ca != nil {
		o.streams.Printf("note: the Issuer signs with the CA in the Secret %s, which must be in its namespace", ca.SecretName)
	}
	return nil
}

// writeCertManager writes a manifest into --out, where nothing else may be.
func (o *createOptions) writeCertManager(text []byte) error {
	present, err := file.ReadFile(o.out)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("--out: %w", err)
	}
	if err == nil && !certmanager.IsPrinted(present) {
		return cli.WithHint(fmt.Errorf("--out: %s holds something else than Certificates and Issuers", o.out), "choose another file, or delete this one")
	}
	said, err := provision.WriteManifest("--out", o.out, text)
	if err == nil {
		o.streams.Printf("%s", said)
	}
	return err
}
