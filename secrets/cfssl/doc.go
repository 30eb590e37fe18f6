// Package cfssl reads the two files by which cfssl is told what certificate to make, and says the same as a
// [certs.Spec]: bytes in, values out.
//
// [ReadRequest] reads a csr.json: hosts, subject, key, and for a CA its section "ca"; [ReadAuthority] reads one as
// "cfssl gencert -initca" does. [ReadProfiles] reads a ca-config.json, whose [Profile] says usages and life.
//
// Where cfssl is lax, they are strict: an unknown field or usage is an error, and so is a host that no client would
// match, such as "nginx:443", which cfssl certifies as a URI. Where cfssl is exact, they are the same: the subject is
// encoded in its order, and names and usages are as they are written. The error is pki.PlacedProblems: all that is wrong at
// once, with line and column. What only a server or a log can do is refused by name.
//
// It stands beside package certmanager, not in certs, because both read with package render.
package cfssl
