package revocation

import (
	"bufio"
	"bytes"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"time"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"
)

// maxElement bounds what is held at a time: the name of an issuer, an entry, the extensions, the signature.
const maxElement = 1 << 20

// Read reads a list, DER or PEM, of any length.
func Read(name string, in io.Reader) (*List, error) {
	buffered := bufio.NewReaderSize(in, 64<<10)
	if start, _ := buffered.Peek(1); len(start) == 1 && start[0] != byte(tags.SEQUENCE) { // an error shows again
		text, err := pemBody(buffered)
		if err != nil {
			return nil, err
		}
		buffered = bufio.NewReaderSize(text, 64<<10)
	}
	l := &List{Name: name, seed: maphash.MakeSeed()}
	p := &parser{in: buffered}
	if err := p.list(l); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = errors.New("it is cut off")
		}
		return nil, fmt.Errorf("not a certificate revocation list: %w", err)
	}
	return l, nil
}

// pemBody returns the bytes of the first list in PEM.
func pemBody(in *bufio.Reader) (io.Reader, error) {
	for {
		line, err := in.ReadSlice('\n')
		if bytes.Contains(line, []byte("-----BEGIN X509 CRL-----")) {
			return base64.NewDecoder(base64.StdEncoding, &untilDash{in}), nil
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return nil, errors.New("not a certificate revocation list: neither DER nor PEM of the type X509 CRL")
		}
	}
}

// untilDash ends where PEM's last line begins.
type untilDash struct{ in *bufio.Reader }

func (u *untilDash) Read(p []byte) (int, error) {
	ready, err := u.in.Peek(1)
	if err != nil {
		return 0, err
	}
	if ready[0] == '-' {
		return 0, io.EOF
	}
	ready, _ = u.in.Peek(min(len(p), u.in.Buffered()))
	if end := bytes.IndexByte(ready, '-'); end >= 0 {
		ready = ready[:end]
	}
	n := copy(p, ready)
	_, err = u.in.Discard(n)
	return n, err
}

// parser reads DER from a stream.
type parser struct {
	in     *bufio.Reader
	signed io.Writer // nil outside of what is signed
	read   int64     // of the stream
	buffer []byte    // what was read last
}

func (p *parser) list(l *List) error {
	if _, err := p.head(tags.SEQUENCE); err != nil {
		return err
	}
	p.signed = &l.signed
	length, err := p.head(tags.SEQUENCE)
	if err != nil {
		return err
	}
	if err := p.body(l, p.read+length); err != nil {
		return err
	}
	p.signed = nil
	outer, err := p.element(tags.SEQUENCE)
	if err != nil {
		return err
	}
	if oid, ok := algorithmOf(outer); !ok || oid.String() != l.signed.algorithm {
		return errors.New("the algorithms of its signature inside and outside differ")
	}
	signature, err := p.element(tags.BIT_STRING)
	if err != nil || len(signature) == 0 {
		return errors.Join(err, errors.New("no signature"))
	}
	l.signed.signature = bytes.Clone(signature[1:])
	return nil
}

// body reads TBSCertList, which ends at a place in the stream.
func (p *parser) body(l *List, end int64) error {
	tag, err := p.next()
	if err != nil {
		return err
	}
	if tag == tags.INTEGER {
		if _, err := p.element(tags.INTEGER); err != nil {
			return err
		}
	}
	algorithm, err := p.element(tags.SEQUENCE)
	if err != nil {
		return err
	}
	oid, ok := algorithmOf(algorithm)
	if !ok {
		return errors.New("the algorithm of its signature is malformed")
	}
	l.signed.by(oid)
	content, err := p.element(tags.SEQUENCE)
	if err != nil {
		return err
	}
	if l.Issuer, err = asn1.Marshal(asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: content}); err != nil {
		return err
	}
	for p.read < end {
		tag, err := p.next()
		if err != nil {
			return err
		}
		switch tag {
		case tags.UTCTime, tags.GeneralizedTime:
			err = p.date(l, tag)
		case tags.SEQUENCE:
			err = p.entries(l)
		case tags.Tag(0).ContextSpecific().Constructed():
			err = p.extensions(l, tag)
		default:
			err = fmt.Errorf("an element with the tag %d", tag)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *parser) date(l *List, tag tags.Tag) error {
	text, err := p.element(tag)
	if err != nil {
		return err
	}
	layout := "060102150405Z"
	if tag == tags.GeneralizedTime {
		layout = "20060102150405Z"
	}
	when, err := time.Parse(layout, string(text))
	if err != nil {
		return fmt.Errorf("the date %q is malformed", text)
	}
	if when.Year() >= 2050 && tag == tags.UTCTime { // RFC 5280, section 5.1.2.4
		when = when.AddDate(-100, 0, 0)
	}
	if l.ThisUpdate.IsZero() {
		l.ThisUpdate = when
	} else {
		l.NextUpdate = when
	}
	return nil
}

// entries reads the list itself.
func (p *parser) entries(l *List) error {
	length, err := p.head(tags.SEQUENCE)
	if err != nil {
		return err
	}
	for end := p.read + length; p.read < end; {
		entry, err := p.element(tags.SEQUENCE)
		if err != nil {
			return err
		}
		var serial cryptobyte.String
		if !entry.ReadASN1(&serial, tags.INTEGER) {
			return errors.New("an entry without a serial number")
		}
		l.add(serial)
	}
	l.sortLast()
	return nil
}

func (p *parser) extensions(l *List, tag tags.Tag) error {
	content, err := p.element(tag)
	if err != nil {
		return err
	}
	var list cryptobyte.String
	if !content.ReadASN1(&list, tags.SEQUENCE) {
		return errors.New("its extensions are malformed")
	}
	for !list.Empty() {
		var extension cryptobyte.String
		var oid asn1.ObjectIdentifier
		critical := false
		if !list.ReadASN1(&extension, tags.SEQUENCE) || !extension.ReadASN1ObjectIdentifier(&oid) ||
			extension.PeekASN1Tag(tags.BOOLEAN) && !extension.ReadASN1Boolean(&critical) {
			return errors.New("an extension is malformed")
		}
		switch number := (asn1.ObjectIdentifier{2, 5, 29, 20}); {
		case oid.Equal(number):
			l.numbered, l.numberCritical = true, critical
		case critical:
			l.critical = oid
		}
	}
	return nil
}

func algorithmOf(algorithm cryptobyte.String) (oid asn1.ObjectIdentifier, ok bool) {
	ok = algorithm.ReadASN1ObjectIdentifier(&oid)
	return oid, ok
}
