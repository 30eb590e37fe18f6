package form

import (
	"crypto/x509"
	"strings"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"certgen/certs/pki"
)

// maxSerialBits is that of 20 octets with a sign: RFC 5280, section 4.1.2.2.
const maxSerialBits = 159

// number judges the serial number.
func (f *faults) number(c *x509.Certificate, name certName) {
	switch bits := c.SerialNumber.BitLen(); {
	case bits == 0:
		f.add(SerialNumber, "the serial number of %s is zero", name)
	case bits > maxSerialBits:
		f.add(SerialNumber, "the serial number of %s has %d octets, more than 20", name, bits/8+1)
	}
}

// dates judges how the validity is written, section 4.1.2.5, and that it is one.
func (f *faults) dates(c *x509.Certificate, name certName) {
	if c.NotAfter.Before(c.NotBefore) {
		f.add(ReversedDates, "%s is valid from %s until %s", name, pki.FormatTime(c.NotBefore), pki.FormatTime(c.NotAfter))
	}
	for _, written := range validity(c) {
		if fault := written.fault(); fault != "" {
			f.add(DateEncoding, "%s writes the date %s %s", name, pki.Shorten(written.text), fault)
			return
		}
	}
}

// date is one of the two of a validity as it is written.
type date struct {
	tag  asn1.Tag
	text string
	time time.Time
}

// validity reads the dates from the encoding.
func validity(c *x509.Certificate) (dates []date) {
	in := cryptobyte.String(c.RawTBSCertificate)
	var body, dated cryptobyte.String
	if !in.ReadASN1(&body, asn1.SEQUENCE) || !body.SkipOptionalASN1(asn1.Tag(0).ContextSpecific().Constructed()) ||
		!body.SkipASN1(asn1.INTEGER) || !body.SkipASN1(asn1.SEQUENCE) || !body.SkipASN1(asn1.SEQUENCE) || !body.ReadASN1(&dated, asn1.SEQUENCE) {
		return nil // crypto/x509 has read it
	}
	for _, when := range []time.Time{c.NotBefore, c.NotAfter} {
		var text cryptobyte.String
		var tag asn1.Tag
		if !dated.ReadAnyASN1(&text, &tag) {
			return dates
		}
		dates = append(dates, date{tag, string(text), when})
	}
	return dates
}

// fault says what is wrong with how a date is written, "" where nothing is. Until the end of 2049 it is a UTCTime.
func (d date) fault() string {
	const lastUTCYear = 2049
	switch {
	case !strings.HasSuffix(d.text, "Z"):
		return "not in UTC"
	case strings.ContainsAny(d.text, ".,"):
		return "with a fraction of a second"
	case d.tag == asn1.GeneralizedTime && d.time.Year() <= lastUTCYear && d.time.Year() >= 1950:
		return "as a GeneralizedTime"
	}
	return ""
}
