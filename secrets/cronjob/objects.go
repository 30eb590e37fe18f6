package cronjob

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// The kinds here are the parts of Kubernetes' own that certgen writes. Their packages in k8s.io/api take more of every start of
// the program than these few fields are worth.

type cronJob struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              cronJobSpec `json:"spec"`
}

type cronJobSpec struct {
	Schedule                   string      `json:"schedule"`
	TimeZone                   string      `json:"timeZone,omitempty"`
	ConcurrencyPolicy          string      `json:"concurrencyPolicy"`
	StartingDeadlineSeconds    int64       `json:"startingDeadlineSeconds"`
	SuccessfulJobsHistoryLimit int32       `json:"successfulJobsHistoryLimit"`
	FailedJobsHistoryLimit     int32       `json:"failedJobsHistoryLimit"`
	JobTemplate                jobTemplate `json:"jobTemplate"`
}

type jobTemplate struct {
	Spec jobSpec `json:"spec"`
}

type jobSpec struct {
	CompletionMode        string                 `json:"completionMode,omitempty"`
	Completions           *int32                 `json:"completions,omitempty"`
	Parallelism           *int32                 `json:"parallelism,omitempty"`
	BackoffLimit          *int32                 `json:"backoffLimit,omitempty"`
	BackoffLimitPerIndex  *int32                 `json:"backoffLimitPerIndex,omitempty"`
	ActiveDeadlineSeconds int64                  `json:"activeDeadlineSeconds"`
	Template              corev1.PodTemplateSpec `json:"template"`
}

// role is a Role or a ClusterRole of rbac.authorization.k8s.io/v1.
type role struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Rules             []Rule `json:"rules"`
}

// Rule is what may be done with which objects.
type Rule struct {
	APIGroups     []string `json:"apiGroups"`
	Resources     []string `json:"resources"`
	ResourceNames []string `json:"resourceNames,omitempty"`
	Verbs         []string `json:"verbs"`
}

type binding struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	RoleRef           roleRef   `json:"roleRef"`
	Subjects          []subject `json:"subjects"`
}

type roleRef struct {
	APIGroup string `json:"apiGroup"`
	Kind     string `json:"kind"`
	Name     string `json:"name"`
}

type subject struct {
	Kind      string `json:"kind"`
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
}
