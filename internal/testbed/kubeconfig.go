package testbed

import (
	"path/filepath"
	"testing"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

const (
	bedUser    = "testbed"        // whose requests are the test bed's own
	adminGroup = "system:masters" // whose members may do everything
)

// kubeconfig returns a kubeconfig with one context: a user, who is issued a certificate, in a namespace.
func (c *Cluster) kubeconfig(user, namespace string, groups ...string) (*api.Config, error) {
	shown, err := c.ca.user(user, groups...)
	if err != nil {
		return nil, err
	}
	config := api.NewConfig()
	config.Clusters["testbed"] = &api.Cluster{Server: c.url, CertificateAuthorityData: c.ca.pem()}
	config.AuthInfos[user] = &api.AuthInfo{ClientCertificateData: shown.cert, ClientKeyData: shown.key}
	config.Contexts["testbed"] = &api.Context{Cluster: "testbed", AuthInfo: user, Namespace: namespace}
	config.CurrentContext = "testbed"
	return config, nil
}

// Kubeconfig writes a kubeconfig file of a user "admin", who may do everything, with a namespace of which
// commands need no -n. It returns the file's path.
func (c *Cluster) Kubeconfig(t testing.TB, namespace string) string {
	t.Helper()
	return c.writeKubeconfig(t, "admin", namespace, adminGroup)
}

// UserKubeconfig is [Cluster.Kubeconfig] for a new user, who may do what the rules say, in that namespace
// alone. The user's name is that of a Role and its RoleBinding there.
func (c *Cluster) UserKubeconfig(t testing.TB, namespace string, rules ...rbacv1.PolicyRule) string {
	t.Helper()
	path := "/apis/rbac.authorization.k8s.io/v1/namespaces/" + namespace
	role := Create(t, c, path+"/roles", rbacv1.Role{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "user-"},
		Rules:      rules,
	})
	Create(t, c, path+"/rolebindings", rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: role.Name},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: role.Name}},
		RoleRef:    rbacv1.RoleRef{Kind: "Role", APIGroup: rbacv1.GroupName, Name: role.Name},
	})
	for _, rule := range rules {
		c.awaitRule(t, role.Name, namespace, rule)
	}
	return c.writeKubeconfig(t, role.Name, namespace)
}

// awaitRule waits until the server's authorizer, which watches roles, has seen a user's.
func (c *Cluster) awaitRule(t testing.TB, user, namespace string, rule rbacv1.PolicyRule) {
	t.Helper()
	attributes := authorizationv1.ResourceAttributes{
		Namespace: namespace, Verb: rule.Verbs[0], Group: rule.APIGroups[0], Resource: rule.Resources[0],
	}
	if len(rule.ResourceNames) > 0 {
		attributes.Name = rule.ResourceNames[0]
	}
	eventually(t, "user "+user+" has the rights given", func() bool {
		return Create(t, c, "/apis/authorization.k8s.io/v1/subjectaccessreviews", authorizationv1.SubjectAccessReview{
			Spec: authorizationv1.SubjectAccessReviewSpec{User: user, ResourceAttributes: &attributes},
		}).Status.Allowed
	})
}

// eventually waits for what the server learns by watching itself, which takes it milliseconds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not after 20 s: %s", what)
		}
	}
}

func (c *Cluster) writeKubeconfig(t testing.TB, user, namespace string, groups ...string) string {
	t.Helper()
	config, err := c.kubeconfig(user, namespace, groups...)
	if err != nil {
		t.Fatal(err)
	}
	return write(t, config)
}

// write writes a kubeconfig into a folder of the test's.
func write(t testing.TB, config *api.Config) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
	return path
}
