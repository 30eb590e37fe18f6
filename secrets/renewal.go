package secrets

import (
	"encoding/json"
	"strconv"
	"time"

	"certgen/certs/pki"
	"certgen/certs/renewal"
	"certgen/render"
)

// SpecAnnotation keeps, in JSON, what the certificate was asked for as and who signed it, so that it can be issued again.
// There is no key and no password in it.
const SpecAnnotation = AnnotationPrefix + "spec"

// The annotations that keep, beside a certificate that cannot hold it, when its renewal was asked for. Without them
// it is due when a third of its life is left.
const (
	// RenewBeforeAnnotation is a Go duration before the certificate's end.
	RenewBeforeAnnotation = AnnotationPrefix + "renew-before"
	// RenewBeforePercentageAnnotation is how much of the certificate's life is left then.
	RenewBeforePercentageAnnotation = AnnotationPrefix + "renew-before-percentage"
	// RenewalAnnotation is spec.renewal of cert-manager's Certificate, in JSON: windows, or never.
	RenewalAnnotation = AnnotationPrefix + "renewal"
)

// renewalAnnotations write a policy; none for the default.
func renewalAnnotations(p renewal.Policy) map[string]string {
	annotations := map[string]string{}
	if p.Before > 0 {
		annotations[RenewBeforeAnnotation] = p.Before.String()
	}
	if p.Percentage > 0 {
		annotations[RenewBeforePercentageAnnotation] = strconv.Itoa(p.Percentage)
	}
	if spec := p.Spec(); spec != nil {
		annotations[RenewalAnnotation] = spec.String()
	}
	return annotations
}

// Renewal is when the certificate in a Secret is due, by its annotations. One that makes no sense counts as not there.
func Renewal(s render.EncodedSecret) renewal.Policy {
	before, _ := time.ParseDuration(s.Annotations[RenewBeforeAnnotation])
	var percentage *int
	if n, err := strconv.Atoi(s.Annotations[RenewBeforePercentageAnnotation]); err == nil && before <= 0 {
		percentage = &n
	}
	var spec *renewal.Spec
	if text := s.Annotations[RenewalAnnotation]; text != "" && json.Unmarshal([]byte(text), &spec) != nil {
		spec = nil
	}
	// The life does not matter here: a percentage that is wrong for the real one counts as not set then.
	p, problems := renewal.Parse(pki.DefaultDuration, before, percentage, spec)
	if len(problems) > 0 {
		return renewal.Policy{Before: before}
	}
	return p
}
