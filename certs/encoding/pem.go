package encoding

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"

	"certgen/certs/pki"
)

// readPEM reads every PEM block of a text. encoding/pem passes over a damaged block in silence, so each
// block is cut out first and decoded alone: a certificate is never lost without a word.
func (r *reader) readPEM(text []byte) error {
	text = TrimLines(text)
	line := 1
	advance := func(n int) {
		line += bytes.Count(text[:n], []byte("\n"))
		text = text[n:]
	}
	surrounded := false
	for {
		start := indexBegin(text)
		if start < 0 {
			surrounded = surrounded || len(bytes.TrimSpace(text)) > 0
			break
		}
		surrounded = surrounded || len(bytes.TrimSpace(text[:start])) > 0
		advance(start)
		end := len(text)
		if next := indexBegin(text[1:]); next >= 0 {
			end = 1 + next
		}
		block, after := pem.Decode(text[:end])
		if block == nil {
			return pki.Problem{Reason: fmt.Sprintf("the PEM block at line %d is damaged: it is cut off, or not base64", line),
				Hint: "copy it again, from its BEGIN line to its END line"}
		}
		if err := r.readBlock(block, line); err != nil {
			return err
		}
		advance(end - len(after))
	}
	if surrounded {
		r.note("text outside the PEM blocks was skipped")
	}
	return nil
}

// readBlock reads one PEM block that begins at the line given. Labels lie often enough that only the
// kind is taken from them, as TLS servers do: what a block holds is told by its bytes.
func (r *reader) readBlock(block *pem.Block, line int) error {
	what := fmt.Sprintf("the %s at line %d", block.Type, line)
	switch block.Type {
	case "CERTIFICATE", "X509 CERTIFICATE", "PKCS7", "PKCS #7 SIGNED DATA", "CMS":
		return r.readElement(block.Bytes, what)
	case "TRUSTED CERTIFICATE": // OpenSSL's: its trust settings follow the certificate
		first, _, err := cutElement(block.Bytes)
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		return r.addCertificate(first, what)
	case "ENCRYPTED PRIVATE KEY":
		return r.addEncryptedKey(block.Bytes, what, r.ask)
	case "OPENSSH PRIVATE KEY":
		return pki.Problem{Reason: what + " is in SSH's own form, which TLS servers do not read",
			Hint: "convert a copy of it: ssh-keygen -p -m PKCS8 -f COPY"}
	case "EC PARAMETERS": // openssl ecparam writes it before the key, which names its curve again
		return nil
	}
	if !strings.HasSuffix(block.Type, pki.PEMPrivateKey) {
		r.skipped = append(r.skipped, fmt.Sprintf("%q", pki.Shorten(block.Type)))
		r.note("skipped: a PEM block of type %q at line %d", pki.Shorten(block.Type), line)
		return nil
	}
	if !x509.IsEncryptedPEMBlock(block) { //nolint:staticcheck // people still have such keys
		return r.addKey(block.Bytes, what)
	}
	if err := pki.FIPSRefuses("MD5"); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	password, err := r.ask(what)
	if err != nil {
		return err
	}
	der, err := x509.DecryptPEMBlock(block, password) //nolint:staticcheck // as above
	if err == nil {
		// This encryption has no integrity check: a wrong password may yield bytes that are no key.
		_, err = parsePrivateKey(der)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, ErrPassword)
	}
	r.note("%s is in PEM's old encryption, which one round of MD5 protects: anyone who has the file can guess the password; "+
		"openssl pkcs8 -topk8 writes a better one", what)
	return r.addKey(der, what)
}

// TrimLines removes the indentation that a PEM text has when it was copied out of YAML.
func TrimLines(text []byte) []byte {
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	text = bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))
	lines := bytes.Split(text, []byte("\n"))
	for i, line := range lines {
		lines[i] = bytes.TrimSpace(line)
	}
	return bytes.Join(lines, []byte("\n"))
}

// indexBegin finds the next line that begins a PEM block.
func indexBegin(text []byte) int {
	if bytes.HasPrefix(text, []byte(pki.PEMBegin)) {
		return 0
	}
	if i := bytes.Index(text, []byte("\n"+pki.PEMBegin)); i >= 0 {
		return i + 1
	}
	return -1
}
