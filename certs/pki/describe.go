package pki

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"strings"
	"time"
)

// Description is what a certificate says.
type Description struct {
	Subject string   `json:"subject"`
	Names   []string `json:"names,omitempty"` // hosts, addresses, URIs, e-mail addresses
	Issuer  string   `json:"issuer"`
	IsCA    bool     `json:"isCA"`

	// Of a CA: how many may stand below it, and its name constraints, each with its kind.
	PathLength *int     `json:"pathLength,omitempty"`
	Permitted  []string `json:"permitted,omitempty"`
	Excluded   []string `json:"excluded,omitempty"`

	Key       string    `json:"key"`
	Signature string    `json:"signature"`
	NotBefore time.Time `json:"notBefore"`
	NotAfter  time.Time `json:"notAfter"`
	DaysLeft  int       `json:"daysLeft"` // whole days; negative when it has expired
	Usages    []string  `json:"usages,omitempty"`
	Serial    string    `json:"serial"`

	Fingerprint string `json:"fingerprintSHA256"`
	// PublicKey is the SHA-256 of the SubjectPublicKeyInfo as curl's --pinnedpubkey takes it: it stays the
	// same when a certificate is renewed with the old key.
	PublicKey string `json:"publicKeyPin"`
}

// Describe says what c says, at the time given.
func Describe(c *x509.Certificate, now time.Time) Description {
	pair := &KeyPair{Leaf: c}
	permitted, excluded := NameConstraintsOf(c).Texts()
	return Description{
		PathLength: PathLengthOf(c), Permitted: permitted, Excluded: excluded,

		Subject:   FormatName(c.RawSubject),
		Names:     pair.Names(),
		Issuer:    FormatName(c.RawIssuer),
		IsCA:      c.IsCA,
		Key:       KeyName(c),
		Signature: SignatureName(c),
		NotBefore: c.NotBefore.UTC(),
		NotAfter:  c.NotAfter.UTC(),
		DaysLeft:  DaysLeft(c.NotAfter, now),
		Usages:    append(FormatUsages(c.KeyUsage, c.ExtKeyUsage), UnknownUsages(c)...),
		Serial:    colons(c.SerialNumber.Bytes()),

		Fingerprint: pair.Fingerprint(),
		PublicKey:   pin(c.RawSubjectPublicKeyInfo),
	}
}

// PublicKeyPin is [Description]'s PublicKey of a public key; "" where that has no encoding.
func PublicKeyPin(key crypto.PublicKey) string {
	spki, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return ""
	}
	return pin(spki)
}

func pin(spki []byte) string {
	sum := sha256.Sum256(spki)
	return "sha256//" + base64.StdEncoding.EncodeToString(sum[:])
}

// DaysLeft counts the whole days to an end. It rounds towards the past: on the last day none is left, and a second later it is -1.
func DaysLeft(end, now time.Time) int {
	left := end.Sub(now)
	days := int(left / Day)
	if left < 0 {
		days--
	}
	return days
}

// colons writes bytes as openssl and browsers do.
func colons(b []byte) string { return strings.ReplaceAll(fmt.Sprintf("% X", b), " ", ":") }
