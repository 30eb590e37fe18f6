package service

// proof is what an answer on a path shows, and what it does not.
type proof struct{ proves, provesNot string }

// proofs are those of each kind of path.
var proofs = map[PathKind]proof{
	PathClusterIP:    {"the cluster IP leads to a ready pod", "that names resolve; the certificate need not name this address"},
	PathDNS:          {"name, Service and certificate, as clients in the cluster use them", "anything outside the cluster, where these names are unknown"},
	PathPodIP:        {"this pod answers", "that names resolve, or that other pods answer; the certificate need not name this address"},
	PathEnvironment:  {"pods that started after the Service know its address", "that anything answers there; pods that started earlier lack it"},
	PathNodePort:     {"this node passes connections on to a ready pod", "the certificate's names: it does not name nodes"},
	PathLoadBalancer: {"the Service is reached from outside the cluster", "the names inside; the certificate must name what clients outside use"},
	PathExternalIP:   {"the network brings this address to a node of the cluster", "the certificate's names: it need not name this address"},
	PathExternalName: {"the server outside the cluster answers", "its certificate for the Service's names: it shows its own"},
	PathProxy:        {"the API server reaches a ready pod over HTTP, and you may use it", "the certificate, which the API server does not verify; DNS and the Service's own address, which it passes by"},
	PathKubectlProxy: {"as proxy, for programs without credentials, such as a browser", "the certificate, which the API server does not verify; DNS and the Service's own address, which it passes by"},
	PathPortForward:  {"one pod answers, with its own certificate from end to end", "DNS, the Service's own address and the other pods, which it passes by"},
	PathExec:         {"names, Service and certificate, as that pod sees them", "anything outside the cluster"},
}
