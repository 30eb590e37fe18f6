package cmd

import (
	"github.com/spf13/pflag"

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
