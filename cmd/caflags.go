package cmd

import (
	"fmt"

	"github.com/spf13/pflag"

	"certgen/certs"
	"certgen/render"
)

// caFlags say who signs: the certificate's own key, or a CA.
type caFlags struct {
	cert, key string
}

func (f *caFlags) addTo(flags *pflag.FlagSet) {
	flags.StringVar(&f.cert, "ca-cert", "", "sign with this CA: its certificate in PEM, with any intermediates and the root")
	flags.StringVar(&f.key, "ca-key", "", "the CA's private key in PEM")
}

// validate finds flags that do not go together.
func (f *caFlags) validate() error {
	if (f.cert == "") != (f.key == "") {
		return usagef("--ca-cert and --ca-key go together")
	}
	return nil
}

// issuer reads the CA, where one is named.
func (f *caFlags) issuer() (certs.Issuer, error) {
	if f.cert == "" {
		return certs.SelfSigned{}, nil
	}
	cert, err := render.ReadFile(f.cert)
	if err != nil {
		return nil, fmt.Errorf("--ca-cert: %w", err)
	}
	key, err := render.ReadFile(f.key)
	if err != nil {
		return nil, fmt.Errorf("--ca-key: %w", err)
	}
	ca, err := certs.ParseCA(cert, key)
	if err != nil {
		return nil, fmt.Errorf("--ca-cert %s --ca-key %s: %w", f.cert, f.key, err)
	}
	return ca, nil
}
