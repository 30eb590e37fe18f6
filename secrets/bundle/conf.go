package bundle

import (
	_ "embed"
	"fmt"
	"strings"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"

	"certgen/certs/pki"
)

// confKey is the name of the configuration, in the ConfigMap and under nginx's conf.d.
const confKey = "default.conf"

// The fields that problems of nginx's configuration name.
const (
	FieldConf pki.Field = "conf"
	FieldIPv6 pki.Field = "ipv6"
)

//go:embed default.conf
var defaultConf string

// confText is default.conf as it goes into the ConfigMap.
func (o NginxOptions) confText() string {
	text := defaultConf
	if o.Conf != "" {
		text = strings.TrimPrefix(o.Conf, "\ufeff")
	} else if o.IPv6 {
		text = strings.ReplaceAll(text, "#listen ", "listen ")
	}
	// The built-in one too has CRLF where git checked it out so.
	return strings.ReplaceAll(text, "\r\n", "\n")
}

// confProblems returns what keeps the user's own configuration from being used.
func (o NginxOptions) confProblems() pki.Problems {
	if o.Conf == "" {
		return nil
	}
	var ps pki.Problems
	text := o.confText()
	if strings.TrimSpace(text) == "" {
		ps = append(ps, pki.Problem{
			Field: FieldConf, Reason: "is empty, so nginx would serve nothing",
			Hint: "leave it out to use the built-in default.conf",
		})
	}
	// A ConfigMap's data is text: invalid bytes would silently become replacement characters.
	if !utf8.ValidString(text) {
		ps = append(ps, pki.Problem{
			Field: FieldConf, Value: confKey,
			Reason: "must be UTF-8 text", Hint: "save the file as UTF-8",
		})
	}
	if strings.Contains(text, "PRIVATE KEY-----") {
		ps = append(ps, pki.Problem{
			Field: FieldConf, Value: confKey,
			Reason: "holds a private key, which everybody who may read ConfigMaps would have", Hint: "name nginx's configuration; keys belong into the Secret",
		})
	}
	// https://kubernetes.io/docs/concepts/configuration/configmap/: as much as a Secret.
	if len(text) > corev1.MaxSecretSize {
		ps = append(ps, pki.Problem{
			Field: FieldConf, Value: fmt.Sprintf("%d bytes", len(text)),
			Reason: fmt.Sprintf("a ConfigMap holds at most %d bytes", corev1.MaxSecretSize),
		})
	}
	if o.IPv6 {
		ps = append(ps, pki.Problem{
			Field: FieldIPv6, Value: "true",
			Reason: "applies to the built-in default.conf only, and another one is given",
			Hint:   "write \"listen [::]:80;\" and \"listen [::]:443 ssl;\" into it",
		})
	}
	return ps
}
