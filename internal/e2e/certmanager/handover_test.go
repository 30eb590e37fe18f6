package certmanager

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"certgen/internal/e2e"
	"certgen/internal/testbed"
)

// handedOver are Certificates of each kind that the two hand to each other.
func handedOver() []object {
	p256 := object{"algorithm": "ECDSA"}
	from := func(issuer string) object {
		return object{"name": issuer, "kind": "Issuer", "group": "cert-manager.io"}
	}
	return []object{
		certificate("self-signed", object{"issuerRef": object{"name": "self"}, "privateKey": p256, "dnsNames": []string{"self.example", "Other.example"}}),
		certificate("under-ca", object{"issuerRef": from("sub"), "privateKey": p256, "commonName": "web", "dnsNames": []string{"web.example"}, "ipAddresses": []string{"10.0.0.1"}, "uris": []string{"spiffe://a/b"},
			"subject": object{"organizations": []string{"Acme, Inc.", "B"}}, "usages": []string{"server auth", "client auth"}, "duration": "720h", "renewBefore": "240h"}),
		certificate("for-mail", object{"issuerRef": from("self"), "privateKey": object{"algorithm": "Ed25519"}, "emailAddresses": []string{"a@example.com"}}),
		certificate("rsa-default", object{"issuerRef": from("root"), "commonName": "rsa.example"}),
		certificate("with-everything", object{"issuerRef": from("root"), "privateKey": object{"algorithm": "ECDSA", "encoding": "PKCS8", "size": 384}, "dnsNames": []string{"all.example"},
			"additionalOutputFormats": []object{{"type": "DER"}, {"type": "CombinedPEM"}},
			"secretTemplate":          object{"labels": object{"team": "web"}, "annotations": object{"example.com/note": "a, b"}},
			"keystores":               object{"pkcs12": object{"create": true, "password": storePassword}, "jks": object{"create": true, "passwordSecretRef": object{"name": "passwords", "key": "store"}}}}),
	}
}

// TestCertManagerAdopts: a Secret that certgen made of a Certificate stays byte for byte what it is when cert-manager
// comes to the cluster, or when the Certificate comes to a cluster that has cert-manager.
func TestCertManagerAdopts(t *testing.T) {
	c := bed(t)
	before, after := newHandOver(t, c), newHandOver(t, c)
	for _, h := range []*handOver{&before, &after} {
		give(t, c, h.foundations)
		if result := h.run(t); result.Code != 0 {
			t.Fatalf("exit %d\n%s", result.Code, result.Stderr)
		}
		h.made = secrets(t, c, h.namespace)
	}
	give(t, c, before.certificates)
	c.StartCertManager(t)
	give(t, c, after.certificates)
	for _, h := range []handOver{before, after} {
		awaitReady(t, c, h.namespace, time.Minute)
	}
	time.Sleep(time.Minute) // longer than cert-manager takes to find fault with a Secret
	for _, h := range []handOver{before, after} {
		h.unchanged(t, h.made)
		requests := testbed.Get[struct {
			Items []struct{ Metadata struct{ Name string } }
		}](t, c, "/apis/cert-manager.io/v1/namespaces/"+h.namespace+"/certificaterequests").Items
		if len(requests) > 0 {
			t.Errorf("cert-manager asked for new certificates: %v", requests)
		}
	}
}

// TestCertgenAdopts: certgen keeps what cert-manager made of the same file, takes it over when told to alone, and then
// nobody changes anything any more.
func TestCertgenAdopts(t *testing.T) {
	c := bed(t)
	h := newHandOver(t, c)
	c.StartCertManager(t)
	give(t, c, h.foundations)
	give(t, c, h.certificates)
	awaitReady(t, c, h.namespace, time.Minute)
	made := secrets(t, c, h.namespace)
	if result := h.run(t); result.Code != 1 || !strings.Contains(result.Stderr, "cert-manager") {
		t.Errorf("without --adopt: exit %d, want 1 and a word of cert-manager:\n%s", result.Code, result.Stderr)
	}
	h.unchanged(t, made)
	if result := h.run(t, "--adopt"); result.Code != 0 || !strings.Contains(result.Stderr, "5 Certificates, 5 kept") {
		t.Errorf("with --adopt: exit %d, want 0 and all kept:\n%s", result.Code, result.Stderr)
	}
	time.Sleep(5 * time.Second) // cert-manager has seen it
	settled := versions(secrets(t, c, h.namespace))
	if result := h.run(t); result.Code != 0 {
		t.Errorf("once more: exit %d\n%s", result.Code, result.Stderr)
	}
	time.Sleep(10 * time.Second)
	if now := versions(secrets(t, c, h.namespace)); !maps.Equal(now, settled) {
		t.Errorf("the two go on writing: %v, then %v", settled, now)
	}
	h.unchanged(t, made)
}

// handOver is a namespace with Certificates that change hands.
type handOver struct {
	cluster                   *testbed.Cluster
	namespace                 string
	foundations, certificates []object
	file, kubeconfig          string
	made                      map[string]corev1.Secret // by certgen
}

func newHandOver(t testing.TB, c *testbed.Cluster) handOver {
	t.Helper()
	namespace := c.Namespace(t, nil)
	h := handOver{cluster: c, namespace: namespace, certificates: in(namespace, handedOver()), kubeconfig: c.Kubeconfig(t, namespace)}
	for _, doc := range in(namespace, issuers(t)) {
		if slices.Contains([]string{"self", "root", "sub", "passwords"}, doc["metadata"].(object)["name"].(string)) {
			h.foundations = append(h.foundations, doc)
		}
	}
	h.file = manifest(t, h.certificates)
	return h
}

// run runs certgen apply on the Certificates, whose issuers are in the cluster.
func (h handOver) run(t testing.TB, flags ...string) e2e.Result {
	t.Helper()
	return e2e.Execute(t, "", e2e.Certgen(t), append([]string{"apply", "-f", h.file, "--kubeconfig", h.kubeconfig}, flags...)...)
}

// unchanged fails unless the namespace's Secrets hold what they held. Of a keystore that is what is in it: cert-manager
// writes it anew, with new salts, when it becomes its owner.
func (h handOver) unchanged(t testing.TB, held map[string]corev1.Secret) {
	t.Helper()
	now := secrets(t, h.cluster, h.namespace)
	for _, doc := range h.certificates {
		name := doc["metadata"].(object)["name"].(string)
		if len(held[name].Data["tls.crt"]) == 0 || !reflect.DeepEqual(withoutStores(now[name]), withoutStores(held[name])) {
			t.Errorf("%s does not hold what it held: %v", name, slices.Sorted(maps.Keys(now[name].Data)))
			continue
		}
		for where, change := range differences(portray(t, held[name]), portray(t, now[name])) {
			if strings.Contains(where, "store") || where == "data" {
				t.Errorf("%s: %s: before and now: %s", name, where, change)
			}
		}
	}
}

// withoutStores returns a Secret's data without the keystores.
func withoutStores(s corev1.Secret) map[string][]byte {
	data := maps.Clone(s.Data)
	maps.DeleteFunc(data, func(name string, _ []byte) bool { return strings.Contains(name, "store.") })
	return data
}

// versions are the versions of Secrets, which each change counts up.
func versions(all map[string]corev1.Secret) map[string]string {
	found := map[string]string{}
	for name, s := range all {
		found[name] = s.ResourceVersion
	}
	return found
}
