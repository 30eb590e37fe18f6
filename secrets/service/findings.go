package service

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"

	"certgen/certs/lint"
	"certgen/secrets/bundle"
	"certgen/secrets/cluster"
)

// findings are what is wrong with a Service as far as the API server knows: nothing has been asked yet.
func (f *liveFacts) findings() (found []lint.Finding) {
	if !f.unknown.endpoints && len(f.ready()) == 0 {
		found = append(found, RuleNoEndpoints.Found("%s", f.whyNoEndpoints()))
	}
	for _, pod := range f.pods {
		if !podReady(pod) {
			found = append(found, RuleNotReady.Found("pod/%s: %s", pod.Name, whyNotReady(pod)))
		}
	}
	found = append(found, f.targetFindings()...)
	return append(found, f.fileFindings()...)
}

// settling says what is going on that may mend findings by itself; "" where nothing is. A workload that is
// paused, or that nobody wants pods of, changes nothing.
func (f *liveFacts) settling() string {
	for _, w := range f.workloads {
		if !w.Done && !w.Paused {
			return fmt.Sprintf("%s: %d of %d pods are ready", w.Ref, w.Updated, w.Want)
		}
	}
	for _, pod := range f.pods {
		if !podReady(pod) {
			return "pod/" + pod.Name + " is not ready"
		}
	}
	if f.unknown.endpoints || !f.podsKnown {
		return ""
	}
	var served []string
	for _, e := range f.ready() {
		if e.pod == "" {
			continue
		}
		if !slices.ContainsFunc(f.pods, func(pod corev1.Pod) bool { return pod.Name == e.pod }) {
			return "pod/" + e.pod + " is going, and still among the endpoints"
		}
		served = append(served, e.pod)
	}
	for _, pod := range f.pods {
		if !slices.Contains(served, pod.Name) {
			return "pod/" + pod.Name + " is not yet among the endpoints"
		}
	}
	return ""
}

func (f *liveFacts) whyNoEndpoints() string {
	selector := f.service.Spec.Selector
	switch {
	case len(selector) == 0:
		return "the Service has no selector, and nobody gave it endpoints"
	case len(f.pods) > 0:
		return fmt.Sprintf("the Service has no endpoint that is ready, and %d pods", len(f.pods))
	}
	if len(f.workloads) == 0 {
		return "no pod has the labels " + labels.Set(selector).String()
	}
	at := slices.IndexFunc(f.workloads, func(w cluster.Rollout) bool { return w.Want > 0 && w.Trouble != "" })
	switch w := f.workloads[max(at, 0)]; {
	case w.Want == 0:
		return w.Ref + " is scaled to 0"
	case w.Trouble != "":
		return w.Ref + " has no pods: " + w.Trouble
	default:
		return w.Ref + " has no pods yet"
	}
}

func podReady(pod corev1.Pod) bool {
	return slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}

func whyNotReady(pod corev1.Pod) string {
	if why := cluster.PodTrouble(pod); why != "" {
		return why
	}
	if pod.Spec.NodeName == "" {
		return "it waits for a node"
	}
	return "it is not ready"
}

// targetFindings holds the ports of the Service that speak TLS against those of the pods.
func (f *liveFacts) targetFindings() (found []lint.Finding) {
	for _, port := range f.service.Spec.Ports {
		for _, pod := range f.pods {
			if wrong := f.wrongTarget(port, pod.Spec); speaksHTTPS(port) && wrong != "" {
				found = appendNew(found, RuleTargetPort.Found("port %s leads to %s", portName(port), wrong))
			}
		}
	}
	return found
}

// wrongTarget says to what a port leads where no container of a pod has that; "" where one may. That none
// declares a number is no fault where nginx's configuration listens on it, or is not known, or where it may be
// another container that listens.
func (f *liveFacts) wrongTarget(port corev1.ServicePort, pod corev1.PodSpec) string {
	if name := port.TargetPort.StrVal; port.TargetPort.Type == intstr.String {
		if declared(pod, func(p corev1.ContainerPort) bool { return p.Name == name }) {
			return ""
		}
		return fmt.Sprintf("the port %q of the pods, and no container names one so", name)
	}
	number, listens := cmp.Or(port.TargetPort.IntVal, port.Port), bundle.NginxListens(pod, f.configMaps)
	if len(pod.Containers) > 1 || len(listens) == 0 || slices.Contains(listens, int(number)) ||
		declared(pod, func(p corev1.ContainerPort) bool { return p.ContainerPort == number }) {
		return ""
	}
	var ports []string
	for _, n := range listens {
		ports = append(ports, strconv.Itoa(n))
	}
	return fmt.Sprintf("port %d of the pods, and nginx listens on %s", number, strings.Join(ports, " and "))
}

// portName is how people call a port of a Service.
func portName(p corev1.ServicePort) string { return cmp.Or(p.Name, strconv.Itoa(int(p.Port))) }

// declared reports whether a container declares such a port. Init containers count: those that are always
// restarted run beside the others.
func declared(pod corev1.PodSpec, is func(corev1.ContainerPort) bool) bool {
	return slices.ContainsFunc(slices.Concat(pod.InitContainers, pod.Containers), func(c corev1.Container) bool {
		return slices.ContainsFunc(c.Ports, is)
	})
}

// fileFindings holds what nginx's configuration names against the mounts and the keys of the Secrets.
func (f *liveFacts) fileFindings() (found []lint.Finding) {
	for _, file := range f.named {
		at, what := file.At, fmt.Sprintf("%s names %s", file.Conf, file.Path)
		secret := f.secrets[at.Object]
		subPath := func() lint.Finding {
			return RuleSubPath.Found("%s, which container %s mounts with the subPath %s", what, file.Container, at.Mount.SubPath+at.Mount.SubPathExpr)
		}
		switch {
		case at.Mount == nil:
			found = appendNew(found, RuleMountMissing.Found("%s, and container %s mounts nothing there", what, file.Container))
		case at.Kind == "":
		case at.Mount.SubPathExpr != "": // only the container knows to which key it leads
			found = appendNew(found, subPath())
		case at.Key == "":
			found = appendNew(found, RuleConfMismatch.Found("%s, and the volume there has no such file of %s/%s", what, strings.ToLower(at.Kind), at.Object))
		case at.Kind == "Secret" && secret == nil:
			found = appendNew(found, RuleConfMismatch.Found("%s, and secret/%s does not exist", what, at.Object))
		case at.Kind == "Secret" && len(secret.Data[at.Key]) == 0:
			found = appendNew(found, RuleConfMismatch.Found("%s, and secret/%s has no %s but %s", what, at.Object, at.Key, strings.Join(slices.Sorted(maps.Keys(secret.Data)), ", ")))
		case at.Kind == "ConfigMap" && f.configMaps[at.Object] != nil && f.configMaps[at.Object].Data[at.Key] == "":
			found = appendNew(found, RuleConfMismatch.Found("%s, and configmap/%s has no %s", what, at.Object, at.Key))
		case at.SubPath:
			found = appendNew(found, subPath())
		}
	}
	return found
}

// appendNew adds a finding that several pods have once.
func appendNew(found []lint.Finding, f lint.Finding) []lint.Finding {
	if slices.Contains(found, f) {
		return found
	}
	return append(found, f)
}
