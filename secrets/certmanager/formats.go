package certmanager

import (
	"errors"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"certgen/certs/encoding"
	"certgen/certs/pki"
	"certgen/secrets"
)

const (
	fieldFormats      pki.Field = "additionalOutputFormats"
	fieldJKSPassword  pki.Field = "keystores.jks.password"
	fieldJKSSecret    pki.Field = "keystores.jks.passwordSecretRef"
	fieldPKCSPassword pki.Field = "keystores.pkcs12.password"
	fieldPKCSSecret   pki.Field = "keystores.pkcs12.passwordSecretRef"

	// jksAlias is the name of the entry where none is given.
	jksAlias = "certificate"
)

// passwordRef is a password of a keystore that another Secret holds.
type passwordRef struct {
	field pki.Field
	SecretKey
	into *string
}

// formats translates what else the Secret holds. Passwords that other Secrets hold are still to be filled in.
func (c *Certificate) formats() (f secrets.Formats, refs []passwordRef, problems pki.Problems) {
	var seen []string
	for _, format := range c.Spec.AdditionalOutputFormats {
		problem := func(reason string) {
			problems = append(problems, pki.Problem{Field: fieldFormats, Value: format.Type, Reason: reason})
		}
		switch {
		case slices.Contains(seen, format.Type):
			problem("is there twice")
		case format.Type == "DER":
			f.DER = true
		case format.Type == "CombinedPEM":
			f.CombinedPEM = true
		default:
			problem("must be DER or CombinedPEM")
		}
		seen = append(seen, format.Type)
	}
	if c.Spec.Keystores == nil {
		return f, nil, problems
	}
	if k := c.Spec.Keystores.JKS; k != nil {
		jks := &secrets.JKS{JavaKeystore: encoding.JavaKeystore{Alias: jksAlias}}
		if k.Alias != nil && *k.Alias != "" {
			jks.Alias = *k.Alias
		}
		var p pki.Problem
		if errors.As(jks.Validate(), &p) {
			problems = append(problems, p)
		}
		ref, ps := password(k.Password, k.PasswordSecretRef, fieldJKSPassword, fieldJKSSecret, &jks.Password)
		problems = append(problems, ps...)
		if k.Create {
			f.JKS, refs = jks, append(refs, ref...)
		}
	}
	if k := c.Spec.Keystores.PKCS12; k != nil {
		pkcs12 := &secrets.PKCS12{}
		profile, err := encoding.ParsePKCS12Profile(k.Profile)
		var p pki.Problem
		if errors.As(err, &p) {
			problems = append(problems, p)
		}
		pkcs12.PKCS12Profile = profile
		ref, ps := password(k.Password, k.PasswordSecretRef, fieldPKCSPassword, fieldPKCSSecret, &pkcs12.Password)
		problems = append(problems, ps...)
		if k.Create {
			f.PKCS12, refs = pkcs12, append(refs, ref...)
		}
	}
	return f, refs, problems
}

// password reads where a keystore's password comes from: the Certificate itself, or a Secret, and never both.
func password(literal *string, secret SecretKey, field, secretField pki.Field, into *string) ([]passwordRef, pki.Problems) {
	switch {
	case literal != nil && secret.Name != "":
		return nil, pki.Problems{{Field: secretField, Value: secret.Name, Reason: "password is given as well", Hint: "leave one of the two out"}}
	case literal == nil && secret.Name == "":
		return nil, pki.Problems{{Field: secretField, Reason: "neither passwordSecretRef nor password is set"}}
	case literal != nil && *literal == "":
		return nil, pki.Problems{{Field: field, Reason: "is empty"}}
	case literal != nil:
		*into = *literal
		return nil, nil
	}
	return []passwordRef{{secretField, secret, into}}, nil
}

// fill takes a password out of the Secret that holds it; nil where there is none.
func (p passwordRef) fill(secret *corev1.Secret) error {
	problem := func(reason string) error {
		return pki.Problems{{Field: p.field, Value: p.Name, Reason: reason, Hint: "add the Secret to the input"}}
	}
	if secret == nil {
		return problem("there is no such Secret")
	}
	value := secrets.Data(secret)[p.Key]
	if len(value) == 0 {
		return problem(fmt.Sprintf("the Secret has nothing under the key %q", p.Key))
	}
	*p.into = string(value)
	return nil
}
