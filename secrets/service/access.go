package service

import (
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"

	"certgen/certs/pki"
	"certgen/secrets"
)

// Access is how a Service can be reached.
type Access struct {
	Namespace string             `json:"namespace"`
	Name      string             `json:"name"`
	Type      corev1.ServiceType `json:"type"`
	Paths     []Path             `json:"paths"`
	Notes     []string           `json:"notes,omitempty"` // what holds for several paths, or could not be found out

	idle    bool     // nothing behind the Service is ready
	leadsTo []string // the addresses, or the one name, to which the Service's names lead
}

// PathKind says by what a path leads to a Service.
type PathKind string

// The kinds, in the order in which they are listed.
const (
	PathClusterIP    PathKind = "cluster-ip"
	PathDNS          PathKind = "dns"         // a name of the cluster's DNS
	PathPodIP        PathKind = "pod-ip"      // of a Service without a cluster IP
	PathEnvironment  PathKind = "environment" // a variable in the pods of the namespace
	PathNodePort     PathKind = "node-port"
	PathLoadBalancer PathKind = "load-balancer"
	PathExternalIP   PathKind = "external-ip"
	PathExternalName PathKind = "external-name"
	PathProxy        PathKind = "proxy"         // the API server's
	PathKubectlProxy PathKind = "kubectl-proxy" // the same through a port of this machine
	PathPortForward  PathKind = "port-forward"
	PathExec         PathKind = "exec"
)

// dialable are the kinds whose address is a TCP address to connect to.
var dialable = []PathKind{
	PathClusterIP, PathDNS, PathPodIP, PathNodePort, PathLoadBalancer, PathExternalIP, PathExternalName,
}

// Path is one way to reach one port of a Service.
type Path struct {
	Kind PathKind `json:"kind"`
	Port *Port    `json:"port,omitempty"` // nil where the path is not for one port
	// Address is host:port for what [Path.Dialable] reports, and for a port-forward, whose port is on this
	// machine; a URL for proxies and exec; NAME=VALUE for the environment. It is empty where it is not
	// known, such as that of a load balancer which has none yet.
	Address string `json:"address,omitempty"`
	Node    string `json:"node,omitempty"` // whose address it is
	Command string `json:"command,omitempty"`

	Proves    string `json:"proves"`       // when it answers
	ProvesNot string `json:"doesNotProve"` // even so
	Usable    Usable `json:"usable"`       // from this machine
	Why       string `json:"why,omitempty"`

	request string // what a proxy is asked for: a path below the API server's address
}

// Usable is whether a path can be used from this machine.
type Usable string

const (
	UsableYes     Usable = "yes"
	UsableNo      Usable = "no"
	UsableUnknown Usable = "unknown"
)

// Dialable reports whether Address is a host and a port to connect to over TCP.
func (p Path) Dialable() bool {
	return slices.Contains(dialable, p.Kind) && p.Address != "" && p.Port != nil && p.Port.Protocol == corev1.ProtocolTCP
}

// Port is a port of a Service.
type Port struct {
	Name        string          `json:"name,omitempty"` // empty only where the Service has no other port
	Number      int32           `json:"number"`
	Protocol    corev1.Protocol `json:"protocol"`
	TargetPort  string          `json:"targetPort"` // of the pods: a number, or a name that each pod gives a number
	NodePort    int32           `json:"nodePort,omitempty"`
	AppProtocol string          `json:"appProtocol,omitempty"`
	HTTPS       bool            `json:"https"` // as far as the Service tells
}

// String is the port as kubectl describe prints it: "https 443/TCP".
func (p Port) String() string {
	text := strconv.Itoa(int(p.Number)) + "/" + string(p.Protocol)
	if p.Name != "" {
		text = p.Name + " " + text
	}
	return text
}

// ValidateAccess returns what is wrong with the names of Services that are to be read, which may start with a
// digit where the API server took them, with their namespace, and with the cluster domain, if one is given.
func ValidateAccess(o AccessOptions, namespace string, services ...string) pki.Problems {
	problems := secrets.Label.Judge(secrets.FieldNamespace, namespace)
	for _, service := range services {
		problems = append(problems, secrets.Label.Judge(secrets.FieldName, service)...)
	}
	if o.ClusterDomain != "" {
		problems = append(problems, secrets.Subdomain.Judge(secrets.FieldClusterDomain, o.ClusterDomain)...)
	}
	return problems
}
