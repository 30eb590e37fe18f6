package bundle

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"

	"certgen/certs/pki"
	"certgen/secrets"
)

// NginxImage is the image that [Nginx] uses unless another is named: the official one, at the branch of
// nginx that gets fixes only. The tag moves with it, so a new pod is always a maintained nginx:
// https://hub.docker.com/_/nginx
const NginxImage = "nginx:stable"

// FieldReplicas is the field that problems of the number of pods name.
const FieldReplicas pki.Field = "replicas"

// NginxOptions say what [Nginx] builds. The zero value of a field means what the field says; only
// SecretName and CertPEM have to be set.
type NginxOptions struct {
	Service    string             // names the Service and the Deployment; "" is TutorialService
	Namespace  string             // of all three objects; "" leaves it to whoever applies them
	SecretName string             // the Secret with tls.crt and tls.key
	CertPEM    []byte             // its tls.crt, for the checksum that rolls the pods
	Image      string             // "" is NginxImage; it needs /bin/sh, and nginx as its first process
	Type       corev1.ServiceType // ClusterIP, NodePort or LoadBalancer in any case; "" is NodePort
	Replicas   int32              // the number of pods; 0 is none

	// Conf is the text of default.conf, "" the built-in one. It is taken as it is, but for a byte order
	// mark, which nginx refuses, and CRLF line ends, which become LF. The pods become ready when they
	// answer "/" over HTTPS on port 443, and the root file system is read-only: temporary files go to
	// /tmp.
	Conf string
	// IPv6 makes the built-in default.conf listen on IPv6 too. nginx does not start on a node without.
	IPv6 bool
}

func (o NginxOptions) withDefaults() NginxOptions {
	if o.Service == "" {
		o.Service = secrets.TutorialService
	}
	if o.Image == "" {
		o.Image = NginxImage
	}
	if o.Type == "" {
		o.Type = corev1.ServiceTypeNodePort
	}
	o.Type, _ = secrets.ServiceType(o.Type)
	return o
}

// Validate returns everything that is wrong with o, but for SecretName and Namespace, which
// [secrets.Meta.Validate] checks.
func (o NginxOptions) Validate() pki.Problems {
	o = o.withDefaults()
	ps := secrets.ServiceLabel.Judge(secrets.FieldService, o.Service)
	ps = append(ps, ImageProblems(o.Image)...)
	if _, ok := secrets.ServiceType(o.Type); !ok {
		ps = append(ps, pki.Problem{
			Field: secrets.FieldServiceType, Value: string(o.Type), Reason: "must be ClusterIP, NodePort or LoadBalancer",
		})
	}
	if o.Replicas < 0 {
		ps = append(ps, pki.Problem{
			Field: FieldReplicas, Value: fmt.Sprint(o.Replicas), Reason: "must be 0 or more",
		})
	}
	return append(ps, o.confProblems()...)
}

// Nginx returns what serves the certificate of the Secret: a ConfigMap, a Deployment and a Service, in
// that order. o must be valid.
func Nginx(o NginxOptions) []runtime.Object {
	o = o.withDefaults()
	conf := o.confText()
	return []runtime.Object{o.configMap(conf), o.deployment(conf), o.service()}
}

// labels select the pods, as in the tutorial.
func (o NginxOptions) labels() map[string]string {
	return map[string]string{"run": o.Service}
}

// configMapName is the tutorial's name for the tutorial's Service. Others have their own, so that two
// bundles in one namespace do not overwrite each other's configuration.
func (o NginxOptions) configMapName() string {
	if o.Service == secrets.TutorialService {
		return "nginxconfigmap"
	}
	return o.Service + "-conf"
}

func (o NginxOptions) configMap(conf string) *corev1.ConfigMap {
	return &corev1.ConfigMap{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"},
		ObjectMeta: secrets.ObjectMeta(o.configMapName(), o.Namespace, nil),
		Data:       map[string]string{confKey: conf},
	}
}

func (o NginxOptions) deployment(conf string) *appsv1.Deployment {
	return &appsv1.Deployment{
		TypeMeta:   metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"},
		ObjectMeta: secrets.ObjectMeta(o.Service, o.Namespace, o.labels()),
		Spec: appsv1.DeploymentSpec{
			Replicas: &o.Replicas,
			Selector: &metav1.LabelSelector{MatchLabels: o.labels()},
			// A pod goes only when the one that replaces it is ready.
			Strategy: appsv1.DeploymentStrategy{
				Type: appsv1.RollingUpdateDeploymentStrategyType,
				RollingUpdate: &appsv1.RollingUpdateDeployment{
					MaxUnavailable: new(intstr.FromInt32(0)),
					MaxSurge:       new(intstr.FromInt32(1)),
				},
			},
			// Every renewal leaves an old ReplicaSet behind. Going back to one does not bring the old
			// certificate back, so fewer than Kubernetes' ten are enough.
			RevisionHistoryLimit: new(int32(3)),
			Template:             o.podTemplate(conf),
		},
	}
}

func (o NginxOptions) service() *corev1.Service {
	return &corev1.Service{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Service"},
		ObjectMeta: secrets.ObjectMeta(o.Service, o.Namespace, o.labels()),
		Spec: corev1.ServiceSpec{
			Type:     o.Type,
			Selector: o.labels(),
			Ports: []corev1.ServicePort{
				servicePort("http", 8080, httpPort),
				servicePort("https", 443, httpsPort),
			},
		},
	}
}

// servicePort states the protocol though it is the default: server-side apply merges ports by it.
func servicePort(name string, port, target int32) corev1.ServicePort {
	return corev1.ServicePort{
		Name: name, Protocol: corev1.ProtocolTCP, Port: port, TargetPort: intstr.FromInt32(target),
	}
}
