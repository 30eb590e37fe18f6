package provision

import (
	"bytes"
	"testing"
	"time"

	"certgen/certs"
	"certgen/certs/pki"
)

// TestRestore puts a pair back in the place of the one that failed, and of no other.
func TestRestore(t *testing.T) {
	t.Parallel()
	request, err := certs.Spec{Name: "web", DNSNames: []string{"web.example"}}.Request()
	if err != nil {
		t.Fatal(err)
	}
	var made [3]Result
	for i := range made {
		if made[i], err = (Issue{Request: request, Issuer: certs.SelfSigned{}}).Decide(Held{}, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	restore := Restore{Before: made[0].PEM, Spec: "{}", Failed: made[1].PEM.Cert}
	r, err := restore.Decide(Held{PEM: made[1].PEM}, time.Now())
	if err != nil || r.Action != Restored || !bytes.Equal(r.PEM.Key, made[0].PEM.Key) || specOf(restore) != "{}" {
		t.Errorf("%s %v with %q, error %v", r.Action, r.Pair, specOf(restore), err)
	}
	for name, held := range map[string]pki.PEM{"another writer's": made[2].PEM, "none": {}} {
		if r, err := restore.Decide(Held{PEM: held}, time.Now()); err == nil {
			t.Errorf("%s: %s, although it is not the one that failed", name, r.Action)
		}
	}
}
