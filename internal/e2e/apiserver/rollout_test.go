package apiserver

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"certgen/internal/e2e"
	"certgen/internal/testbed"
)

// setStatus plays the controllers and nodes that the test bed lacks.
func setStatus(t testing.TB, c *testbed.Cluster, kubeconfig, object, status string) {
	t.Helper()
	c.Kubectl(t, kubeconfig, "", "patch", object, "--subresource=status", "--type=merge", "-p", `{"status": `+status+`}`)
}

// TestWait waits for pods that get ready, and for those that do not, with the reason.
func TestWait(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	bundle := []string{"--bundle", "nginx", "--service", "web", "--wait", "--timeout"}
	t.Run("ready", func(t *testing.T) {
		t.Parallel()
		kubeconfig := c.Kubeconfig(t, c.Namespace(t, nil))
		wants(t, applied(t, kubeconfig, append(bundle, "1s", "--replicas", "2")...), 1, "^error: deployment.apps/web is not rolled out after 1s: 0 of 2 pods are ready$")
		// The old pods are ready, but the new ones are yet to come.
		setStatus(t, c, kubeconfig, "deployment/web", `{"observedGeneration": 0, "replicas": 2, "readyReplicas": 2, "updatedReplicas": 2, "availableReplicas": 2}`)
		wants(t, applied(t, kubeconfig, append(bundle, "1s", "--replicas", "2")...), 1, "is not rolled out after 1s")
		setStatus(t, c, kubeconfig, "deployment/web", `{"observedGeneration": 1, "replicas": 3, "readyReplicas": 3, "updatedReplicas": 2, "availableReplicas": 3}`)
		wants(t, applied(t, kubeconfig, append(bundle, "1s", "--replicas", "2")...), 1, "is not rolled out after 1s")
		waited := make(chan e2e.Result)
		go func() { waited <- applied(t, kubeconfig, append(bundle, "1m", "--replicas", "2")...) }()
		time.Sleep(time.Second)
		setStatus(t, c, kubeconfig, "deployment/web", `{"observedGeneration": 1, "replicas": 2, "readyReplicas": 2, "updatedReplicas": 2, "availableReplicas": 2}`)
		r := <-waited
		wants(t, r, 0, "^deployment.apps/web rolled out: 2 of 2 pods are ready$")
		if strings.Contains(r.Stderr, "waiting") {
			t.Errorf("progress where nobody watches:\n%s", r.Stderr)
		}
	})
	const pod = `{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-1", "labels": {"run": "web"}}, "spec": {"containers": [{"name": "nginx", "image": "nginx"}]}}`
	for name, test := range map[string]struct{ object, status, stderr string }{
		"image": {"pod/web-1", `{"containerStatuses": [{"name": "nginx", "image": "nginx:nope", "imageID": "", "ready": false, "restartCount": 0,
			"state": {"waiting": {"reason": "ImagePullBackOff", "message": "manifest unknown"}}}]}`,
			"0 of 1 pods are ready; pod web-1: the image nginx:nope cannot be pulled: manifest unknown$"},
		"unschedulable": {"pod/web-1", `{"conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes are available: 3 Insufficient memory."}]}`,
			"; pod web-1: cannot be scheduled: 0/3 nodes are available: 3 Insufficient memory"},
		"probe": {"pod/web-1", `{"containerStatuses": [{"name": "nginx", "image": "nginx", "imageID": "", "ready": false, "restartCount": 0, "state": {"running": {}}}]}`,
			"; pod web-1: container nginx runs, but its readiness probe fails or has not passed yet$"},
		"crash": {"pod/web-1", `{"containerStatuses": [{"name": "nginx", "image": "nginx", "imageID": "", "ready": false, "restartCount": 4,
			"state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": {"exitCode": 1}}}]}`,
			"; pod web-1: container nginx ends with exit code 1: see kubectl logs web-1 -n test-"},
		"init container": {"pod/web-1", `{"initContainerStatuses": [{"name": "first", "image": "busybox", "imageID": "", "ready": false, "restartCount": 0,
			"state": {"waiting": {"reason": "CreateContainerConfigError", "message": "secret \"y\" not found"}}}]}`,
			`; pod web-1: container first waits: CreateContainerConfigError: secret "y" not found$`},
		"no pods": {"deployment/web", `{"conditions": [{"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "exceeded quota: small"}]}`,
			"; exceeded quota: small$"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kubeconfig := c.Kubeconfig(t, c.Namespace(t, nil))
			wants(t, applied(t, kubeconfig, "--bundle", "nginx", "--service", "web"), 0, "^issued: ")
			c.Kubectl(t, kubeconfig, pod, "create", "-f", "-")
			setStatus(t, c, kubeconfig, test.object, test.status)
			r := applied(t, kubeconfig, append(bundle, "1s")...)
			wants(t, r, 1, "^error: deployment.apps/web is not rolled out after 1s: .*"+test.stderr)
			wants(t, r, 1, "^hint: kubectl describe deployment.apps/web -n test-.* shows its events; a longer --timeout gives it more time$")
		})
	}
	t.Run("on a terminal", func(t *testing.T) {
		t.Parallel()
		script := e2e.Need(t, "script")
		kubeconfig := c.Kubeconfig(t, c.Namespace(t, nil))
		line := strings.Join(append([]string{e2e.Certgen(t), "apply", "x", "--dns", "x.example", "--kubeconfig", kubeconfig}, append(bundle, "2s")...), " ")
		out, err := exec.Command(script, "-qec", line, "/dev/null").CombinedOutput()
		if n := strings.Count(string(out), "waiting for deployment.apps/web: 0 of 1 pods are ready"); err == nil || n != 1 {
			t.Errorf("%d lines of progress, want 1: %v\n%s", n, err, out)
		}
	})
}

// workloads are those of a namespace that use the Secret x, each in another way, and those that do not.
func workloads() (users, others map[string]string) {
	object := func(kind, pod, more string) string {
		return `{"apiVersion": "apps/v1", "kind": "` + kind + `", "metadata": {"name": "%[1]s"}, "spec": {"selector": {"matchLabels": {"app": "%[1]s"}}, ` + more +
			`"template": {"metadata": {"labels": {"app": "%[1]s"}}, "spec": {` + pod + `}}}}`
	}
	const plain = `"containers": [{"name": "c", "image": "nginx"}]`
	env := func(how string) string { return `"containers": [{"name": "c", "image": "nginx", ` + how + `}]` }
	users = map[string]string{
		"deployment.apps/volume":     object("Deployment", plain+`, "volumes": [{"name": "v", "secret": {"secretName": "x"}}]`, ""),
		"statefulset.apps/projected": object("StatefulSet", plain+`, "volumes": [{"name": "v", "projected": {"sources": [{"configMap": {"name": "y"}}, {"secret": {"name": "x"}}]}}]`, ""),
		"daemonset.apps/env":         object("DaemonSet", env(`"env": [{"name": "A", "value": "b"}, {"name": "K", "valueFrom": {"secretKeyRef": {"name": "x", "key": "tls.key"}}}]`), ""),
		"deployment.apps/env-from":   object("Deployment", env(`"envFrom": [{"secretRef": {"name": "x"}}]`), ""),
		"deployment.apps/init":       object("Deployment", plain+`, "initContainers": [{"name": "i", "image": "nginx", "envFrom": [{"secretRef": {"name": "x"}}]}]`, ""),
	}
	others = map[string]string{
		"deployment.apps/none":       object("Deployment", plain, ""),
		"deployment.apps/another":    object("Deployment", plain+`, "volumes": [{"name": "v", "secret": {"secretName": "x2"}}]`, ""),
		"deployment.apps/config-map": object("Deployment", plain+`, "volumes": [{"name": "x", "configMap": {"name": "x"}}]`, ""),
		"deployment.apps/projected":  object("Deployment", plain+`, "volumes": [{"name": "x", "projected": {"sources": [{"configMap": {"name": "x"}}, {"secret": {"name": "y"}}]}}]`, ""),
		"daemonset.apps/another":     object("DaemonSet", env(`"envFrom": [{"configMapRef": {"name": "x"}}]`), ""),
	}
	for _, all := range []map[string]string{users, others} {
		for ref, text := range all {
			all[ref] = fmt.Sprintf(text, ref[strings.Index(ref, "/")+1:])
		}
	}
	return users, others
}

// TestRestart: a re-issue restarts exactly those that use the Secret, once, and a dry run none.
func TestRestart(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	namespace := c.Namespace(t, nil)
	kubeconfig := c.Kubeconfig(t, namespace)
	users, others := workloads()
	for _, all := range []map[string]string{users, others} {
		for _, text := range all {
			c.Kubectl(t, kubeconfig, text, "create", "-f", "-")
		}
	}
	generation := func(ref string) int64 {
		kind, name, _ := strings.Cut(ref, ".apps/")
		return testbed.Get[metav1.PartialObjectMetadata](t, c, "/apis/apps/v1/namespaces/"+namespace+"/"+kind+"s/"+name).Generation
	}
	restarted := func(generationOfUsers int64, flags ...string) {
		t.Helper()
		r := applied(t, kubeconfig, append(flags, "--restart")...)
		wants(t, r, 0, "")
		for ref := range users {
			if said := strings.Contains(r.Stdout, ref+" restarted"); said == (len(flags) == 0) || generation(ref) != generationOfUsers {
				t.Errorf("%q: %s has generation %d, want %d\n%s", flags, ref, generation(ref), generationOfUsers, r.Stdout)
			}
		}
		for ref := range others {
			if strings.Contains(r.Stdout, ref) || generation(ref) != 1 {
				t.Errorf("%q: %s has generation %d\n%s", flags, ref, generation(ref), r.Stdout)
			}
		}
	}
	wants(t, applied(t, kubeconfig), 0, "^issued: ")
	restarted(1)
	restarted(1, "--reissue", "--dry-run=client")
	restarted(1, "--reissue", "--dry-run=server")
	restarted(2, "--reissue")
	restarted(2)
	restarted(3, "--reissue")
	if s := pairIn(t, c, namespace, "x"); len(s.Annotations) != 1 || s.Annotations["certgen.dev/spec"] == "" {
		t.Errorf("annotations %v", s.Annotations)
	}
	for _, dry := range []string{"none", "client", "server"} {
		wants(t, applied(t, kubeconfig, "--reissue", "--restart", "-o", "name", "--dry-run="+dry), 0, "re-issued?: ")
	}
	r := e2e.Execute(t, "", e2e.Certgen(t), "apply", "x", "--dns", "x.example", "--kubeconfig", kubeconfig, "--reissue", "--restart", "-o", "yaml", "--dry-run=client")
	if docs := strings.Count(r.Stdout, "\nkind: "); r.Code != 0 || docs != 1+len(users) {
		t.Errorf("exit %d, %d objects\n%s%s", r.Code, docs, r.Stdout, r.Stderr)
	}
	// Somebody must delete these pods; waiting for it would not end.
	c.Kubectl(t, kubeconfig, "", "patch", "statefulset", "projected", "-p", `{"spec": {"updateStrategy": {"type": "OnDelete", "rollingUpdate": null}}}`)
	c.Kubectl(t, kubeconfig, "", "delete", "--wait=false", "--cascade=background", "deployment/volume", "deployment/env-from", "deployment/init", "daemonset/env")
	wants(t, applied(t, kubeconfig, "--reissue", "--restart", "--wait", "--timeout", "5s"), 1, "^error: statefulset.apps/projected has the update strategy OnDelete: its pods stay until they are deleted$")
}

// TestRestartOfBundle: what a restart sets, the bundle sets too, without a conflict.
func TestRestartOfBundle(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	kubeconfig := c.Kubeconfig(t, c.Namespace(t, nil))
	bundle := []string{"--bundle", "nginx", "--service", "web"}
	wants(t, applied(t, kubeconfig, bundle...), 0, "^issued: ")
	r := applied(t, kubeconfig, "--service", "web", "--restart", "--reissue")
	if wants(t, r, 0, "^re-issued: "); r.Stdout != "secret/x configured\ndeployment.apps/web restarted\n" {
		t.Errorf("printed %q", r.Stdout)
	}
	r = applied(t, kubeconfig, append(bundle, "--reissue")...)
	if wants(t, r, 0, "^re-issued: "); !strings.Contains(r.Stdout, "deployment.apps/web configured\n") {
		t.Errorf("printed %q", r.Stdout)
	}
}
