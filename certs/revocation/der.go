package revocation

import (
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"
)

// next is the tag of what comes next.
func (p *parser) next() (tags.Tag, error) {
	b, err := p.in.Peek(1)
	if err != nil {
		return 0, err
	}
	return tags.Tag(b[0]), nil
}

// take reads n bytes, which are signed where the parser is in what is signed. They are there until it reads on.
func (p *parser) take(n int) ([]byte, error) {
	if n > len(p.buffer) {
		p.buffer = make([]byte, n)
	}
	b := p.buffer[:n]
	if _, err := io.ReadFull(p.in, b); err != nil {
		return nil, err
	}
	p.read += int64(n)
	if p.signed != nil {
		if _, err := p.signed.Write(b); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// head reads a tag, which must be the one wanted, and a length.
func (p *parser) head(want tags.Tag) (length int64, err error) {
	b, err := p.take(2)
	if err != nil {
		return 0, err
	}
	if tags.Tag(b[0]) != want {
		return 0, fmt.Errorf("an element with the tag %d, want %d", b[0], want)
	}
	if b[1] < 0x80 {
		return int64(b[1]), nil
	}
	const maxOctets = 5 // a terabyte
	octets := int(b[1] & 0x7f)
	if octets == 0 || octets > maxOctets {
		return 0, errors.New("the length of an element is malformed")
	}
	if b, err = p.take(octets); err != nil {
		return 0, err
	}
	for _, octet := range b {
		length = length<<8 | int64(octet)
	}
	return length, nil
}

// element reads an element and returns what is in it, which is there until the parser reads on.
func (p *parser) element(want tags.Tag) (cryptobyte.String, error) {
	length, err := p.head(want)
	if err != nil {
		return nil, err
	}
	if length > maxElement {
		return nil, fmt.Errorf("an element has %d bytes, more than %d", length, maxElement)
	}
	return p.take(int(length))
}
