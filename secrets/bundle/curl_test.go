package bundle

import (
	"maps"
	"reflect"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"certgen/secrets"
)

func TestCurl(t *testing.T) {
	t.Parallel()
	objs := Curl(CurlOptions{Namespace: "ns", SecretName: "web-tls"})
	if len(objs) != 1 {
		t.Fatalf("%d objects, want 1", len(objs))
	}
	deployment := objs[0].(*appsv1.Deployment)
	if deployment.Name != "curl-deployment" || deployment.Namespace != "ns" {
		t.Errorf("Deployment %s in %s", deployment.Name, deployment.Namespace)
	}
	if want := map[string]string{"app": "curlpod", secrets.ManagedByLabel: secrets.ManagedBy}; !maps.Equal(deployment.Labels, want) {
		t.Errorf("labels %v, want %v", deployment.Labels, want)
	}
	pod := deployment.Spec.Template
	if want := map[string]string{"app": "curlpod"}; !maps.Equal(pod.Labels, want) || !maps.Equal(deployment.Spec.Selector.MatchLabels, want) {
		t.Errorf("pod labels %v, selector %v, want %v", pod.Labels, deployment.Spec.Selector, want)
	}
	secret := pod.Spec.Volumes[0].Secret
	if want := []corev1.KeyToPath{{Key: "ca.crt", Path: "ca.crt"}}; secret.SecretName != "web-tls" || !reflect.DeepEqual(secret.Items, want) {
		t.Errorf("the pod sees %v of Secret %s, want %v", secret.Items, secret.SecretName, want)
	}
	container := pod.Spec.Containers[0]
	if container.Image != CurlImage || container.VolumeMounts[0].MountPath != "/etc/nginx/ssl" {
		t.Errorf("container %+v", container)
	}
}

func TestCurlImage(t *testing.T) {
	t.Parallel()
	o := CurlOptions{SecretName: "s", Image: "registry.example/curl:8"}
	if ps := o.Validate(); len(ps) > 0 {
		t.Errorf("refused: %v", ps)
	}
	if got := podsOf(Curl(o))[0].Spec.Containers[0].Image; got != o.Image {
		t.Errorf("image %s, want %s", got, o.Image)
	}
	if ps := (CurlOptions{Image: "a b"}).Validate(); len(ps) != 1 || ps[0].Field != FieldImage {
		t.Errorf("problems %v, want one with the image", ps)
	}
}
