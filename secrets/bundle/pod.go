package bundle

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"certgen/secrets"
)

// nginx listens on the tutorial's ports inside the pod too, so that `curl -k https://POD_IP` works.
const (
	httpPort  = 80
	httpsPort = 443
)

// nginxUser is the number of user and group nginx in the official image:
// https://github.com/nginx/docker-nginx/blob/master/Dockerfile-debian.template
const nginxUser = 101

const (
	// drainPause is how long, in seconds, a pod that is going still takes new connections: the time
	// that proxies on all nodes need to learn that it left the Service, usually one or two.
	drainPause = 5
	// gracePeriod is how long, in seconds, a pod may take in all, the pause and the last answers; then
	// it is killed. Kubernetes' default, which the pause must stay well below:
	// https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination
	gracePeriod = 30
)

// The annotations that change the pod template, and so roll the pods, when what nginx read at its start
// changes. Both are SHA-256 in hexadecimal, of public data: tls.crt and default.conf.
const (
	CertificateChecksum = secrets.AnnotationPrefix + "certificate-checksum"
	configChecksum      = secrets.AnnotationPrefix + "config-checksum"
)

const (
	configVolume = "config"
	tmpVolume    = "tmp"
	runVolume    = "run"
)

func (o NginxOptions) podTemplate(conf string) corev1.PodTemplateSpec {
	security := RestrictedPod(nginxUser, nginxUser)
	// Lets ports below 1024 be bound without root or a capability. One of the sysctls that Pod Security
	// allows, since Kubernetes 1.22.
	security.Sysctls = []corev1.Sysctl{{Name: "net.ipv4.ip_unprivileged_port_start", Value: "0"}}
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{
			Labels: o.labels(),
			Annotations: map[string]string{
				CertificateChecksum: Checksum(o.CertPEM),
				configChecksum:      Checksum([]byte(conf)),
			},
		},
		Spec: corev1.PodSpec{
			AutomountServiceAccountToken:  new(false),
			SecurityContext:               security,
			TerminationGracePeriodSeconds: new(int64(gracePeriod)),
			// Spread where there are several nodes; one node takes all.
			TopologySpreadConstraints: []corev1.TopologySpreadConstraint{{
				MaxSkew:           1,
				TopologyKey:       corev1.LabelHostname,
				WhenUnsatisfiable: corev1.ScheduleAnyway,
				LabelSelector:     &metav1.LabelSelector{MatchLabels: o.labels()},
			}},
			Containers: []corev1.Container{o.container()},
			Volumes: []corev1.Volume{
				secretVolume(o.SecretName),
				{Name: configVolume, VolumeSource: corev1.VolumeSource{
					ConfigMap: &corev1.ConfigMapVolumeSource{
						LocalObjectReference: corev1.LocalObjectReference{Name: o.configMapName()},
					},
				}},
				// nginx takes bodies of at most 1 MB unless its configuration says otherwise.
				emptyDir(tmpVolume, "64Mi"),
				// The pid file.
				emptyDir(runVolume, "1Mi"),
			},
		},
	}
}

func (o NginxOptions) container() corev1.Container {
	return corev1.Container{
		Name:  "nginx",
		Image: o.Image,
		Ports: []corev1.ContainerPort{
			{Name: "http", ContainerPort: httpPort, Protocol: corev1.ProtocolTCP},
			{Name: "https", ContainerPort: httpsPort, Protocol: corev1.ProtocolTCP},
		},
		SecurityContext: RestrictedContainer(),
		// nginx starts one worker for each core of the node, however large, at a few MB each.
		Resources: corev1.ResourceRequirements{
			Requests: cpuMemory("50m", "64Mi"),
			Limits:   cpuMemory("1", "256Mi"),
		},
		// Ready means that the certificate and its key were taken and are served.
		ReadinessProbe: &corev1.Probe{
			ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{
				Scheme: corev1.URISchemeHTTPS, Port: intstr.FromString("https"), Path: "/",
			}},
			// Half of Kubernetes' default: a roll waits for it pod by pod.
			PeriodSeconds: 5,
		},
		Lifecycle: &corev1.Lifecycle{PreStop: &corev1.LifecycleHandler{
			Exec: &corev1.ExecAction{Command: []string{"/bin/sh", "-c", preStop()}},
		}},
		// Whole directories: a subPath would never see an update.
		VolumeMounts: []corev1.VolumeMount{
			{Name: certificateVolume, MountPath: CertificateDir, ReadOnly: true},
			{Name: configVolume, MountPath: "/etc/nginx/conf.d", ReadOnly: true},
			{Name: tmpVolume, MountPath: "/tmp"},
			{Name: runVolume, MountPath: "/run"},
		},
	}
}

// preStop lets no request be dropped. After the pause it asks nginx to finish what it is answering
// (SIGQUIT) and waits for it: the SIGTERM that follows a hook would cut those answers in images that do
// not declare another stop signal. nginx takes the waiting shell with it when it ends, which the kubelet
// reports as the event FailedPreStopHook, exit code 137: https://github.com/kubernetes/kubernetes/issues/39170
func preStop() string {
	return fmt.Sprintf("sleep %d; kill -QUIT 1; while kill -0 1; do sleep 1; done", drainPause)
}

func emptyDir(name, limit string) corev1.Volume {
	return corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{
		EmptyDir: &corev1.EmptyDirVolumeSource{SizeLimit: new(resource.MustParse(limit))},
	}}
}

// Checksum is the SHA-256 of data in hexadecimal.
func Checksum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
