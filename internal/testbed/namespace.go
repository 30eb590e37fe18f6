package testbed

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Namespace makes a namespace for one test and returns its name. It has the ServiceAccount "default", which
// nobody else makes where no controller runs and without which admission refuses every pod. It stays until
// the cluster ends: nothing here could end it.
func (c *Cluster) Namespace(t testing.TB, labels map[string]string) string {
	t.Helper()
	ns := Create(t, c, "/api/v1/namespaces", corev1.Namespace{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "test-", Labels: labels},
	})
	Create(t, c, "/api/v1/namespaces/"+ns.Name+"/serviceaccounts", corev1.ServiceAccount{
		ObjectMeta: metav1.ObjectMeta{Name: "default"},
	})
	return ns.Name
}

// Restricted returns the labels of a namespace in which Pod Security admission refuses pods that do not meet
// the profile "restricted", and answers with a warning where a workload's pods would not:
// https://kubernetes.io/docs/concepts/security/pod-security-admission/
func Restricted() map[string]string {
	return map[string]string{
		"pod-security.kubernetes.io/enforce": "restricted",
		"pod-security.kubernetes.io/warn":    "restricted",
	}
}
