package secrets

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	corev1 "k8s.io/api/core/v1"

	"certgen/certs/lint"
	"certgen/certs/pki"
	"certgen/render"
)

// Part is what a Secret holds: its pair, or one entry with certificates.
type Part struct {
	Entry    string         // the entry's key; "" for the pair
	Target   lint.Target    // without a Chain where none could be read
	Findings []lint.Finding // on how the Secret holds it
}

// Parts are what there is to lint in a Secret as it is written. That is the pair under tls.crt and
// tls.key, or under two other names that differ in .crt and .key alone; and where there is none, each
// entry with certificates in PEM. A Secret that is not about certificates has no parts.
func Parts(s render.EncodedSecret) []Part {
	r := partsReader{secret: s}
	return r.parts()
}

// parts are all of the Secret.
func (r *partsReader) parts() []Part {
	cert, key := corev1.TLSCertKey, corev1.TLSPrivateKeyKey
	s := r.secret
	switch {
	case r.has(cert) && r.has(key):
		if s.Type != string(corev1.SecretTypeTLS) {
			r.add(RuleSecretType, "its type is %s", typeOf(s))
		}
	case s.Type == string(corev1.SecretTypeTLS) && r.has(cert):
		r.add(lint.RuleKeyMissing, "there is no %s", key)
	default:
		misnamed := r.misnamed()
		switch {
		case misnamed != "":
			cert, key = misnamed+".crt", misnamed+".key"
			r.add(RuleSecretKeys, "the certificate is under %s and the key under %s", cert, key)
		case s.Type == string(corev1.SecretTypeTLS):
			r.add(RuleSecretKeys, "there is no %s", cert)
		default:
			return r.entries()
		}
	}
	return []Part{r.pair(cert, key)}
}

// Ref names a Secret for people, as kubectl does, with its namespace where it has one.
func Ref(s render.EncodedSecret) string {
	if s.Namespace != "" {
		return "secret/" + s.Namespace + "/" + s.Name
	}
	return "secret/" + s.Name
}

// Manager says who keeps a Secret, by its labels and annotations; "" where they do not tell. certgen -f writes cert-manager's
// annotations, too, so its own label comes first.
func Manager(s render.EncodedSecret) string {
	certificate, manager := s.Annotations["cert-manager.io/certificate-name"], s.Labels[ManagedByLabel]
	switch {
	case certificate == "":
		return manager
	case manager != ManagedBy:
		manager = "cert-manager"
	}
	return manager + ", Certificate " + certificate
}

func typeOf(s render.EncodedSecret) string {
	if s.Type == "" {
		return string(corev1.SecretTypeOpaque) // the API server's default
	}
	return s.Type
}

// partsReader reads a Secret's entries and collects what is wrong with them.
type partsReader struct {
	secret   render.EncodedSecret
	stored   map[string][]byte // what the API server stores; nil where that is in secret, as it was written
	findings []lint.Finding
}

func (r *partsReader) add(rule lint.Rule, format string, args ...any) {
	r.findings = append(r.findings, rule.Found(format, args...))
}

func (r *partsReader) has(key string) bool {
	_, data := r.secret.Data[key]
	_, stringData := r.secret.StringData[key]
	_, stored := r.stored[key]
	return data || stringData || stored
}

// keys are those of all entries.
func (r *partsReader) keys() []string {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(r.secret.Data)), maps.Keys(r.secret.StringData))
	keys = slices.AppendSeq(keys, maps.Keys(r.stored))
	slices.Sort(keys)
	return slices.Compact(keys)
}

// misnamed finds the pair under another name than tls, and returns that; "" where there is none. A CA's
// own pair, ca.crt and ca.key, is not for servers.
func (r *partsReader) misnamed() string {
	for _, key := range r.keys() {
		if name, ok := strings.CutSuffix(key, ".crt"); ok && name != "ca" && name != "tls" && r.has(name+".key") {
			return name
		}
	}
	return ""
}

// pair reads the pair and the root beside it.
func (r *partsReader) pair(certKey, keyKey string) Part {
	var target lint.Target
	read := func(key string, parse func(text []byte) []lint.Finding) {
		if !r.has(key) {
			return
		}
		if text, ok := r.value(key); ok && len(bytes.TrimSpace(text)) > 0 {
			r.findings = append(r.findings, parse(text)...)
		} else if ok && key != CAKey { // cert-manager leaves that empty where the issuer has no root
			r.add(lint.RuleUnreadable, "%s is empty", key)
		}
	}
	read(certKey, func(text []byte) (found []lint.Finding) {
		target.Chain, found = lint.ReadChain(certKey, text)
		return found
	})
	read(keyKey, func(text []byte) (found []lint.Finding) {
		target.Key, found = lint.ReadKey(keyKey, text, nil)
		return found
	})
	read(CAKey, func(text []byte) (found []lint.Finding) {
		target.CA, found = lint.ReadChain(CAKey, text)
		return found
	})
	if r.lastApplied(keyKey) {
		r.add(RuleLastAppliedKey, "the annotation repeats %s", keyKey)
	}
	return Part{Target: target, Findings: r.findings}
}

// entries reads the certificates in a Secret without a pair.
func (r *partsReader) entries() []Part {
	var parts []Part
	for _, key := range r.keys() {
		own := partsReader{secret: r.secret, stored: r.stored}
		text, _ := own.value(key)
		if !bytes.Contains(text, []byte(pki.PEMBegin+"CERTIFICATE-----")) {
			continue
		}
		chain, findings := lint.ReadChain(key, text)
		parts = append(parts, Part{Entry: key, Target: lint.Target{Chain: chain}, Findings: append(own.findings, findings...)})
	}
	return parts
}

// lastApplied reports whether kubectl's annotation holds the private key.
func (r *partsReader) lastApplied(key string) bool {
	annotation := r.secret.Annotations[corev1.LastAppliedConfigAnnotation]
	if !strings.Contains(annotation, key) {
		return false
	}
	var applied struct{ Data, StringData map[string]string }
	err := json.Unmarshal([]byte(annotation), &applied)
	return err == nil && applied.Data[key]+applied.StringData[key] != ""
}

// value returns what the API server would store under a key, or what it was probably meant to store. It
// returns false where that cannot be told, which is among the findings then.
func (r *partsReader) value(key string) ([]byte, bool) {
	if value, ok := r.stored[key]; ok {
		return r.plain(key, value, "data")
	}
	if text, ok := r.secret.StringData[key]; ok {
		return r.plain(key, []byte(text), "stringData")
	}
	text := r.secret.Data[key]
	if isPlaceholder(text) {
		r.add(RulePlaceholder, "%s is a placeholder", key)
		return nil, false
	}
	value, err := base64.StdEncoding.DecodeString(text)
	if err == nil {
		return r.plain(key, value, "data")
	}
	if strings.Contains(text, pki.PEMBegin) {
		r.add(RuleBase64Damaged, "%s is PEM text, but data wants it in base64", key)
		return []byte(text), true
	}
	joined := strings.Join(strings.Fields(text), "")
	if value, err = base64.StdEncoding.DecodeString(joined); err == nil {
		r.add(RuleBase64Damaged, "%s has white space in its base64, as when its lines were folded into one", key)
		return r.plain(key, value, "data")
	}
	r.add(RuleBase64Damaged, "%s is not base64%s", key, where(joined, err))
	return nil, false
}

func isPrintable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}

// where says how far base64 could be read.
func where(text string, err error) string {
	if _, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "=")); err == nil {
		return ": its end is missing"
	}
	if at, ok := err.(base64.CorruptInputError); ok {
		return fmt.Sprintf(": it is wrong from character %d of %d on", at+1, len(text))
	}
	return ""
}

// plain takes off a second layer of base64.
func (r *partsReader) plain(key string, value []byte, field string) ([]byte, bool) {
	if isPlaceholder(string(value)) {
		r.add(RulePlaceholder, "%s is a placeholder", key)
		return nil, false
	}
	if bytes.Contains(value, []byte(pki.PEMBegin)) || len(value) == 0 {
		return value, true
	}
	inner, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(string(value)), ""))
	if err != nil || !bytes.Contains(inner, []byte(pki.PEMBegin)) {
		return value, true
	}
	if field == "data" {
		r.add(RuleDoubleEncoded, "%s is base64 in base64", key)
	} else {
		r.add(RuleDoubleEncoded, "%s is base64, but stringData wants the PEM text", key)
	}
	return inner, true
}

// maxPlaceholder is the length up to which a value may be one, in bytes. The smallest certificate has 250.
const maxPlaceholder = 200

// isPlaceholder tells a text that somebody was to replace: what examples and templates write.
func isPlaceholder(text string) bool {
	if text = strings.TrimSpace(text); len(text) > maxPlaceholder {
		return false
	}
	text = strings.ToUpper(text)
	pemInBase64 := strings.HasPrefix(text, "LS0T") // "---": Ed25519's keys are short, too
	if pemInBase64 || strings.Contains(text, pki.PEMBegin) || !isPrintable(text) {
		return false
	}
	for _, mark := range []string{"{{", "${", "<", "...", "REPLACE", "PLACEHOLDER", "CHANGEME", "CHANGE_ME", "CHANGE-ME", "YOUR_", "YOUR-", "TODO", "BASE64"} {
		if strings.Contains(text, mark) {
			return true
		}
	}
	return false
}
