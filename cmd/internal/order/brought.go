package order

import (
	"cmp"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"certgen/certs/encoding"
	"certgen/cmd/internal/cli"
	"certgen/render"
	"certgen/secrets/provision"
)

// pairFlags bring a certificate that exists already, from a company's CA or another tool.
type pairFlags struct {
	cert, key, ca string
	pkcs12        string
	allowInsecure bool
}

func (f *pairFlags) addTo(flags *pflag.FlagSet) {
	flags.StringVar(&f.cert, "cert", "", "take this certificate instead of making one: PEM, DER or PKCS#7, with intermediates in any order")
	flags.StringVar(&f.key, "key", "", "the private key of --cert: PEM or DER, encrypted or not")
	flags.StringVar(&f.ca, "ca", "", "the root, and any intermediates, of --cert or --pkcs12")
	flags.StringVar(&f.pkcs12, "pkcs12", "", "take certificate and key from this PKCS#12 file (.p12, .pfx) or Java keystore")
	flags.BoolVar(&f.allowInsecure, "allow-insecure", false, "take a certificate that clients refuse, as long as a server can load it")
}

// given reports whether a certificate is brought.
func (f *pairFlags) given() bool { return f.cert != "" || f.pkcs12 != "" }

// validate finds flags that do not go together.
func (f *pairFlags) validate(flags *pflag.FlagSet) error {
	if f.cert != "" && f.pkcs12 != "" {
		return cli.Usagef("--cert and --pkcs12 cannot be used together")
	}
	if (f.cert == "") != (f.key == "") {
		return cli.Usagef("--cert and --key go together")
	}
	if f.given() {
		return f.validateBrought(flags)
	}
	for _, flag := range []string{"ca", "allow-insecure"} {
		if flags.Changed(flag) {
			return cli.Usagef("--%s requires --cert or --pkcs12", flag)
		}
	}
	return nil
}

// validateBrought finds flags that have no effect on a certificate that exists already.
func (f *pairFlags) validateBrought(flags *pflag.FlagSet) error {
	for _, flag := range []string{"ca-cert", "ca-key", "reissue", "duration"} {
		if flags.Changed(flag) {
			return cli.Usagef("--%s is for making a certificate, but --%s brings one", flag, cmp.Or(map[bool]string{true: "cert"}[f.cert != ""], "pkcs12"))
		}
	}
	if namesHosts(flags) {
		return nil
	}
	for _, flag := range contentFlags() {
		if flags.Changed(flag) {
			return cli.WithHint(cli.Usagef("--%s says what the certificate should be, but no host is named", flag), "name its hosts too, as with --dns: then the certificate is held against all that is asked for")
		}
	}
	return nil
}

// from is the file that the certificate is in.
func (f *pairFlags) from() string { return cmp.Or(f.cert, f.pkcs12) }

// take reads the pair and judges it.
func (f *pairFlags) take(password encoding.Password, t Target) (provision.Take, error) {
	var material, above encoding.Material
	for _, input := range []struct {
		flag, file string
		into       *encoding.Material
	}{
		{"--cert", f.cert, &material}, {"--key", f.key, &material}, {"--pkcs12", f.pkcs12, &material}, {"--ca", f.ca, &above},
	} {
		if err := read(input.flag, input.file, password, input.into); err != nil {
			return provision.Take{}, err
		}
	}
	return provision.NewTake(provision.Brought{
		From: f.from(), Material: &material, Above: &above,
		Request: t.request, Asks: t.asks, Renewal: t.Secret.Renewal, AllowInsecure: f.allowInsecure,
	}, time.Now())
}

// read adds what a file holds to material; no file adds nothing.
func read(flag, file string, password encoding.Password, material *encoding.Material) error {
	if file == "" {
		return nil
	}
	data, err := cli.ReadBounded(file)
	if err != nil {
		return fmt.Errorf("%s: %w", flag, err)
	}
	if flag == "--ca" && render.IsManifest(data) { // of the CA, or of a certificate that it signed
		pair, err := pairIn(data)
		if err != nil {
			return fmt.Errorf("%s %s: %w", flag, file, err)
		}
		data = above(pair)
	}
	found, err := encoding.Read(data, password)
	if err != nil {
		return fmt.Errorf("%s %s: %w", flag, file, err)
	}
	material.Certificates = append(material.Certificates, found.Certificates...)
	material.Keys = append(material.Keys, found.Keys...)
	for _, note := range found.Notes {
		material.Notes = append(material.Notes, file+": "+note)
	}
	return nil
}
