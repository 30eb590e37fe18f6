package encoding

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"hash"

	"certgen/certs/pki"
)

// go-pkcs12, which writes these files here ([EncodePKCS12]), does not read them. It opens a part and
// the keys in it in one call, so that no guard in front of it sees what a key in an encrypted part asks for
// (TestHiddenKeyIsNotBoundByGoPKCS12, https://github.com/SSLMate/go-pkcs12/issues/80); and it wants one key,
// at least one certificate, at most two parts, and a checksum where there is a password
// (TestFormsThatGoPKCS12DoesNotRead).

// The structures of PKCS#12 (RFC 7292, section 4) that hold certificates and keys.
type (
	pfx struct {
		Version int
		Safe    contentInfo
		MAC     macData `asn1:"optional"`
	}
	macData struct {
		Digest struct {
			Algorithm pkix.AlgorithmIdentifier
			Value     []byte
		}
		Salt       []byte
		Iterations int `asn1:"optional,default:1"`
	}
	encryptedData struct {
		Version int
		Content struct {
			Type   asn1.ObjectIdentifier
			Scheme scheme
			Data   []byte `asn1:"optional,tag:0"`
		}
	}
	safeBag struct {
		Type       asn1.ObjectIdentifier
		Value      asn1.RawValue `asn1:"explicit,tag:0"`
		Attributes asn1.RawValue `asn1:"optional"` // names for people, and which key belongs to which certificate
	}
	certBag struct {
		Type asn1.ObjectIdentifier
		Data []byte `asn1:"explicit,tag:0"`
	}
)

// isPFX tells PKCS#12 from the private keys that begin with an INTEGER, too: those are of version 0 and 1.
func isPFX(der []byte) bool {
	var p pfx
	return unmarshal(der, &p) == nil && p.Version == 3
}

const pkcs12What = "the PKCS#12 file"

// safe reads the parts of one PKCS#12 file. Software writes one part or many, any number of keys, and
// files of certificates alone; all are read, in the order found, whatever the names in them.
type safe struct {
	*reader
	password []byte
	asked    bool
}

// readPKCS12 reads a PKCS#12 file.
func (r *reader) readPKCS12(der []byte) error {
	var p pfx
	if err := unmarshal(der, &p); err != nil {
		return fmt.Errorf("%s: %w", pkcs12What, err)
	}
	if p.Safe.Type.String() != oidData {
		return fmt.Errorf("%s is protected by a certificate instead of a password, which is not read", pkcs12What)
	}
	s := safe{reader: r}
	if err := s.read(p); err != nil {
		return fmt.Errorf("%s: %w", pkcs12What, err)
	}
	return nil
}

func (s *safe) read(p pfx) error {
	content, err := octets(p.Safe.Content)
	if err != nil {
		return err
	}
	if len(p.MAC.Digest.Algorithm.Algorithm) > 0 {
		if err := s.authenticate(p.MAC, content); err != nil {
			return err
		}
	} else {
		s.note("%s has no checksum: nothing shows that it is as it was written", pkcs12What)
	}
	var parts []contentInfo
	if err := unmarshal(content, &parts); err != nil {
		return err
	}
	for _, part := range parts {
		bags, err := s.open(part)
		if err != nil {
			return err
		}
		for _, bag := range bags {
			if err := s.readBag(bag); err != nil {
				return err
			}
		}
	}
	return nil
}

// open returns the bags of one part.
func (s *safe) open(part contentInfo) ([]safeBag, error) {
	var data []byte
	var err error
	encrypted := false
	switch oid := part.Type.String(); oid {
	case oidData:
		data, err = octets(part.Content)
	case oidEncryptedData:
		var e encryptedData
		if err = unmarshal(part.Content.Bytes, &e); err == nil {
			data, err = s.decrypt(e.Content.Scheme, e.Content.Data)
			encrypted = true
		}
	default:
		return nil, fmt.Errorf("a part of it is encrypted for a certificate, which is not read (content type %s)", pki.Shorten(oid))
	}
	if err != nil {
		return nil, err
	}
	var bags []safeBag
	if err := unmarshal(data, &bags); err != nil {
		if encrypted {
			return nil, ErrPassword
		}
		return nil, err
	}
	return bags, nil
}

// decrypt opens one encrypted part.
func (s *safe) decrypt(scheme scheme, data []byte) ([]byte, error) {
	open, err := s.budget.open(scheme)
	if err != nil {
		return nil, err
	}
	password, err := s.unlock(pkcs12What)
	if err != nil {
		return nil, err
	}
	return open.decrypt(data, password)
}

// unlock is the [Password] of all that the file holds, which is asked for once.
func (s *safe) unlock(string) (_ []byte, err error) {
	if !s.asked {
		s.asked = true
		s.password, err = s.ask(pkcs12What)
		s.password = append([]byte{}, s.password...) // an empty one is not an absent one
	}
	return s.password, err
}

// readBag keeps what one bag holds.
func (s *safe) readBag(bag safeBag) error {
	what := fmt.Sprintf("private key %d", len(s.Keys)+1)
	switch oid := bag.Type.String(); oid {
	case "1.2.840.113549.1.12.10.1.1":
		return s.addKey(bag.Value.Bytes, what)
	case "1.2.840.113549.1.12.10.1.2":
		return s.addEncryptedKey(bag.Value.Bytes, what, s.unlock)
	case "1.2.840.113549.1.12.10.1.3":
		var c certBag
		if err := unmarshal(bag.Value.Bytes, &c); err != nil {
			return err
		}
		if c.Type.String() != "1.2.840.113549.1.9.22.1" {
			s.note("skipped: a certificate in the PKCS#12 file that is not X.509")
			return nil
		}
		return s.addCertificate(c.Data, fmt.Sprintf("certificate %d", len(s.Certificates)+1))
	default: // revocation lists and other secrets
		s.note("skipped: an entry of the PKCS#12 file that is neither certificate nor key (type %s)", pki.Shorten(oid))
		return nil
	}
}

// authenticate checks the password, and that content is as it was written.
func (s *safe) authenticate(mac macData, content []byte) error {
	sum, err := s.openMAC(mac)
	if err != nil {
		return err
	}
	if _, err := s.unlock(pkcs12What); err != nil {
		return err
	}
	if matches, err := sum(s.password, content); err != nil || matches {
		return err
	}
	if len(s.password) > 0 {
		return ErrPassword
	}
	// For an empty password some programs write one of no bytes, and some a terminator alone.
	s.password = nil
	matches, err := sum(s.password, content)
	if err == nil && !matches {
		err = ErrPassword
	}
	return err
}

// openMAC reads how the checksum is made and books its work.
func (s *safe) openMAC(mac macData) (matches func(password, content []byte) (bool, error), err error) {
	var newHash func() hash.Hash
	var derive func(password []byte) ([]byte, error)
	switch oid := mac.Digest.Algorithm.Algorithm.String(); oid {
	case "1.3.14.3.2.26":
		newHash = sha1.New
	case "2.16.840.1.101.3.4.2.4":
		newHash = sha256.New224
	case "2.16.840.1.101.3.4.2.1":
		newHash = sha256.New
	case "2.16.840.1.101.3.4.2.2":
		newHash = sha512.New384
	case "2.16.840.1.101.3.4.2.3":
		newHash = sha512.New
	case "1.2.840.113549.1.5.14": // PBMAC1 (RFC 9579)
		var params struct{ KDF, MAC pkix.AlgorithmIdentifier }
		if err := unmarshal(mac.Digest.Algorithm.Parameters.FullBytes, &params); err != nil {
			return nil, err
		}
		if newHash, err = prfHash(params.MAC.Algorithm); err != nil {
			return nil, err
		}
		if derive, err = s.budget.openKDF(params.KDF, newHash().Size()); err != nil {
			return nil, err
		}
	default:
		return nil, unknownEncryption(oid)
	}
	if derive == nil {
		if err := pki.FIPSRefuses("PKCS#12's own key derivation"); err != nil {
			return nil, err
		}
		// Two tries with an empty password cost twice: a file's author cannot choose that.
		if err := s.budget.spend(mac.Iterations); err != nil {
			return nil, err
		}
		derive = func(password []byte) ([]byte, error) {
			return pkcs12KDF(newHash, purposeMAC, mac.Salt, bmpString(password), mac.Iterations, newHash().Size()), nil
		}
	}
	return func(password, content []byte) (bool, error) {
		key, err := derive(password)
		if err != nil {
			return false, err
		}
		sum := hmac.New(newHash, key)
		sum.Write(content)
		return hmac.Equal(sum.Sum(nil), mac.Digest.Value), nil
	}, nil
}

// octets returns the bytes of an OCTET STRING that must not be in pieces, as BER allows.
func octets(wrapper asn1.RawValue) ([]byte, error) {
	var b []byte
	if len(wrapper.Bytes) > 0 && wrapper.Bytes[0] == 0x20|asn1.TagOctetString {
		return nil, errBER
	}
	err := unmarshal(wrapper.Bytes, &b)
	return b, err
}
