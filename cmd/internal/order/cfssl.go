package order

import (
	"context"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"certgen/certs"
	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
	"certgen/render"
	"certgen/secrets/cfssl"
)

// cfsslFlags name files of cfssl that say what certificate is wanted, in place of flags.
type cfsslFlags struct {
	request  string // a csr.json
	profiles string // a ca-config.json
	profile  string
}

// written is what they ask for.
type written struct {
	spec      certs.Spec
	published *certs.Published // by a profile; nil where none is named
	note      string           // for people, if any
}

func (f *cfsslFlags) addTo(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.profiles, "profiles", "", "with NAME and -f csr.json, take usages and life from a profile in this ca-config.json of cfssl")
	flags.StringVar(&f.profile, "profile", "", "the name of the profile in --profiles (default its signing.default)")
	cli.CompleteFlag(cmd, "profile", func(context.Context, string) []string {
		data, err := cli.ReadBounded(f.profiles)
		if err != nil {
			return nil
		}
		profiles, _ := cfssl.ReadProfiles(f.profiles, data)
		return profiles.Names()
	})
}

// addRequestTo adds -f to commands that read no manifests.
func (f *cfsslFlags) addRequestTo(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&f.request, "filename", "f", "", "take subject, key, life and path length from this csr.json of cfssl, instead of from flags")
}

// ReadFrom has a csr.json of cfssl say what is wanted, instead of flags.
func (f *Flags) ReadFrom(request string) { f.cfssl.request = request }

func (f *cfsslFlags) given() bool { return f.request != "" }

// validate finds flags that do not go together.
func (f *cfsslFlags) validate(flags *pflag.FlagSet, brought, requests bool) error {
	if !f.given() {
		for _, flag := range []string{"profiles", "profile"} {
			if flags.Changed(flag) {
				return cli.WithHint(cli.Usagef("--%s cannot be used without -f", flag), "-f csr.json names the file of cfssl that says what certificate is wanted")
			}
		}
		if file := flags.Lookup("filename"); file != nil && file.Changed && strings.Trim(file.Value.String(), "[]") == "" {
			return cli.Usagef(`-f "": empty`)
		}
		return nil
	}
	var wrong []string
	flags.Visit(func(flag *pflag.Flag) {
		if saysContent(flag.Name) {
			wrong = append(wrong, "--"+flag.Name)
		}
	})
	slices.Sort(wrong)
	switch {
	case len(wrong) > 0:
		return cli.WithHint(cli.Usagef("%s: with NAME and -f, %s says what the certificate is", strings.Join(wrong, ", "), f.request), "write it into the file, or leave -f out")
	case brought:
		return cli.Usagef("-f %s is for making a certificate, but --cert or --pkcs12 brings one", f.request)
	case f.request == "-":
		return cli.Usagef("-f -: with a NAME, -f is a file, a csr.json of cfssl")
	case flags.Changed("profile") && f.profiles == "":
		return cli.WithHint(cli.Usagef("--profile %q needs --profiles", f.profile), "--profiles ca-config.json names the file that it is in")
	case flags.Changed("profiles") && f.profiles == "":
		return cli.Usagef(`--profiles "": empty`)
	case requests && f.profiles != "":
		return cli.Usagef("--profiles cannot be used with -o csr: the CA's profile is what counts")
	}
	return nil
}

// saysContent reports whether a flag says what a csr.json says.
func saysContent(flag string) bool {
	said := append(append(hostFlags(), contentFlags()...), "cluster-domain", "duration", "path-length")
	return slices.Contains(said, flag) || strings.HasPrefix(flag, "permit-") || strings.HasPrefix(flag, "exclude-")
}

// read returns what the files ask for, nil where none is given. authority says that it is to be a CA.
func (f *cfsslFlags) read(authority bool) (*written, error) {
	if !f.given() {
		return nil, nil
	}
	data, err := cli.ReadBounded(f.request)
	if err != nil {
		return nil, cli.WithHint(fmt.Errorf("-f: %w", err), "with a NAME, -f is one csr.json of cfssl")
	}
	if render.IsManifest(data) {
		return nil, cli.WithHint(cli.Usagef("-f %s: with a NAME, -f is a csr.json of cfssl, but this is a manifest, whose Certificates name their Secrets, so there is no NAME", f.request),
			"certgen create -f %s, without the NAME, makes what cert-manager's manifests ask for", f.request)
	}
	var w written
	parse := cfssl.ReadRequest
	if authority {
		parse = cfssl.ReadAuthority
	}
	var problems pki.PlacedProblems
	if w.spec, err = parse(f.request, data); err != nil {
		problems = placed(f.request, err)
	} else if w.spec.IsCA && !authority {
		problems = placed(f.request, pki.WithHint(errors.New(`the section "ca" asks for a CA`), "certgen ca create NAME -f %s makes one; for a server's certificate leave the section out", f.request))
	}
	if f.profiles != "" {
		profile, more := f.readProfile(authority)
		problems = append(problems, more...)
		w.spec, w.published = profile.Apply(w.spec), &profile.Published
	}
	if len(problems) > 0 {
		return nil, problems
	}
	if slices.ContainsFunc(w.spec.Subject, func(set pkix.RelativeDistinguishedNameSET) bool { return len(set) > 1 }) {
		w.note = fmt.Sprintf("%s: the names make one subject together: %s", f.request, pki.FormatSubject(w.spec.Subject))
	}
	return &w, nil
}

// readProfile returns the profile that is asked for, and all that is wrong with it and the rest of its file.
func (f *cfsslFlags) readProfile(authority bool) (profile cfssl.Profile, problems pki.PlacedProblems) {
	data, err := cli.ReadBounded(f.profiles)
	if err != nil {
		return profile, placed("--profiles", err)
	}
	profiles, err := cfssl.ReadProfiles(f.profiles, data)
	if err == nil {
		profile, err = profiles.Find(f.profile)
	}
	if err != nil {
		problems = placed(f.profiles, err)
		if names := profiles.Names(); f.profile == "" && len(names) > 0 {
			problems = append(problems, placed(f.profiles, fmt.Errorf("the default profile was taken, because --profile names none of %s", strings.Join(names, ", ")))...)
		}
		return profile, problems
	}
	switch {
	case profile.IsCA && !authority:
		err = pki.WithHint(fmt.Errorf("the profile %q makes a CA", f.profile), "certgen ca create NAME makes one with it")
	case !profile.IsCA && authority:
		err = pki.WithHint(fmt.Errorf("the profile %q makes no CA", f.profile), `one with "ca_constraint": {"is_ca": true} does`)
	default:
		return profile, nil
	}
	return profile, placed(f.profiles, err)
}

// placed are the problems that an error is of, or it is one of a whole file.
func placed(source string, err error) pki.PlacedProblems {
	var found pki.PlacedProblems
	if errors.As(err, &found) {
		return found
	}
	return pki.PlacedProblems{{Place: pki.Place{Source: source}, Err: err}}
}

// field is what a field is called in the files, with the file; as it is where they do not say it.
func (f *cfsslFlags) field(field pki.Field) pki.Field {
	key := map[pki.Field]string{
		pki.FieldDNSNames: "hosts", pki.FieldIPAddresses: "hosts", pki.FieldURIs: "hosts", pki.FieldEmailAddresses: "hosts",
		pki.FieldSubject: "CN", pki.FieldCommonName: "CN", pki.FieldKeyAlgorithm: "key.algo", pki.FieldKeySize: "key.size",
		pki.FieldDuration: "expiry", pki.FieldUsages: "usages", pki.FieldPathLength: "path length",
	}[field]
	file := f.request
	switch {
	case key == "":
		return field
	case f.profiles != "" && (field == pki.FieldDuration || field == pki.FieldUsages || field == pki.FieldPathLength):
		file = f.profiles
	}
	return pki.Field(file + ": " + key)
}

// publishing returns the issuer whose certificates name what a profile says is published, nil where there is none.
func publishing(issuer certs.Issuer, p *certs.Published) (certs.Issuer, error) {
	ca, ok := issuer.(*certs.CA)
	switch {
	case p == nil, !ok && p.Empty():
		return issuer, nil
	case !ok:
		return nil, cli.WithHint(errors.New("--profiles: the profile says where a CA publishes (ocsp_url, crl_url or issuer_urls), but no CA signs"), "--ca-cert names the CA")
	}
	return ca.Publishing(*p), nil
}
