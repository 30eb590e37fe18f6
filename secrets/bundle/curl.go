package bundle

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"certgen/certs/pki"
	"certgen/secrets"
)

// CurlImage is the image that [Curl] uses unless another is named: the curl project's own. The tutorial's
// radial/busyboxplus:curl has not been maintained for years: https://hub.docker.com/r/curlimages/curl
const CurlImage = "curlimages/curl:latest"

// CurlName names the Deployment as the tutorial does.
const CurlName = "curl-deployment"

// curl_user of that image and its group. Both have to be given, as the image names the user only:
// https://github.com/curl/curl-container/issues/25
const (
	curlUser  = 100
	curlGroup = 101
)

// CurlOptions say what [Curl] builds. Only SecretName has to be set.
type CurlOptions struct {
	Namespace  string // "" leaves it to whoever applies the Deployment
	SecretName string // the Secret with ca.crt; without that key the pod does not start
	Image      string // "" is CurlImage; it needs sh and curl
}

func (o CurlOptions) withDefaults() CurlOptions {
	if o.Image == "" {
		o.Image = CurlImage
	}
	return o
}

// Validate returns what is wrong with o, but for SecretName and Namespace, which [secrets.Meta.Validate] checks.
func (o CurlOptions) Validate() pki.Problems {
	return ImageProblems(o.withDefaults().Image)
}

// Curl returns the tutorial's client: a Deployment whose pod waits for
//
//	kubectl exec deploy/curl-deployment -- curl https://my-nginx --cacert /etc/nginx/ssl/ca.crt
//
// Of the Secret it sees ca.crt alone: a client needs no private key. curl reads the file at every call,
// so the pod carries no checksum and never has to roll. o must be valid.
func Curl(o CurlOptions) []runtime.Object {
	o = o.withDefaults()
	labels := map[string]string{"app": "curlpod"}
	return []runtime.Object{&appsv1.Deployment{
		TypeMeta:   metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"},
		ObjectMeta: secrets.ObjectMeta(CurlName, o.Namespace, labels),
		Spec: appsv1.DeploymentSpec{
			Replicas: new(int32(1)),
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec: corev1.PodSpec{
					AutomountServiceAccountToken: new(false),
					SecurityContext:              RestrictedPod(curlUser, curlGroup),
					Containers:                   []corev1.Container{o.container()},
					Volumes:                      []corev1.Volume{secretVolume(o.SecretName, corev1.KeyToPath{Key: secrets.CAKey, Path: secrets.CAKey})},
				},
			},
		},
	}}
}

func (o CurlOptions) container() corev1.Container {
	return corev1.Container{
		Name:  "curl",
		Image: o.Image,
		// A shell that is process 1 ignores SIGTERM unless it traps it, and the pod would take its whole
		// grace period to go.
		Command:         []string{"sh", "-c", "trap exit TERM; while :; do sleep 1; done"},
		SecurityContext: RestrictedContainer(),
		// A shell, and a curl now and then.
		Resources: corev1.ResourceRequirements{
			Requests: cpuMemory("10m", "16Mi"),
			Limits:   cpuMemory("100m", "64Mi"),
		},
		VolumeMounts: []corev1.VolumeMount{{Name: certificateVolume, MountPath: CertificateDir, ReadOnly: true}},
	}
}
