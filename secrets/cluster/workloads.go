package cluster

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"

	"certgen/secrets"
	"certgen/secrets/bundle"
)

// workload is a Deployment, StatefulSet or DaemonSet as it was read.
type workload struct {
	Live     *unstructured.Unstructured
	Template corev1.PodTemplateSpec
}

var WorkloadKinds = []string{"Deployment", "StatefulSet", "DaemonSet"}

// Workload reports whether the object runs pods that are replaced when it changes.
func (a Applied) Workload() bool {
	return a.Object != nil && slices.Contains(WorkloadKinds, a.Object.GetKind())
}

// restartAnnotation is on a Secret from the moment that it has a new pair until the workloads that use it
// have been restarted, so that a run that was interrupted in between can be resumed.
const (
	restartAnnotation = secrets.AnnotationPrefix + "restart"
	restartDue        = "due"
)

// RestartDue reports whether a Secret has a pair for which [Cluster.Restart] is yet to run.
func (a Applied) RestartDue() bool {
	return a.Object.GetAnnotations()[restartAnnotation] != ""
}

// Certificate is the tls.crt of a Secret, empty where it has none.
func (a Applied) Certificate() ([]byte, error) {
	encoded, _, _ := unstructured.NestedString(a.Object.Object, "data", corev1.TLSCertKey)
	return base64.StdEncoding.DecodeString(encoded)
}

// Workloads reads all workloads of one of the kinds in a namespace.
func (c *Cluster) Workloads(ctx context.Context, kind, namespace string) ([]workload, error) {
	all := Reference{Kind: kind, Namespace: namespace, Group: appsv1.SchemeGroupVersion.String()}
	data, _, err := c.do(ctx, func() *rest.Request { return c.Client.Get().AbsPath(all.path()) })
	if err != nil {
		return nil, err
	}
	list := &unstructured.UnstructuredList{}
	if err := list.UnmarshalJSON(data); err != nil {
		return nil, fmt.Errorf("read the server's answer: %w", err)
	}
	var workloads []workload
	for i := range list.Items {
		var common struct {
			Spec struct {
				Template corev1.PodTemplateSpec `json:"template"`
			} `json:"spec"`
		}
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(list.Items[i].Object, &common); err != nil {
			return nil, fmt.Errorf("read the server's answer: %w", err)
		}
		workloads = append(workloads, workload{&list.Items[i], common.Spec.Template})
	}
	return workloads, nil
}

// CheckRestart tells whether the workloads of a namespace can be read, which [Cluster.Restart] needs.
func (c *Cluster) CheckRestart(ctx context.Context, namespace string) error {
	for _, kind := range WorkloadKinds {
		all := Reference{Kind: kind, Namespace: namespace, Group: appsv1.SchemeGroupVersion.String()}
		_, _, err := c.do(ctx, func() *rest.Request { return c.Client.Get().AbsPath(all.path()).Param("limit", "1") })
		if err != nil {
			return c.Denied(ctx, fmt.Errorf("list the %ss to restart: %w", kind, err), rightsToRestart(namespace))
		}
	}
	return nil
}

// Restart makes every Deployment, StatefulSet and DaemonSet in the namespace that uses the Secret replace
// its pods, by putting the certificate's checksum into the pod template. One that carries this checksum
// already is left alone, so that no pod is replaced twice. exclude names what has been applied with its own
// checksum.
func (c *Cluster) Restart(ctx context.Context, secret Applied, exclude []Applied, o ApplyOptions) ([]Applied, error) {
	var done []Applied
	skip := map[string]bool{}
	for _, applied := range exclude {
		skip[applied.Ref] = true
	}
	ref := referTo(secret.Object)
	certPEM, err := secret.Certificate()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", ref, err)
	}
	sum := bundle.Checksum(certPEM)
	for _, kind := range WorkloadKinds {
		workloads, err := c.Workloads(ctx, kind, ref.Namespace)
		if err != nil {
			return done, fmt.Errorf("list the %ss that use %s: %w", kind, ref, err)
		}
		for _, w := range workloads {
			if skip[referTo(w.Live).String()] || !slices.Contains(bundle.SecretsUsed(w.Template.Spec), ref.Name) || w.Template.Annotations[bundle.CertificateChecksum] == sum {
				continue
			}
			applied, err := c.restart(ctx, w.Live, sum, o)
			if apierrors.IsNotFound(err) {
				continue // deleted since it was listed
			}
			if err != nil {
				return done, err
			}
			done = append(done, applied)
		}
	}
	if o.DryRun != DryRunNone {
		return done, nil
	}
	return done, c.restarted(ctx, ref, secret.Object.GetResourceVersion())
}

func (c *Cluster) restart(ctx context.Context, live *unstructured.Unstructured, sum string, o ApplyOptions) (Applied, error) {
	ref := referTo(live)
	done := Applied{Ref: ref.String(), Action: Restarted, Before: live, Object: live}
	if o.DryRun == DryRunClient {
		return done, nil
	}
	body, err := json.Marshal(map[string]any{"spec": map[string]any{"template": map[string]any{
		"metadata": map[string]any{"annotations": map[string]string{bundle.CertificateChecksum: sum}}}}})
	if err != nil {
		return done, err
	}
	params := map[string]string{"fieldManager": FieldManager}
	if o.DryRun == DryRunServer {
		params["dryRun"] = "All"
	}
	if done.Object, _, err = c.patch(ctx, ref, types.StrategicMergePatchType, body, params); err != nil {
		return done, fmt.Errorf("restart %s: %w", ref, err)
	}
	return done, nil
}

// restarted takes the mark off a Secret whose workloads have been restarted. One that has changed since
// may have another pair, and keeps it.
func (c *Cluster) restarted(ctx context.Context, secret Reference, version string) error {
	_, err := c.amend(ctx, secret, map[string]any{
		"resourceVersion": version, "annotations": map[string]any{restartAnnotation: nil},
	})
	if overtaken(err) {
		return nil
	}
	return err
}

// Rollout is how far a workload is in replacing its pods.
type Rollout struct {
	Ref           string
	Done          bool
	Paused        bool   // it does not go on by itself
	Updated, Want int64  // pods of the present template that are available, and how many there are to be
	Trouble       string // why it does not go on, "" where nothing is known
}

// Rollout looks at a workload that was applied or restarted. One that replaces no pods by itself is an error.
func (c *Cluster) Rollout(ctx context.Context, applied Applied) (Rollout, error) {
	ref := referTo(applied.Object)
	live, err := c.Get(ctx, ref)
	if err != nil {
		return Rollout{}, err
	}
	if live == nil {
		return Rollout{}, fmt.Errorf("%s was deleted", ref)
	}
	return c.RolloutOf(ctx, live)
}

// RolloutOf is [Cluster.Rollout] of a workload as it was read.
func (c *Cluster) RolloutOf(ctx context.Context, live *unstructured.Unstructured) (r Rollout, err error) {
	ref := referTo(live)
	r.Ref = ref.String()
	if strategy, _, _ := unstructured.NestedString(live.Object, "spec", "updateStrategy", "type"); strategy == string(appsv1.OnDeleteStatefulSetStrategyType) {
		return r, fmt.Errorf("%s has the update strategy OnDelete: its pods stay until they are deleted", ref)
	}
	field := func(path ...string) int64 {
		n, _, _ := unstructured.NestedInt64(live.Object, path...)
		return n
	}
	fresh := field("status", "observedGeneration") >= live.GetGeneration()
	var total int64
	switch ref.Kind {
	case "DaemonSet":
		r.Want, total = field("status", "desiredNumberScheduled"), field("status", "desiredNumberScheduled")
		r.Updated = min(field("status", "updatedNumberScheduled"), field("status", "numberAvailable"))
	default:
		r.Want, total = field("spec", "replicas"), field("status", "replicas")
		r.Updated = min(field("status", "updatedReplicas"), field("status", "availableReplicas"))
	}
	r.Done = fresh && r.Updated == r.Want && total == r.Want
	r.Paused, _, _ = unstructured.NestedBool(live.Object, "spec", "paused")
	switch {
	case r.Done:
	case r.Paused:
		r.Trouble = "it is paused"
	default:
		r.Trouble, err = c.trouble(ctx, live)
	}
	return r, err
}

// trouble asks the pods of a workload why they are not ready.
func (c *Cluster) trouble(ctx context.Context, live *unstructured.Unstructured) (string, error) {
	selector, _, _ := unstructured.NestedStringMap(live.Object, "spec", "selector", "matchLabels")
	pods := Reference{Kind: "Pod", Namespace: live.GetNamespace(), Group: "v1"}
	var list corev1.PodList
	err := c.ReadList(ctx, pods, selector, &list)
	if apierrors.IsForbidden(err) {
		return "", nil // who may not read pods can still wait for the workload
	}
	if err != nil {
		return "", fmt.Errorf("list the pods of %s: %w", live.GetName(), err)
	}
	for _, pod := range list.Items {
		if why := PodTrouble(pod); why != "" {
			return "pod " + pod.Name + ": " + why, nil
		}
	}
	for _, condition := range conditions(live) {
		if condition["status"] == "True" && condition["type"] == "ReplicaFailure" || condition["reason"] == "ProgressDeadlineExceeded" {
			return fmt.Sprint(condition["message"]), nil
		}
	}
	return "", nil
}

func conditions(live *unstructured.Unstructured) []map[string]any {
	list, _, _ := unstructured.NestedSlice(live.Object, "status", "conditions")
	var out []map[string]any
	for _, item := range list {
		if condition, ok := item.(map[string]any); ok {
			out = append(out, condition)
		}
	}
	return out
}

// PodTrouble says why a pod is not ready: it cannot be scheduled, its image cannot be pulled, its
// container ends, or its probe fails. "" where it is ready or still starting.
func PodTrouble(pod corev1.Pod) string {
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodScheduled && condition.Status == corev1.ConditionFalse {
			return "cannot be scheduled: " + condition.Message
		}
	}
	for _, status := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses) {
		switch waiting, ended := status.State.Waiting, status.LastTerminationState.Terminated; {
		case waiting != nil && (waiting.Reason == "ErrImagePull" || waiting.Reason == "ImagePullBackOff" || waiting.Reason == "InvalidImageName"):
			return fmt.Sprintf("the image %s cannot be pulled: %s", status.Image, waiting.Message)
		case waiting != nil && waiting.Reason == "CrashLoopBackOff" && ended != nil:
			return fmt.Sprintf("container %s ends with exit code %d: see kubectl logs %s -n %s", status.Name, ended.ExitCode, pod.Name, pod.Namespace)
		case waiting != nil && waiting.Message != "":
			return fmt.Sprintf("container %s waits: %s: %s", status.Name, waiting.Reason, waiting.Message)
		case status.State.Running != nil && !status.Ready:
			return fmt.Sprintf("container %s runs, but its readiness probe fails or has not passed yet", status.Name)
		}
	}
	return ""
}
