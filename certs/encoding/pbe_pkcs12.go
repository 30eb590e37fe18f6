package encoding

import (
	"bytes"
	"crypto/cipher"
	"crypto/des"
	"crypto/sha1"
	"hash"
	"math/big"
	"unicode/utf16"

	"certgen/certs/pki"
)

// pbeParams are the parameters of PKCS#12's own encryption schemes (RFC 7292, appendix C).
type pbeParams struct {
	Salt       []byte
	Iterations int
}

// The purposes that PKCS#12 derives different bytes for (RFC 7292, appendix B.3).
const (
	purposeKey = 1
	purposeIV  = 2
	purposeMAC = 3
)

// openPKCS12 reads PKCS#12's own schemes, which OpenSSL wrote before 3.0, Java before 17 and Windows to
// this day.
func (b *budget) openPKCS12(s scheme) (opener, error) {
	var size int
	var newCipher func(key []byte) (cipher.Block, error)
	switch oid := s.Algorithm.String(); oid {
	case "1.2.840.113549.1.12.1.3":
		size, newCipher = 24, des.NewTripleDESCipher
	case "1.2.840.113549.1.12.1.4": // two keys: the first is used again as the third
		size, newCipher = 16, func(key []byte) (cipher.Block, error) {
			return des.NewTripleDESCipher(append(key, key[:8]...))
		}
	case "1.2.840.113549.1.12.1.5":
		size, newCipher = 16, newRC2
	case "1.2.840.113549.1.12.1.6":
		size, newCipher = 5, newRC2
	default:
		return nil, unknownEncryption(oid)
	}
	if err := pki.FIPSRefuses("the old encryption of PKCS#12"); err != nil {
		return nil, err
	}
	var params pbeParams
	if err := unmarshal(s.Parameters.FullBytes, &params); err != nil {
		return nil, err
	}
	if err := b.spend(params.Iterations); err != nil {
		return nil, err
	}
	return func(password []byte) (cipher.Block, []byte, error) {
		derive := func(purpose byte, size int) []byte {
			return pkcs12KDF(sha1.New, purpose, params.Salt, bmpString(password), params.Iterations, size)
		}
		block, err := newCipher(derive(purposeKey, size))
		return block, derive(purposeIV, 8), err
	}, nil
}

// bmpString is how PKCS#12 encodes a password: UTF-16, big endian, with a terminator. An absent (nil)
// password has no bytes at all, which some programs write instead of an empty one.
func bmpString(password []byte) []byte {
	if password == nil {
		return nil
	}
	var b []byte
	for _, unit := range append(utf16.Encode([]rune(string(password))), 0) {
		b = append(b, byte(unit>>8), byte(unit))
	}
	return b
}

// pkcs12KDF derives size bytes from a password (RFC 7292, appendix B.2, whose names are used here).
func pkcs12KDF(newHash func() hash.Hash, purpose byte, salt, password []byte, iterations, size int) []byte {
	h := newHash()
	v := h.BlockSize()
	d := bytes.Repeat([]byte{purpose}, v)
	i := append(repeatTo(salt, v), repeatTo(password, v)...)
	var out []byte
	for {
		h.Reset()
		h.Write(d)
		h.Write(i)
		a := h.Sum(nil)
		for range iterations - 1 {
			h.Reset()
			h.Write(a)
			a = h.Sum(a[:0])
		}
		if out = append(out, a...); len(out) >= size {
			return out[:size]
		}
		// Every block of i grows by b + 1, modulo its own size.
		b := new(big.Int).SetBytes(repeatTo(a, v)[:v])
		b.Add(b, big.NewInt(1))
		modulus := new(big.Int).Lsh(big.NewInt(1), uint(8*v))
		for j := 0; j < len(i); j += v {
			sum := new(big.Int).SetBytes(i[j : j+v])
			sum.Add(sum, b).Mod(sum, modulus).FillBytes(i[j : j+v])
		}
	}
}

// repeatTo repeats s up to a multiple of v bytes; of nothing it makes nothing.
func repeatTo(s []byte, v int) []byte {
	if len(s) == 0 {
		return nil
	}
	n := (len(s) + v - 1) / v * v
	return bytes.Repeat(s, n/len(s)+1)[:n]
}
