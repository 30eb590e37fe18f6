// Package pki has the terms of RFC 5280 that the rest of certgen is built of: names, keys, usages, lives, key pairs,
// and chains. It is the lowest package; it imports no other of this module and does no I/O.
//
// # Input
//
// [ParseDNSName], [ParseIP], [ParseURI], [ParseEmail], [ParseSubject], [ParseDuration], [ParseKeySpec] and
// [ParseUsages] each check one field that a person or a file wrote and return it in the form in which it stands in a
// certificate. Their errors are [Problem] values: the field, the value, the reason with the bound that it breaks, and a
// hint. Several are collected as [Problems], so that all that is wrong with an input is reported at once.
//
// # Key pairs
//
// A [KeyPair] is a private key, its certificate (the leaf), the intermediate certificates and the root. A [PEM] is the
// same as text, in the three parts of a Secret of type kubernetes.io/tls. [KeyPair.PEM] writes it, [ParsePair] reads it
// back.
//
// # Chains
//
// [Signs] tells whether one certificate signed another, [Climb] goes from a leaf upwards to its root, and [LeafOf] finds
// the certificate of a key. They tell who issued whom, and do not verify: that is for package lint.
//
// # Text
//
// [Describe] says what a certificate says; [FormatName], [FormatTime], [FormatDuration] and [FormatUsages] write its
// parts for people. What comes from an input goes through [Shorten] before it is shown.
package pki
