package cmd

import (
	"certgen/certs/encoding"
	"certgen/cmd/internal/cli"
	"certgen/secrets/provision"
)

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
