package testbed

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// SecretPolicy has admission object to every Secret that is created or changed in a namespace, until the test
// ends: with [admissionv1.Deny] the server refuses it with the message, with [admissionv1.Warn] it takes it
// and answers with the message as a warning.
func (c *Cluster) SecretPolicy(t testing.TB, namespace string, action admissionv1.ValidationAction, message string) {
	t.Helper()
	const path = "/apis/admissionregistration.k8s.io/v1/"
	policy := Create(t, c, path+"validatingadmissionpolicies", admissionv1.ValidatingAdmissionPolicy{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "testbed-"},
		Spec: admissionv1.ValidatingAdmissionPolicySpec{
			MatchConstraints: &admissionv1.MatchResources{
				NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: namespace}},
				ResourceRules: []admissionv1.NamedRuleWithOperations{{RuleWithOperations: admissionv1.RuleWithOperations{
					Operations: []admissionv1.OperationType{admissionv1.Create, admissionv1.Update},
					Rule:       admissionv1.Rule{APIGroups: []string{""}, APIVersions: []string{"v1"}, Resources: []string{"secrets"}},
				}}},
			},
			Validations: []admissionv1.Validation{{Expression: "false", Message: message}},
		},
	})
	Create(t, c, path+"validatingadmissionpolicybindings", admissionv1.ValidatingAdmissionPolicyBinding{
		ObjectMeta: metav1.ObjectMeta{Name: policy.Name},
		Spec: admissionv1.ValidatingAdmissionPolicyBindingSpec{
			PolicyName:        policy.Name,
			ValidationActions: []admissionv1.ValidationAction{action},
		},
	})
	t.Cleanup(func() {
		for _, kind := range []string{"validatingadmissionpolicybindings/", "validatingadmissionpolicies/"} {
			// The test's own context has ended by now.
			if err := c.Admin.Delete().AbsPath(path + kind + policy.Name).Do(context.Background()).Error(); err != nil {
				t.Error(err)
			}
		}
	})
	eventually(t, "admission objects to Secrets", func() bool { return c.objects(t, namespace, message) })
}

// objects tells whether admission objects to a Secret, which is not kept.
func (c *Cluster) objects(t testing.TB, namespace, message string) bool {
	t.Helper()
	body, err := json.Marshal(corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "probe"}})
	if err != nil {
		t.Fatal(err)
	}
	result := c.Admin.Post().AbsPath("/api/v1/namespaces/"+namespace+"/secrets").Param("dryRun", "All").Body(body).Do(t.Context())
	for _, w := range result.Warnings() {
		if strings.Contains(w.Text, message) {
			return true
		}
	}
	return result.Error() != nil && strings.Contains(result.Error().Error(), message)
}
