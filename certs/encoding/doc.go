// Package encoding reads and writes certificates and private keys in the forms in which they are kept: PEM, DER, PKCS#7,
// PKCS#8, PKCS#12 and the Java keystore (JKS).
//
// # Reading
//
// [Read] recognizes the form by the content and returns a [Material]: all certificates and keys of the input.
// [Material.Pair] makes a key pair of them, with the chain in order. It changes how they are stored, and judges nothing.
//
// Inputs are hostile. Size, number of certificates, nesting and the iterations of a password's key derivation are
// bounded; no error repeats the input. The readers of PKCS#12, PBES2 and JKS are written here because the libraries
// panic, allocate gigabytes or run for minutes on the inputs that the tests of this package keep.
//
// A [Password] is asked for only when something is encrypted. A wrong one is [ErrPassword], a missing one
// [ErrNoPassword].
//
// # Writing
//
// [EncodeKeystore] writes a [KeystoreFormat]: PKCS#12 with AES and SHA-256 ([EncodePKCS12]), PKCS#12 for readers of
// before 2018, or JKS ([EncodeJKS]). PEM is written by package pki, as no password takes part in it.
//
// [PKCS12Profile] and [JavaKeystore] are the keystores and truststores in a Secret, as cert-manager writes them; they tell
// as well whether one that is there still holds what it is to hold, which no comparison of bytes can: the salts are random.
package encoding
