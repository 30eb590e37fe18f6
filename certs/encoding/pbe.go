package encoding

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"hash"

	"golang.org/x/crypto/scrypt"

	"certgen/certs/pki"
)

// Whoever writes an encrypted file chooses how much work its password costs whoever opens it, so the
// parameters are read and the cost is bounded first. After that little is left for a library to do.
// youmark/pkcs8 would do it for keys whose PRF is SHA-1 or SHA-256 and whose password is not empty, and panics
// over an IV of another length; the encrypted parts of PKCS#12 are no keys, so PBES2 would have to be read
// here all the same (TestFormsThatPKCS8DoesNotRead).

// maxWork is what all key derivations of one input together may cost, in iterations of PBKDF2: some two
// seconds. OpenSSL writes 2,048 and Java 10,000; OWASP's advice reaches 1,300,000 (HMAC-SHA-1), which a
// PKCS#12 file spends three times: on its MAC, its certificates and its key.
// https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#pbkdf2
const maxWork = 5_000_000

// maxScrypt bounds N·r·p of scrypt. It allows OWASP's strongest (N = 2^17, r = 8, p = 1), which takes
// 128 MiB; OpenSSL's own limit is a quarter of that.
// https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#scrypt
const maxScrypt = 1 << 20

// scheme is the AlgorithmIdentifier of a password-based encryption.
type scheme = pkix.AlgorithmIdentifier

// budget is the work that is left for an input, in iterations.
type budget int

// opener derives the cipher and the IV from a password: the costly part.
type opener func(password []byte) (cipher.Block, []byte, error)

// decrypt opens data. A password that does not fit is [ErrPassword], except for about one in 256, whose
// result is noise.
func (o opener) decrypt(data, password []byte) ([]byte, error) {
	block, iv, err := o(password)
	if err != nil {
		return nil, err
	}
	size := block.BlockSize()
	if len(iv) != size || len(data) == 0 || len(data)%size != 0 {
		return nil, errNotDER
	}
	plain := make([]byte, len(data))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, data)
	pad := plain[len(plain)-1]
	text := plain[:len(plain)-min(int(pad), size)]
	if pad == 0 || !bytes.Equal(plain[len(text):], bytes.Repeat([]byte{pad}, int(pad))) {
		return nil, ErrPassword
	}
	return text, nil
}

// open reads a scheme's parameters and books its work. Nobody is asked for a password before that: it
// would be typed in vain where the scheme cannot be read or paid for.
func (b *budget) open(s scheme) (opener, error) {
	if s.Algorithm.String() == "1.2.840.113549.1.5.13" {
		return b.openPBES2(s)
	}
	return b.openPKCS12(s)
}

// spend books the work of one derivation.
func (b *budget) spend(iterations int) error {
	if iterations < 1 {
		return errNotDER
	}
	if iterations > int(*b) {
		return pki.Problem{
			Reason: fmt.Sprintf("its password asks for %d iterations of key derivation; one input may cost %d in all", iterations, maxWork),
			Hint:   "write it again with fewer, for instance openssl pkcs12 -export -iter 100000; if it is not yours, do not trust it",
		}
	}
	*b -= budget(iterations)
	return nil
}

// The parameters of PBES2 and of its key derivations (RFC 8018, RFC 7914).
type (
	pbes2Params struct {
		KDF, Cipher pkix.AlgorithmIdentifier
	}
	pbkdf2Params struct {
		Salt       []byte
		Iterations int
		KeyLength  int                      `asn1:"optional"`
		PRF        pkix.AlgorithmIdentifier `asn1:"optional"`
	}
	scryptParams struct {
		Salt      []byte
		N, R, P   int
		KeyLength int `asn1:"optional"`
	}
)

func (b *budget) openPBES2(s scheme) (opener, error) {
	var params pbes2Params
	if err := unmarshal(s.Parameters.FullBytes, &params); err != nil {
		return nil, err
	}
	var size int
	newCipher := aes.NewCipher
	switch oid := params.Cipher.Algorithm.String(); oid {
	case "2.16.840.1.101.3.4.1.2":
		size = 16
	case "2.16.840.1.101.3.4.1.22":
		size = 24
	case "2.16.840.1.101.3.4.1.42":
		size = 32
	case "1.2.840.113549.3.7":
		if err := pki.FIPSRefuses("triple DES"); err != nil {
			return nil, err
		}
		size, newCipher = 24, des.NewTripleDESCipher
	default:
		return nil, unknownEncryption(oid)
	}
	var iv []byte
	if err := unmarshal(params.Cipher.Parameters.FullBytes, &iv); err != nil {
		return nil, err
	}
	derive, err := b.openKDF(params.KDF, size)
	if err != nil {
		return nil, err
	}
	return func(password []byte) (cipher.Block, []byte, error) {
		key, err := derive(password)
		if err != nil {
			return nil, nil, err
		}
		block, err := newCipher(key)
		return block, iv, err
	}, nil
}

// openKDF reads a key derivation for keys of size bytes and books its work.
func (b *budget) openKDF(kdf pkix.AlgorithmIdentifier, size int) (derive func(password []byte) ([]byte, error), err error) {
	switch oid := kdf.Algorithm.String(); oid {
	case "1.2.840.113549.1.5.12":
		var p pbkdf2Params
		if err := unmarshal(kdf.Parameters.FullBytes, &p); err != nil {
			return nil, err
		}
		if refused := pki.FIPSRefuses(fmt.Sprintf("a salt of %d bytes", len(p.Salt))); refused != nil && len(p.Salt) < pki.MinFIPSSalt {
			return nil, refused
		}
		newHash, err := prfHash(p.PRF.Algorithm)
		if err != nil {
			return nil, err
		}
		if p.KeyLength != 0 && p.KeyLength != size {
			return nil, errNotDER
		}
		if err := b.spend(p.Iterations); err != nil {
			return nil, err
		}
		return func(password []byte) ([]byte, error) {
			return pbkdf2.Key(newHash, string(password), p.Salt, p.Iterations, size)
		}, nil
	case "1.3.6.1.4.1.11591.4.11":
		if err := pki.FIPSRefuses("scrypt"); err != nil {
			return nil, err
		}
		var p scryptParams
		if err := unmarshal(kdf.Parameters.FullBytes, &p); err != nil {
			return nil, err
		}
		if p.N < 2 || p.N&(p.N-1) != 0 || p.R < 1 || p.P < 1 || p.KeyLength != 0 && p.KeyLength != size {
			return nil, errNotDER
		}
		if p.P > maxScrypt/p.N/p.R {
			return nil, pki.Problem{
				Reason: fmt.Sprintf("its password asks for scrypt with N=%d, r=%d, p=%d; their product may be %d", p.N, p.R, p.P, maxScrypt),
				Hint:   "write it again with less, for instance openssl pkcs8 -topk8 -scrypt; if it is not yours, do not trust it",
			}
		}
		// Measured: one of N·r·p takes about twice an iteration of PBKDF2 with SHA-256.
		if err := b.spend(2 * p.N * p.R * p.P); err != nil {
			return nil, err
		}
		return func(password []byte) ([]byte, error) {
			return scrypt.Key(password, p.Salt, p.N, p.R, p.P, size)
		}, nil
	default:
		return nil, unknownEncryption(oid)
	}
}

// prfHash returns the hash of a pseudo-random function; PBKDF2's default is HMAC with SHA-1.
func prfHash(oid asn1.ObjectIdentifier) (func() hash.Hash, error) {
	switch oid.String() {
	case "", "1.2.840.113549.2.7":
		return sha1.New, pki.FIPSRefuses("SHA-1")
	case "1.2.840.113549.2.8":
		return sha256.New224, nil
	case "1.2.840.113549.2.9":
		return sha256.New, nil
	case "1.2.840.113549.2.10":
		return sha512.New384, nil
	case "1.2.840.113549.2.11":
		return sha512.New, nil
	}
	return nil, unknownEncryption(oid.String())
}

// unknownEncryption is the error for an algorithm that is not read.
func unknownEncryption(oid string) error {
	return pki.Problem{Reason: fmt.Sprintf("its encryption uses an algorithm that is not read (OID %s)", pki.Shorten(oid)),
		Hint: "let openssl write it again: openssl pkcs8 -topk8 -in FILE -out NEW, or openssl pkcs12 -in FILE -out FILE.pem"}
}
