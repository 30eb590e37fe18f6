// Package provision brings certificates about: orders go in, results come out, for one certificate and for ten
// thousand, in files and in clusters.
//
// An [Order] says what is wanted and where it goes: the Secret's metadata, the [Means] by which its key pair comes
// about, and what else belongs to it. There are three means: [Issue] has a [certs.Issuer] sign, [Take] takes a pair that
// somebody else made, and [Request] asks a CA elsewhere.
//
// A [Store] is where certificates live. What it saved it loads again. [Printed] is standard output, which holds
// nothing; [Manifest], [PEMFiles], [Keystore] and [RequestFiles] are files; [Cluster] is an API server. A dry run and
// a diff are a Cluster that only tells.
//
// [Run] goes the same way with each order:
//
//	Store.Load → Means.Decide (keep the pair, or make another) → Store.Save → Result
//
// It works on many orders at the same time and hands out their results in the order of the orders. Whether a pair is
// kept is decided in one place, [certs.MakePlan], by the certificate itself. Where another writer was faster, the store
// says so, and the order is loaded and decided anew: who comes later keeps what the other made, if that fits.
package provision
