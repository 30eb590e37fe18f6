// Package renewing has what certgen renew does below its command line: the flags, which of the sources they name, and what people
// are told of the outcomes. The decisions are those of package secrets/renew.
package renewing
