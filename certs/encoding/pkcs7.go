package encoding

import (
	"encoding/asn1"
	"fmt"

	"certgen/certs/pki"
)

// cfssl/crypto/pkcs7 reads no bundle without revocation lists, which is nearly every one
// (TestFormsThatCFSSLDoesNotRead). smallstep/pkcs7 v0.2.3 reads them, and BER too, but turns every input from
// BER into DER with a function that calls itself for each level: 30,000 levels cost it 1.9 GB, and three
// million end the process with a stack overflow, which cannot be recovered from. A guard would have to walk
// all of the input; what is needed of it is two structures (TestNestedPKCS7).

// contentInfo wraps what PKCS#7 and PKCS#12 hold (RFC 2315, section 7).
type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"explicit,optional,tag:0"`
}

// The content types that are read.
const (
	oidData          = "1.2.840.113549.1.7.1"
	oidSignedData    = "1.2.840.113549.1.7.2"
	oidEncryptedData = "1.2.840.113549.1.7.6"
)

// signedData is the start of SignedData (RFC 2315, section 9.1); what follows the certificates, the
// revocation lists and the signatures, is ignored.
type signedData struct {
	Version      int
	Digests      asn1.RawValue
	Content      asn1.RawValue
	Certificates asn1.RawValue `asn1:"optional,tag:0"`
}

// readPKCS7 reads the certificates of a PKCS#7 file, which are a set: their order says nothing. The
// signature, where there is one, is not checked: it is over other data.
func (r *reader) readPKCS7(der []byte, what string) error {
	var info contentInfo
	if err := unmarshal(der, &info); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if oid := info.Type.String(); oid != oidSignedData {
		return fmt.Errorf("%s is PKCS#7 without certificates (content type %s)", what, pki.Shorten(oid))
	}
	if _, _, err := cutElement(info.Content.Bytes); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	var signed signedData
	if err := unmarshal(info.Content.Bytes, &signed); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	rest := signed.Certificates.Bytes
	for n := 1; len(rest) > 0; n++ {
		var raw asn1.RawValue
		var err error
		if rest, err = asn1.Unmarshal(rest, &raw); err != nil {
			return fmt.Errorf("%s: certificate %d: %w", what, n, errNotDER)
		}
		if raw.FullBytes[0] != tagSequence { // an obsolete form, or an attribute certificate
			r.note("skipped: entry %d of %s, which is no X.509 certificate", n, what)
			continue
		}
		if err := r.addCertificate(raw.FullBytes, fmt.Sprintf("certificate %d of %s", n, what)); err != nil {
			return err
		}
	}
	return nil
}
