// Package probe connects to a TLS server and reports what it serves.
//
// [Ask] makes a TLS handshake, as a client of today would, over whatever connection a [Dial] opens. If the server
// refuses that, it makes a second one with the protocol versions and cipher suites that clients have given up, so that
// the certificate can be read all the same. The [Answer] has the chain, the version and the cipher suite.
//
// [Rules] are the rules for how a server serves: it does not answer, speaks plain HTTP, or has old TLS only. The
// certificate itself is judged by package lint.
//
// A server may be hostile: it is given as much time as the context has, and a bounded number of bytes.
package probe
