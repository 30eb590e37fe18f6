package certmanager

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"certgen/internal/testbed"
)

// The generated Certificates: as many as the seed decides. Another seed is another 500, and finds what this one does not.
const (
	seed   = 20261128
	number = 500
)

// TestSame: what certgen makes of a Certificate is what cert-manager makes of it, but for the exceptions named.
func TestSame(t *testing.T) {
	c := bed(t)
	namespace := c.Namespace(t, nil)
	foundations := in(namespace, issuers(t))
	certificates := in(namespace, slices.Concat(edges(), generated(seed, number), fromModule(t)))
	for i, v := range validate(t, certificates) {
		if len(v) > 0 {
			t.Fatalf("cert-manager refuses %v: %q", certificates[i], v)
		}
	}
	c.StartCertManager(t)
	give(t, c, foundations)
	awaitReady(t, c, namespace, time.Minute)
	give(t, c, certificates)

	ours, refusals := made(t, slices.Concat(foundations, certificates))
	awaitReady(t, c, namespace, 5*time.Minute)
	real := secrets(t, c, namespace)
	exceptions, strict := newTally(allowed()), newTally(stricter())
	compared := 0
	for _, doc := range certificates {
		name, spec := doc["metadata"].(object)["name"].(string), doc["spec"].(object)
		secret := spec["secretName"].(string)
		our, there := ours[secret]
		if !there {
			if message := refusals[name]; !strict.allows("", message) {
				t.Errorf("certgen refuses %s: %q\n%s", name, message, words(spec))
			}
			continue
		}
		compared++
		found := differences(portray(t, real[secret]), portray(t, our))
		for _, where := range slices.Sorted(maps.Keys(found)) {
			if !exceptions.allows(where, found[where]) {
				t.Errorf("%s: %s: %s\n%s", name, where, found[where], words(spec))
			}
		}
	}
	exceptions.unmet(t)
	strict.unmet(t)
	t.Logf("%d Certificates compared, %d refused by certgen alone", compared, len(certificates)-compared)
}

func words(spec object) []byte {
	text, _ := json.Marshal(spec)
	return text
}

// validate returns what cert-manager's webhook says against each of the documents.
func validate(t testing.TB, docs []object) (problems [][]string) {
	t.Helper()
	for _, v := range testbed.AskCertManager[object, struct{ Errors []string }](t, "validate", docs) {
		problems = append(problems, v.Errors)
	}
	return problems
}

// refusal is a line in which certgen says what is wrong with a Certificate: … NAMESPACE/NAME: PROBLEM.
var refusal = regexp.MustCompile(`(?m)^(?:error:|  ) .*? [a-z0-9-]+/([a-z0-9.-]+): (.*)$`)

// inParallel does something for each document, eight at a time.
func inParallel(docs []object, do func(object) error) error {
	var group errgroup.Group
	group.SetLimit(8)
	for _, doc := range docs {
		group.Go(func() error { return do(doc) })
	}
	return group.Wait()
}
