package secrets

import (
	"slices"

	"certgen/certs"
	"certgen/certs/served"
)

// The rules for a Service and for what serves behind it, in the order in which they are reported.
var (
	RuleNoEndpoints = certs.Rule{ID: "no-endpoints", Severity: certs.Error,
		Breaks: "every client: the Service leads nowhere", Mend: "start the pods, or correct the Service's selector; kubectl describe pods says why one does not get ready"}
	RuleNotReady = certs.Rule{ID: "not-ready", Severity: certs.Warning,
		Breaks: "nobody, as long as other pods are ready; clients that are connected to this one", Mend: "kubectl describe pod and kubectl logs say why it does not get ready"}
	RuleTargetPort = certs.Rule{ID: "target-port", Severity: certs.Error,
		Breaks: "every client of this port", Mend: "give the Service the targetPort that the pods listen on"}
	RuleMountMissing = certs.Rule{ID: "mount-missing", Severity: certs.Error,
		Breaks: "nginx, which does not start, or serves a file of its image", Mend: "mount the Secret where the configuration looks for it, or correct the path there"}
	RuleConfMismatch = certs.Rule{ID: "conf-mismatch", Severity: certs.Error,
		Breaks: "nginx, which does not start the next time", Mend: "name a key that the Secret has, or put the missing one into the Secret; certgen apply NAME --bundle nginx makes both fit"}
	RuleSubPath = certs.Rule{ID: "sub-path", Severity: certs.Warning,
		Breaks: "renewals: a file that is mounted with a subPath stays as it is until its container is started anew", Mend: "mount the whole volume as a directory"}
	RuleStaleCertificate = certs.Rule{ID: "stale-certificate", Severity: certs.Error,
		Breaks: "clients that meet this pod: they get the certificate from before, which expires, and which a new ca.crt does not verify", Mend: "replace the pod: kubectl rollout restart; certgen apply --restart does it whenever the certificate changes"}
	RuleNotInSecret = certs.Rule{ID: "not-in-secret", Severity: certs.Error,
		Breaks: "clients that trust the Secret's ca.crt; a renewal of the Secret changes nothing here", Mend: "have the server use the Secret, or name the one that it uses with --secret"}
)

// liveRules are in the order in which they are reported.
func liveRules() []certs.Rule {
	return []certs.Rule{
		RuleNoEndpoints, RuleNotReady, RuleTargetPort, RuleMountMissing, RuleConfMismatch, RuleSubPath, RuleStaleCertificate, RuleNotInSecret,
	}
}

// AllRules returns every rule there is: those for Secrets, for certificates, for servers, and for Services.
func AllRules() []certs.Rule {
	return slices.Concat(Rules(), certs.Rules(), served.Rules(), liveRules())
}
