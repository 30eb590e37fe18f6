package apiserver

import (
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"

	"certgen/internal/e2e"
	"certgen/internal/testbed"
	"certgen/secrets/cronjob"
)

// TestRenewRights: the rights that certgen cronjob gives are enough to renew, and with any verb of them taken away that fails,
// or says that no Event is recorded.
func TestRenewRights(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	namespace := c.Namespace(t, nil)
	admin := c.Kubeconfig(t, namespace)
	job := cronjob.Options{Name: "renew", Namespace: namespace, Shards: 1}
	wants(t, e2e.Execute(t, "", e2e.Certgen(t), "ca", "apply", "root", "--kubeconfig", admin), 0, "^issued: ")
	for range 2 { // one has been read by the list, the other is found by it
		wants(t, e2e.Execute(t, "", e2e.Certgen(t), "apply", "web", "--dns", "web.example", "--ca-secret", "root", "--kubeconfig", admin), 0, "^(issued|kept): ")
	}
	for _, kind := range []string{"Deployment", "StatefulSet", "DaemonSet"} {
		c.Kubectl(t, admin, strings.Replace(deploymentUsing(strings.ToLower(kind), "web"), "Deployment", kind, 1), "apply", "-f", "-")
	}
	type right struct{ group, resource, name, verb string }
	var all []right
	for _, rule := range slices.Concat(job.Rules(), job.LeaseRules()) {
		for _, resource := range rule.Resources {
			for _, verb := range rule.Verbs {
				name := ""
				if len(rule.ResourceNames) > 0 {
					name = rule.ResourceNames[0]
				}
				all = append(all, right{rule.APIGroups[0], resource, name, verb})
			}
		}
	}
	renew := func(t *testing.T, rights []right) e2e.Result {
		var rules []rbacv1.PolicyRule
		for _, r := range rights {
			rule := rbacv1.PolicyRule{APIGroups: []string{r.group}, Resources: []string{r.resource}, Verbs: []string{r.verb}}
			if r.name != "" {
				rule.ResourceNames = []string{r.name}
			}
			rules = append(rules, rule)
		}
		args := append(job.Args(), "--all", "--kubeconfig", c.UserKubeconfig(t, namespace, rules...))
		return e2e.Execute(t, "", e2e.Certgen(t), args...)
	}
	wants(t, renew(t, all), 0, "^2 certificates, 2 renewed$")
	for i, without := range all {
		if without.resource == "leases" && without.verb == "create" {
			c.Kubectl(t, admin, "", "delete", "lease", "renew")
		}
		r := renew(t, slices.Delete(slices.Clone(all), i, i+1))
		switch {
		case without.resource == "events":
			wants(t, r, 0, `^note: no Events are recorded: .*events.events.k8s.io is forbidden`)
		default:
			wants(t, r, 1, "^error: .*cannot "+without.verb+" resource \""+without.resource+"\"")
		}
		if without.verb == "create" {
			renew(t, all) // there is a Lease again
		}
	}
}
