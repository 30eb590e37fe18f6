package secrets

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"certgen/certs/pki"
)

// rule is one of Kubernetes' rules of syntax. apimachinery decides, so certgen cannot drift from the
// API server; its messages quote regular expressions, so what to do instead is said here.
type rule struct {
	check func(string) []string
	max   int // bytes
	must  string
}

// https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ and, for labels and
// annotations, the pages "labels" and "annotations" beside it.
var (
	Subdomain = rule{
		check: validation.IsDNS1123Subdomain,
		max:   validation.DNS1123SubdomainMaxLength,
		must:  "must be lower case letters, digits, '-' and '.', each part between dots starting and ending with a letter or digit",
	}
	Label = rule{
		check: validation.IsDNS1123Label,
		max:   validation.DNS1123LabelMaxLength,
		must:  "must be lower case letters, digits and '-', starting and ending with a letter or digit",
	}
	// ServiceLabel is what every version of Kubernetes takes. Since 1.36 a Service may also start with a
	// digit (feature gate RelaxedServiceNameValidation), which older ones refuse.
	ServiceLabel = rule{
		check: validation.IsDNS1035Label,
		max:   validation.DNS1035LabelMaxLength,
		must:  "must be lower case letters, digits and '-', starting with a letter and ending with a letter or digit",
	}
	metaKey = rule{
		check: validation.IsQualifiedName,
		max:   validation.DNS1123SubdomainMaxLength + len("/") + 63,
		must: "must be a name of at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit," +
			" after an optional lower case DNS name and one '/'",
	}
	labelValue = rule{
		check: validation.IsValidLabelValue,
		max:   validation.LabelValueMaxLength,
		must:  "must be letters, digits, '-', '_' and '.', starting and ending with a letter or digit",
	}
)

// broken says what value breaks, "" where it breaks nothing.
func (r rule) broken(value string) string {
	switch {
	case len(r.check(value)) == 0:
		return ""
	case value == "":
		return "must not be empty"
	case len(value) > r.max:
		return fmt.Sprintf("is %d bytes long, at most %d are allowed", len(value), r.max)
	}
	return r.must
}

// hint offers the value as it was probably meant, "" where that is not plain.
func (r rule) hint(value string) string {
	trimmed := strings.Trim(value, "-_. ")
	if trimmed == "" {
		return ""
	}
	for _, meant := range []string{trimmed, strings.ReplaceAll(strings.ToLower(trimmed), "_", "-")} {
		if len(r.check(meant)) == 0 {
			return fmt.Sprintf("try %q", meant)
		}
	}
	return ""
}

// Judge returns the problem of value in field, if it has one.
func (r rule) Judge(field pki.Field, value string) pki.Problems {
	reason := r.broken(value)
	if reason == "" {
		return nil
	}
	return pki.Problems{{Field: field, Value: value, Reason: reason, Hint: r.hint(value)}}
}
