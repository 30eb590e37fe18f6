// Package renewal says when a certificate is due for renewal, by cert-manager's rules, so that certgen and
// cert-manager renew the same certificate at the same second.
//
// A [Policy] is spec.renewBefore, spec.renewBeforePercentage and spec.renewal of a Certificate, checked by [Parse].
// Without any of them a certificate is due when a third of the life that it was really given is left. Windows move
// that time: a certificate that becomes due within one is renewed then, any other when the next one opens.
//
// [Policy.At] is cert-manager's RenewalTime. [Policy.Due] is the same for a certificate of certgen's, which may not
// be due as soon as it is made.
package renewal
