// Package lint finds what is wrong with a certificate, its key, its chain, and the file that holds them.
//
// A [Rule] is one thing that can be wrong: its ID, which never changes, how severe it is, which clients or servers it
// breaks, and what to do about it. A [Finding] is a rule that is broken, with the values that break it. [Rules] lists
// them in the order in which they are reported; docs/findings.md describes each.
//
// [ReadTargets] reads a file and returns what there is to lint, with the findings of the file itself: a damaged PEM
// block, an encrypted key. [Target.Lint] then judges a certificate with what belongs to it, as a server would send
// it, against [Expectations]: the hosts that clients use, the roots that they trust, the time.
//
// All findings are returned, not only the first. What cannot be judged (trust, where no root is known) is no finding.
//
// The other packages add rules of their own: probe for how a server serves, secrets for Secrets, service for Services.
package lint
