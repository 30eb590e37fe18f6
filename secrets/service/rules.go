package service

import (
	"slices"

	"certgen/certs/lint"
	"certgen/certs/probe"
	"certgen/secrets"
)

// The rules for a Service and for what serves behind it, in the order in which they are reported.
var (
	RuleNoEndpoints = lint.Rule{ID: "no-endpoints", Severity: lint.Error,
		Breaks: "every client: the Service leads nowhere", Mend: "start the pods, or correct the Service's selector; kubectl describe pods says why one does not get ready"}
	RuleNotReady = lint.Rule{ID: "not-ready", Severity: lint.Warning,
		Breaks: "clients that are still connected to this pod; the others reach pods that are ready", Mend: "kubectl describe pod and kubectl logs say why it does not get ready"}
	RuleTargetPort = lint.Rule{ID: "target-port", Severity: lint.Error,
		Breaks: "every client of this port", Mend: "give the Service the targetPort that the pods listen on"}
	RuleMountMissing = lint.Rule{ID: "mount-missing", Severity: lint.Error,
		Breaks: "nginx, which does not start, or serves a file of its image", Mend: "mount the Secret where the configuration looks for it, or correct the path there"}
	RuleConfMismatch = lint.Rule{ID: "conf-mismatch", Severity: lint.Error,
		Breaks: "nginx, which does not start the next time", Mend: "name a key that the Secret has, or put the missing one into the Secret; certgen apply NAME --bundle nginx makes both fit"}
	RuleSubPath = lint.Rule{ID: "sub-path", Severity: lint.Warning,
		Breaks: "renewals: a file mounted with a subPath does not change until its container restarts", Mend: "mount the whole volume as a directory"}
	RuleStaleCertificate = lint.Rule{ID: "stale-certificate", Severity: lint.Error,
		Breaks: "clients that reach this pod: it serves the old certificate, which will expire and which a new ca.crt does not verify", Mend: "replace the pod: kubectl rollout restart; certgen apply --restart does it whenever the certificate changes"}
	RuleNotInSecret = lint.Rule{ID: "not-in-secret", Severity: lint.Error,
		Breaks: "clients that trust the Secret's ca.crt; renewing the Secret changes nothing here", Mend: "have the server use the Secret, or name the one that it uses with --secret"}
)

// liveRules are in the order in which they are reported.
func liveRules() []lint.Rule {
	return []lint.Rule{
		RuleNoEndpoints, RuleNotReady, RuleTargetPort, RuleMountMissing, RuleConfMismatch, RuleSubPath, RuleStaleCertificate, RuleNotInSecret,
	}
}

// AllRules returns every rule there is: those for Secrets, for certificates, for servers, and for Services.
func AllRules() []lint.Rule {
	return slices.Concat(secrets.Rules(), lint.Rules(), probe.Rules(), liveRules())
}
