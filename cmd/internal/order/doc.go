// Package order turns the flags that say what certificate is wanted into a provision.Order. create, apply and diff
// share them.
//
// [Flags.AddTo] registers them, [Flags.Validate] finds those that do not go together, [Flags.Resolve] completes and
// checks what they ask for without reading anything but a configuration file, and [Flags.Order] reads the rest once:
// the CA that signs, or the certificate that is brought.
package order
