package cmd

import (
	"context"
	"path/filepath"

	"certgen/certs/encoding"
	"certgen/cmd/internal/cli"
	"certgen/render"
	"certgen/secrets/provision"
)

// outputs are the files that the result goes to.
func (o *createOptions) outputs() []cli.NamedPath {
	if o.format == formatPEM && o.out != "" {
		return []cli.NamedPath{{Flag: "--out", Path: o.inFolder("tls.crt")}, {Flag: "--out", Path: o.inFolder("tls.key")}, {Flag: "--out", Path: o.inFolder("ca.crt")}}
	}
	return []cli.NamedPath{{Flag: "--out", Path: o.out}, {Flag: "--cert-out", Path: o.certOut}, {Flag: "--key-out", Path: o.keyOut}}
}

// inFolder is the path of a file in the folder that --out names for PEM.
func (o *createOptions) inFolder(name string) string { return filepath.Join(o.out, name) }

// store chooses where the result goes.
func (o *createOptions) store(ctx context.Context) (provision.Store, error) {
	switch o.format {
	case formatCSR:
		return &provision.RequestFiles{Key: o.keyOut, Out: o.out, Reissue: o.want.Reissue(), Password: o.want.Password(ctx, o.streams)}, nil
	case formatPEM:
		switch {
		case o.certOut != "":
			return &provision.PEMFiles{Cert: o.certOut, Key: o.keyOut}, nil
		case o.out != "":
			return &provision.PEMFiles{Cert: o.inFolder("tls.crt"), Key: o.inFolder("tls.key"), CA: o.inFolder("ca.crt")}, nil
		}
		return provision.Printed{Encode: provision.EncodePEM}, nil
	case formatPKCS12, formatJKS:
		return o.keystore()
	}
	if o.out != "" {
		return &provision.Manifest{Flag: "--out", Path: o.out, Format: render.Format(o.format), Adopt: o.adopt}, nil
	}
	return provision.Printed{Encode: provision.EncodeManifest(render.Format(o.format))}, nil
}

// keystoreFile is the store of the formats pkcs12 and jks, whatever its path.
func (o *createOptions) keystoreFile() (*provision.Keystore, error) {
	password, err := cli.ReadPassword("--keystore-password-file", o.keystorePasswordFile)
	if err != nil {
		return nil, err
	}
	format := encoding.PKCS12
	switch {
	case o.format == formatJKS:
		format = encoding.JKS
	case o.pkcs12Legacy:
		format = encoding.LegacyPKCS12
	}
	return &provision.Keystore{Flag: "--out", Path: o.out, Format: format, Password: password}, nil
}

// keystore is the store of the formats pkcs12 and jks.
func (o *createOptions) keystore() (provision.Store, error) {
	store, err := o.keystoreFile()
	if err != nil {
		return nil, err
	}
	switch {
	case o.out != "":
		return store, nil
	case cli.IsTerminal(o.streams.Out):
		return nil, cli.WithHint(cli.Usagef("-o %s is binary and does not belong on a terminal", o.format), "name a file with --out")
	}
	return provision.Printed{Encode: store.Encode}, nil
}
