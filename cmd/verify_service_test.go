package cmd

import (
	"testing"

	"certgen/certs"
)

func TestVerifyService(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := newLiveBed(t, certs.PEM{}).verify(t)
	t.Logf("%d\n%s%s", code, stdout, stderr)
}
