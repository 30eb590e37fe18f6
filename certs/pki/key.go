package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"fmt"
	"slices"
	"strings"

	"github.com/cloudflare/cfssl/csr"
)

// KeyAlgorithm is the kind of a private key.
type KeyAlgorithm string

// The algorithms that servers and clients agree on today.
const (
	RSA     KeyAlgorithm = "rsa"
	ECDSA   KeyAlgorithm = "ecdsa"
	Ed25519 KeyAlgorithm = "ed25519"
)

// KeyAlgorithms are all there are.
func KeyAlgorithms() []KeyAlgorithm { return []KeyAlgorithm{ECDSA, RSA, Ed25519} }

// KeySizes are the sizes of a key that are in common use, in bits. Of RSA there are others; Ed25519 has one
// only, which is not asked for.
func KeySizes(algorithm KeyAlgorithm) []int {
	switch algorithm {
	case ECDSA:
		return []int{256, 384, 521}
	case RSA:
		return []int{2048, 3072, 4096}
	}
	return nil
}

// KeySpec is an algorithm with its size in bits: the modulus of RSA, the curve of ECDSA. Ed25519 has
// one size only, which counts as 0 here.
type KeySpec struct {
	Algorithm KeyAlgorithm
	Size      int
}

// The RSA sizes that are made. Below 2048 bits clients refuse ([CA/Browser Forum Baseline Requirements,
// section 6.1.5], which also wants whole bytes); above 8192 a handshake takes longer than people wait,
// and Go's own TLS client refuses.
//
// [CA/Browser Forum Baseline Requirements, section 6.1.5]: https://cabforum.org/working-groups/server/baseline-requirements/requirements/
const (
	MinRSA = 2048
	MaxRSA = 8192
)

// ParseKeySpec checks what was asked for; size 0 means the algorithm's default.
func ParseKeySpec(algorithm string, size int) (KeySpec, Problems) {
	value := fmt.Sprint(size)
	problem := func(hint, reason string) Problems {
		return Problems{{Field: FieldKeySize, Value: value, Reason: reason, Hint: hint}}
	}
	switch spec := (KeySpec{KeyAlgorithm(strings.ToLower(algorithm)), size}); spec.Algorithm {
	case "", ECDSA:
		spec.Algorithm = ECDSA
		if size == 0 {
			spec.Size = 256
		} else if !slices.Contains(KeySizes(ECDSA), size) {
			hint := ""
			if size >= MinRSA {
				hint = fmt.Sprintf("for RSA add --key-algorithm %s", RSA)
			}
			return KeySpec{}, problem(hint, "an ECDSA key has 256, 384 or 521 bits")
		}
		return spec, nil
	case RSA:
		if size == 0 {
			spec.Size = MinRSA
		} else if size < MinRSA || size > MaxRSA || size%8 != 0 {
			return KeySpec{}, problem("2048, 3072 and 4096 are common", fmt.Sprintf("an RSA key has %d to %d bits, a multiple of 8", MinRSA, MaxRSA))
		}
		return spec, nil
	case Ed25519:
		if size != 0 {
			return KeySpec{}, problem("leave the size out", "an Ed25519 key has one size only")
		}
		return spec, nil
	default:
		return KeySpec{}, Problems{{Field: FieldKeyAlgorithm, Value: algorithm,
			Reason: fmt.Sprintf("the algorithms are %s, %s and %s", ECDSA, RSA, Ed25519)}}
	}
}

// Generate makes a key. RSA takes long: about 60 ms for 2048 bits, seconds for 8192.
func (k KeySpec) Generate() (crypto.Signer, error) {
	key, err := (&csr.KeyRequest{A: string(k.Algorithm), S: k.Size}).Generate()
	if err != nil {
		return nil, fmt.Errorf("make a %s key: %w", k, err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("make a %s key: %T cannot sign", k, key)
	}
	return signer, nil
}

// String names the key as people do: "ECDSA P-256", "RSA 2048", "Ed25519".
func (k KeySpec) String() string {
	switch k.Algorithm {
	case ECDSA:
		return fmt.Sprintf("ECDSA P-%d", k.Size)
	case RSA:
		return fmt.Sprintf("RSA %d", k.Size)
	case Ed25519:
		return "Ed25519"
	}
	return string(k.Algorithm)
}

// KeySpecOf describes a public key; an unknown kind has its Go type as its algorithm.
func KeySpecOf(pub crypto.PublicKey) KeySpec {
	switch pub := pub.(type) {
	case *rsa.PublicKey:
		return KeySpec{RSA, pub.N.BitLen()}
	case *ecdsa.PublicKey:
		return KeySpec{ECDSA, pub.Curve.Params().BitSize}
	case ed25519.PublicKey:
		return KeySpec{Algorithm: Ed25519}
	}
	return KeySpec{Algorithm: KeyAlgorithm(fmt.Sprintf("%T", pub))}
}
