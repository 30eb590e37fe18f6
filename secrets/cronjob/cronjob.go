package cronjob

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"certgen/secrets"
	"certgen/secrets/bundle"
)

// Options say what is renewed, and when.
type Options struct {
	Name, Namespace string // of the CronJob, and of all that belongs to it
	All             bool   // all namespaces are renewed, else Namespace alone
	Schedule        string // as cron writes it
	TimeZone        string // an IANA name, by which Schedule is read; "" is that of the cluster's control plane
	Image           string
	Shards          int // Pods that share the namespaces; 1 for one that has all
	MaxUnavailable  int // workloads that a Pod restarts at the same time, 0 for no bound
	Jitter          string
	Authorities     []Authority // Secrets of CAs in other namespaces
}

// Authority names the Secret of a CA.
type Authority struct{ Namespace, Name string }

const (
	// user is who runs in the container: no user of an image from scratch has a name, and the number is the one that
	// distroless images call nonroot.
	user = 65532

	// startingDeadline is how late a run may start, in seconds: when the control plane was away for longer, the next time
	// of the schedule does. Kubernetes gives up a CronJob for good that has missed 100 starts and sets none.
	startingDeadline = 3600

	// deadline bounds one run, in seconds: one that hangs must not keep the next from starting for ever.
	deadline = 6 * 3600

	// backoff is how often Kubernetes starts a failed run again, with growing pauses. What has been renewed is not renewed again.
	backoff = 3

	// LeaseDuration is how long a run that was killed keeps the next from starting.
	LeaseDuration = 60 * time.Second
)

const rbac = "rbac.authorization.k8s.io"

// Kinds are the kinds of all that Objects may return.
func Kinds() []string {
	return []string{"ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "CronJob"}
}

// Objects are the objects, as structs, in the order in which they are applied.
func (o Options) Objects() []any {
	meta := func(kind, group, namespace, name string) (metav1.TypeMeta, metav1.ObjectMeta) {
		return metav1.TypeMeta{APIVersion: group, Kind: kind}, secrets.ObjectMeta(name, namespace, nil)
	}
	account := &corev1.ServiceAccount{}
	account.TypeMeta, account.ObjectMeta = meta("ServiceAccount", "v1", o.Namespace, o.Name)
	all := []any{account}
	allow := func(kind, namespace, name string, rules []Rule) {
		r, b := &role{Rules: rules}, &binding{RoleRef: roleRef{rbac, kind, name}, Subjects: []subject{{"ServiceAccount", o.Name, o.Namespace}}}
		r.TypeMeta, r.ObjectMeta = meta(kind, rbac+"/v1", namespace, name)
		b.TypeMeta, b.ObjectMeta = meta(kind+"Binding", rbac+"/v1", namespace, name)
		all = append(all, r, b)
	}
	if o.All {
		allow("ClusterRole", "", o.Name, o.Rules())
	} else {
		allow("Role", o.Namespace, o.Name, o.Rules())
	}
	allow("Role", o.Namespace, o.Name+"-lease", o.LeaseRules())
	if !o.All { // else it may read them all
		for _, ca := range o.Authorities {
			allow("Role", ca.Namespace, o.Name+"-"+ca.Name, []Rule{{APIGroups: []string{""}, Resources: []string{"secrets"}, ResourceNames: []string{ca.Name}, Verbs: []string{"get"}}})
		}
	}
	job := &cronJob{Spec: o.spec()}
	job.TypeMeta, job.ObjectMeta = meta("CronJob", "batch/v1", o.Namespace, o.Name)
	return append(all, job)
}

// Rules are the rights to what is renewed: to read Secrets and replace what is in them, to restart what uses them, and to record it.
func (o Options) Rules() []Rule {
	workloads := []string{"list", "patch"}
	if o.MaxUnavailable > 0 { // each is looked at until it is done
		workloads = append(workloads, "get")
	}
	return []Rule{
		{APIGroups: []string{""}, Resources: []string{"secrets"}, Verbs: []string{"get", "list", "patch"}},
		{APIGroups: []string{"apps"}, Resources: []string{"daemonsets", "deployments", "statefulsets"}, Verbs: workloads},
		{APIGroups: []string{"events.k8s.io"}, Resources: []string{"events"}, Verbs: []string{"create"}},
	}
}

// LeaseRules are the rights to the Leases. To create cannot be bound to a name.
func (o Options) LeaseRules() []Rule {
	var names []string
	for i := range o.Shards {
		names = append(names, o.lease(fmt.Sprint(i)))
	}
	lease := []string{"leases"}
	group := []string{"coordination.k8s.io"}
	return []Rule{
		{APIGroups: group, Resources: lease, Verbs: []string{"create"}},
		{APIGroups: group, Resources: lease, ResourceNames: names, Verbs: []string{"get", "update"}},
	}
}

// lease is the name of the Lease of a shard.
func (o Options) lease(shard string) string {
	if o.Shards <= 1 {
		return o.Name
	}
	return o.Name + "-" + shard
}

// Args are the arguments of certgen; Kubernetes fills in the index of the Pod.
func (o Options) Args() []string {
	const index = "$(JOB_COMPLETION_INDEX)"
	args := []string{"renew", "--namespace=" + o.Namespace}
	if o.All {
		args[1] = "--all-namespaces"
	}
	args = append(args, "--lease="+o.Namespace+"/"+o.lease(index))
	if o.Shards > 1 {
		args = append(args, fmt.Sprintf("--shard=%s/%d", index, o.Shards))
	}
	if o.MaxUnavailable > 0 {
		args = append(args, fmt.Sprintf("--max-unavailable=%d", o.MaxUnavailable))
	}
	if o.Jitter != "" {
		args = append(args, "--jitter="+o.Jitter)
	}
	return args
}

func (o Options) spec() cronJobSpec {
	pod := corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app.kubernetes.io/name": "certgen", secrets.ManagedByLabel: secrets.ManagedBy}}}
	pod.Spec = corev1.PodSpec{
		ServiceAccountName: o.Name,
		RestartPolicy:      corev1.RestartPolicyNever, // the Job starts another Pod, so the log of the failed one stays
		SecurityContext:    bundle.RestrictedPod(user, user),
		Containers: []corev1.Container{{
			Name: "certgen", Image: o.Image, Args: o.Args(), SecurityContext: bundle.RestrictedContainer(),
			Resources: corev1.ResourceRequirements{
				Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("50m"), corev1.ResourceMemory: resource.MustParse("64Mi")},
				Limits:   corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("256Mi")},
			},
		}},
	}
	job := jobSpec{ActiveDeadlineSeconds: deadline, Template: pod}
	if o.Shards > 1 {
		job.CompletionMode = "Indexed"
		job.Completions, job.Parallelism = new(int32(o.Shards)), new(int32(o.Shards))
		job.BackoffLimitPerIndex = new(int32(backoff))
	} else {
		job.BackoffLimit = new(int32(backoff))
	}
	return cronJobSpec{
		Schedule: o.Schedule, TimeZone: o.TimeZone, ConcurrencyPolicy: "Forbid", StartingDeadlineSeconds: startingDeadline,
		SuccessfulJobsHistoryLimit: 3, FailedJobsHistoryLimit: 3, JobTemplate: jobTemplate{job},
	}
}
