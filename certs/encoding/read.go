package encoding

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"

	"certgen/certs/pki"
)

// MaxInput is the most bytes that one input may have: 16 MiB. The largest honest one, a trust store of
// every public CA, has a quarter of one.
const MaxInput = 16 << 20

// maxCertificates and maxKeys bound what one input may hold. Linux distributions ship about 150 roots;
// a thousand times that, or a hundred keys, is an accident or an attack.
const (
	maxCertificates = 10_000
	maxKeys         = 100
)

// ErrPassword is what an encrypted input returns when the password does not open it. Encryption cannot
// tell a wrong password from a damaged file, so the hint speaks of both.
var ErrPassword error = pki.Problem{
	Reason: "the password is wrong",
	Hint:   "check the password and that no line break or space was added to it; a damaged file looks the same",
}

// ErrSpoilt is what UTF-16 without a certificate or key returns.
var ErrSpoilt error = pki.Problem{
	Reason: "no certificate and no private key in it, but text in UTF-16",
	Hint:   "Windows PowerShell's > makes that of a keystore: make it again, with --out",
}

// ErrNoPassword is what an encrypted input returns when there is nobody to ask for its password.
var ErrNoPassword error = pki.Problem{
	Reason: "it is encrypted, and no password was given",
	Hint:   "give its password",
}

// ErrRequest is what a certificate signing request (PKCS#10) returns.
var ErrRequest error = pki.Problem{
	Reason: "it holds a certificate signing request, not a certificate",
	Hint:   "send it to a CA: what comes back is the certificate",
}

// Material is everything that an input holds, in the order it was found.
type Material struct {
	Certificates []*x509.Certificate
	Keys         []crypto.Signer
	Notes        []string // what its owner should know of the input; never key material
}

// Password returns the password of what, which says in words what is encrypted ("the PKCS#12 file"). It
// is called only when something is, once for each. The password is UTF-8, without a line end.
type Password func(what string) ([]byte, error)

// Read reads certificates and keys in whatever form they come; the content tells which, never a name:
//
//   - PEM, in any order, with text around it, in UTF-8 or UTF-16, with or without a byte order mark,
//     and with any line ends;
//   - DER: certificates, private keys (PKCS#8, PKCS#1, SEC 1), PKCS#7 and PKCS#12;
//   - Java's JKS;
//   - base64 of any of these, as it stands in a Secret, once or twice.
//
// Private keys may be encrypted (PKCS#8 with PBES2, and the old encryption of PEM); a nil password makes
// these [ErrNoPassword]. The work that an input may ask for is bounded before it is done. Errors name
// what could not be read and where, and never repeat the input.
func Read(data []byte, password Password) (*Material, error) {
	return readWithin(data, password, maxWork)
}

// readWithin is Read with a budget for the work that passwords ask for.
func readWithin(data []byte, password Password, work budget) (*Material, error) {
	if len(data) > MaxInput {
		return nil, fmt.Errorf("the input has %d bytes, more than %d", len(data), MaxInput)
	}
	r := reader{password: password, budget: work}
	err := r.read(data, 2)
	if err == nil && len(r.Certificates)+len(r.Keys) == 0 {
		err = r.nothing()
	}
	switch {
	case err != nil && pki.InUTF16(data) && !bytes.Contains(pki.AsText(data), []byte(pki.PEMBegin)):
		return nil, ErrSpoilt
	case err != nil:
		return nil, err
	}
	return &r.Material, nil
}

// reader collects the material of one input.
type reader struct {
	Material
	password Password
	budget   budget
	skipped  []string // PEM labels of blocks that hold no certificate and no key
}

// read tells the format of data apart. Text may be base64 of the real thing, to the depth given.
func (r *reader) read(data []byte, depth int) error {
	data = pki.AsText(data)
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return errors.New("the input is empty")
	case bytes.HasPrefix(data, []byte(JKSMagic)):
		return r.readJKS(data)
	case bytes.HasPrefix(data, []byte(JCEKSMagic)):
		return pki.Problem{Reason: "it is a Java keystore of type JCEKS, which cannot be read",
			Hint: "convert it: keytool -importkeystore -srcstoretype JCEKS -srckeystore FILE -deststoretype PKCS12 -destkeystore new.p12"}
	case IsDER(data):
		return r.readDER(data)
	case bytes.Contains(data, []byte(pki.PEMBegin)):
		return r.readPEM(data)
	}
	inner, ok := decodeBase64(data)
	if !ok || depth == 0 || len(inner) == 0 {
		return r.nothing()
	}
	if depth == 1 {
		r.note("the input is base64-encoded twice: a Secret's data wants it once, and its stringData not at all")
	}
	return r.read(inner, depth-1)
}

// nothing is the error for an input without certificate or key. It lists what was found instead.
func (r *reader) nothing() error {
	if slices.Contains(r.skipped, `"CERTIFICATE REQUEST"`) || slices.Contains(r.skipped, `"NEW CERTIFICATE REQUEST"`) {
		return ErrRequest
	}
	if len(r.skipped) > 0 {
		return fmt.Errorf("no certificate and no private key in it, only PEM of type %s", pki.ShortList(r.skipped))
	}
	return pki.Problem{Reason: "no certificate and no private key in it",
		Hint: "what can be read: PEM, DER, PKCS#7, PKCS#12, JKS, and base64 of these"}
}

func (r *reader) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

// addCertificate parses and keeps one certificate; what names it in the error.
func (r *reader) addCertificate(der []byte, what string) error {
	if len(r.Certificates) == maxCertificates {
		return fmt.Errorf("more than %d certificates in one input", maxCertificates)
	}
	c, err := pki.ParseCertificate(der)
	if err != nil {
		return fmt.Errorf("%s cannot be read: %s", what, pki.Shorten(err.Error()))
	}
	r.Certificates = append(r.Certificates, c)
	return nil
}

// addKey parses and keeps one private key; what names it in the error.
func (r *reader) addKey(der []byte, what string) error {
	if len(r.Keys) == maxKeys {
		return fmt.Errorf("more than %d private keys in one input", maxKeys)
	}
	key, err := parsePrivateKey(der)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	r.Keys = append(r.Keys, key)
	return nil
}

// ask returns the password of what.
func (r *reader) ask(what string) ([]byte, error) {
	if r.password == nil {
		return nil, fmt.Errorf("%s: %w", what, ErrNoPassword)
	}
	password, err := r.password(what)
	if err != nil {
		return nil, fmt.Errorf("the password of %s: %w", what, err)
	}
	return password, nil
}

// decodeBase64 decodes standard base64 with white space anywhere in it and with or without padding.
func decodeBase64(data []byte) ([]byte, bool) {
	text := bytes.Join(bytes.Fields(data), nil)
	text = bytes.TrimRight(text, "=")
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(text)))
	n, err := base64.RawStdEncoding.Decode(out, text)
	return out[:n], err == nil
}
