package certmanager

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"certgen/certs/encoding"
	"certgen/certs/pki"
	"certgen/certs/renewal"
	"certgen/secrets"
	"certgen/secrets/cluster"
)

const (
	fieldOutputFormats pki.Field = "additionalOutputFormats"
	fieldJKS           pki.Field = "keystores.jks"
	fieldPKCS12        pki.Field = "keystores.pkcs12"

	formatDER         = "DER"
	formatCombinedPEM = "CombinedPEM"
)

// password is one of a keystore that stands in a Secret; it is known only when that has been read.
type password struct {
	field pki.Field
	in    cluster.SecretName
	key   string
	set   *string
}

// formats are the further formats of the pair that the Certificate asks for. The passwords that stand in Secrets are left
// to be filled in.
func (c *Certificate) formats() (f secrets.Formats, missing []password, problems pki.Problems) {
	for i, format := range c.Spec.AdditionalOutputFormats {
		switch {
		case slices.Contains(c.Spec.AdditionalOutputFormats[:i], format):
			problems = append(problems, pki.Problem{Field: fieldOutputFormats, Value: format.Type, Reason: "is there twice", Hint: "leave one of the two out"})
		case format.Type == formatDER:
			f.DER = true
		case format.Type == formatCombinedPEM:
			f.CombinedPEM = true
		default:
			problems = append(problems, pki.Problem{Field: fieldOutputFormats, Value: format.Type, Reason: "must be " + either([]string{formatDER, formatCombinedPEM})})
		}
	}
	if c.Spec.Keystores == nil {
		return f, nil, problems
	}
	read := func(field pki.Field, create bool, literal *string, ref SecretKey, set *string) {
		problems = append(problems, passwordProblems(field, literal, ref)...)
		switch {
		case literal != nil:
			*set = *literal
		case create:
			missing = append(missing, password{field + ".passwordSecretRef", cluster.SecretName{Namespace: c.Metadata.Namespace, Name: ref.Name}, ref.Key, set})
		}
	}
	if k := c.Spec.Keystores.JKS; k != nil {
		jks := &secrets.JKS{}
		read(fieldJKS, k.Create, k.Password, k.PasswordSecretRef, &jks.Password)
		if k.Alias != nil {
			jks.Alias = *k.Alias
			problems = append(problems, problemsOf(jks.Validate())...)
		}
		if k.Create {
			f.JKS = jks
		}
	}
	if k := c.Spec.Keystores.PKCS12; k != nil {
		profile, err := encoding.ParsePKCS12Profile(k.Profile)
		problems = append(problems, problemsOf(err)...)
		p12 := &secrets.PKCS12{PKCS12Profile: profile}
		read(fieldPKCS12, k.Create, k.Password, k.PasswordSecretRef, &p12.Password)
		if k.Create {
			f.PKCS12 = p12
		}
	}
	return f, missing, problems
}

func passwordProblems(field pki.Field, literal *string, ref SecretKey) pki.Problems {
	problem := pki.Problem{Field: field + ".password", Hint: "set exactly one of password and passwordSecretRef"}
	switch {
	case literal != nil && ref.Name != "":
		problem.Reason = "passwordSecretRef is set as well"
	case literal == nil && ref.Name == "":
		problem.Reason = "is not set"
	case literal != nil && *literal == "":
		problem.Reason, problem.Hint = "is empty", "a keystore without a password would leave the private key open"
	default:
		return nil
	}
	return pki.Problems{problem}
}

// problemsOf is an error of a parser, which is one problem.
func problemsOf(err error) pki.Problems {
	var p pki.Problem
	if !errors.As(err, &p) {
		return nil
	}
	return pki.Problems{p}
}

// unlock fills in the passwords of a Certificate's keystores that stand in Secrets: of the input, or elsewhere.
func (r *resolver) unlock(ctx context.Context, w *wanted) error {
	var problems pki.Problems
	for _, p := range w.passwords {
		secret := r.survey.secrets[p.in]
		if secret == nil && r.options.Elsewhere != nil {
			var err error
			if secret, err = r.options.Elsewhere.Secret(ctx, p.in.Namespace, p.in.Name); err != nil {
				return err
			}
		}
		problem := pki.Problem{Field: p.field, Value: p.in.Name, Hint: "the password of the keystore stands in a Secret in the Certificate's namespace"}
		if secret == nil {
			problem.Reason = fmt.Sprintf("the Secret %s is not in the input", shown(p.in))
			problems = append(problems, problem)
			continue
		}
		value := secrets.Data(secret)[p.key]
		if len(value) == 0 {
			problem.Reason = fmt.Sprintf("the Secret %s has nothing under the key %q", shown(p.in), p.key)
			problems = append(problems, problem)
			continue
		}
		*p.set = string(value)
	}
	return problems.Err()
}

// spec is what package renewal checks; nil for nil.
func (r *Renewal) spec() *renewal.Spec {
	if r == nil {
		return nil
	}
	s := &renewal.Spec{Policy: r.Policy}
	for _, w := range r.Windows {
		s.Windows = append(s.Windows, renewal.WindowSpec(w))
	}
	return s
}
