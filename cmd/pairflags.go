package cmd

import (
	"bytes"
	"cmp"
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"certgen/certs"
	"certgen/certs/encoding"
	"certgen/certs/lint"
	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
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
		return cli.Usagef("--cert and --pkcs12 say two places for the same certificate")
	}
	if (f.cert == "") != (f.key == "") {
		return cli.Usagef("--cert and --key go together")
	}
	if f.given() {
		return f.validateBrought(flags)
	}
	for _, flag := range []string{"ca", "allow-insecure"} {
		if flags.Changed(flag) {
			return cli.Usagef("--%s is of no use without --cert or --pkcs12", flag)
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

// take reads the pair, puts its chain in order and examines it. A pair that clients refuse is refused
// with all reasons, and taken with them as warnings where --allow-insecure is given.
func (f *pairFlags) take(password encoding.Password, t target) (outcome, error) {
	var material, above encoding.Material
	for _, input := range []struct {
		flag, file string
		into       *encoding.Material
	}{
		{"--cert", f.cert, &material}, {"--key", f.key, &material}, {"--pkcs12", f.pkcs12, &material}, {"--ca", f.ca, &above},
	} {
		if err := read(input.flag, input.file, password, input.into); err != nil {
			return outcome{}, err
		}
	}
	pair, notes, err := material.Pair(above.Certificates)
	if err != nil {
		return outcome{}, fmt.Errorf("%s: %w", f.from(), err)
	}
	if err := f.admit(pair, t); err != nil {
		return outcome{}, err
	}
	o := outcome{pair: pair, how: "taken: the certificate in " + f.from(), signer: "signed by " + pki.FormatName(pair.Leaf.RawIssuer)}
	o.notes = append(append(material.Notes, above.Notes...), notes...)
	if o.warnings, err = f.judge(findings(pair, above.Certificates, t)); err != nil {
		return outcome{}, err
	}
	if pair.Root == nil && len(above.Certificates)+len(pair.Intermediates) == 0 {
		o.warnings = append(o.warnings, fmt.Sprintf("it comes without the certificate of its issuer, so clients refuse it that do not trust %s itself (%s)",
			pki.FormatName(pair.Leaf.RawIssuer), lint.RuleMissingIntermediate.ID))
	}
	for _, difference := range certs.Differences(pair, t.request, nil) {
		if t.asks(difference.Field) {
			o.warnings = append(o.warnings, "not what was asked for: "+difference.Detail)
		}
	}
	o.pem, err = pair.PEM()
	return o, err
}

// instead returns the outcome for a store that holds the existing pair.
func (o outcome) instead(existing pki.PEM) outcome {
	o.kept = bytes.Equal(existing.Cert, o.pem.Cert) && bytes.Equal(existing.Key, o.pem.Key)
	if present, err := pki.ParsePair(existing); err == nil && !present.Leaf.Equal(o.pair.Leaf) {
		o.notes = append(slices.Clip(o.notes), fmt.Sprintf("it takes the place of the certificate of %s, valid until %s",
			pki.FormatName(present.Leaf.RawSubject), pki.FormatTime(present.Leaf.NotAfter)))
	}
	return o
}

// admit refuses a pair that is not what was meant.
func (f *pairFlags) admit(pair *pki.KeyPair, t target) error {
	if life := pair.Leaf.NotAfter.Sub(pair.Leaf.NotBefore); t.secret.RenewBefore >= life-pki.Backdate {
		return fmt.Errorf("--renew-before %s: the certificate lives for %s only, so it would always be due",
			pki.FormatDuration(t.secret.RenewBefore), pki.FormatDuration(life))
	}
	if pair.Leaf.IsCA && len(pair.Names()) == 0 {
		return cli.WithHint(fmt.Errorf("%s: the key belongs to the certificate of a CA, %s, not to a server's", f.from(), pki.FormatName(pair.Leaf.RawSubject)),
			"name the key that the server's certificate was made for")
	}
	return nil
}

// findings examines a pair for clients that trust the CA certificates above it.
func findings(pair *pki.KeyPair, above []*x509.Certificate, t target) []lint.Finding {
	exam := certs.ExamOf(pair)
	switch {
	case len(above) > 0:
		exam.CA = above
	case pair.Root == nil:
		exam.CA = nil // an intermediate proves nothing about a chain that was made elsewhere
	}
	return exam.Findings(lint.Expectations{Hosts: t.request.Hosts(), Now: time.Now(), RenewBefore: t.secret.RenewBefore})
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

// judge turns the findings into warnings, or into the error that refuses the pair.
func (f *pairFlags) judge(findings []lint.Finding) (warnings []string, err error) {
	var refused pki.Problems
	usable := true
	for _, finding := range findings {
		if finding.Rule.Severity == lint.Error && (!f.allowInsecure || finding.Rule.Unusable) {
			refused = append(refused, pki.Problem{
				Reason: fmt.Sprintf("%s (%s: breaks %s)", finding.Detail, finding.Rule.ID, finding.Rule.Breaks),
				Hint:   finding.Rule.Mend,
			})
			usable = usable && !finding.Rule.Unusable
			continue
		}
		warnings = append(warnings, warning(finding))
	}
	if err = refused.Err(); err != nil && usable {
		err = cli.WithHint(err, "--allow-insecure takes the certificate nevertheless")
	}
	return warnings, err
}
