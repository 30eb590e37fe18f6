package service

import (
	"cmp"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	utilnet "k8s.io/apimachinery/pkg/util/net"
)

// portOf reads a port of a Service.
func portOf(p corev1.ServicePort) *Port {
	port := &Port{
		Name: p.Name, Number: p.Port, Protocol: cmp.Or(p.Protocol, corev1.ProtocolTCP),
		TargetPort: p.TargetPort.String(), NodePort: p.NodePort, HTTPS: speaksHTTPS(p),
	}
	if p.TargetPort == intstr.FromInt32(0) { // not set
		port.TargetPort = strconv.Itoa(int(p.Port))
	}
	if p.AppProtocol != nil {
		port.AppProtocol = *p.AppProtocol
	}
	return port
}

// speaksHTTPS tells it by the application protocol; where that says nothing, as kubectl cluster-info does
// by the name and the number, the pods' included, and by the prefix of a name, which is Istio's convention:
// https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/
func speaksHTTPS(p corev1.ServicePort) bool {
	if cmp.Or(p.Protocol, corev1.ProtocolTCP) != corev1.ProtocolTCP {
		return false
	}
	if p.AppProtocol != nil {
		switch strings.ToLower(*p.AppProtocol) {
		case "https", "kubernetes.io/wss":
			return true
		case "http", "kubernetes.io/h2c", "kubernetes.io/ws":
			return false
		}
	}
	name, _, _ := strings.Cut(p.Name, "-")
	return name == "https" || p.Port == 443 || p.TargetPort == intstr.FromInt32(443) || p.TargetPort == intstr.FromString("https")
}

// proxyName is how the API server's proxy is asked for a port of a Service: [https:]NAME[:PORT].
//
// The server looks for endpoints of the port's name, so a port that has one must be named, be it the only
// one. It takes a number for that of a Service's port and finds its name; so a name that is a number has to
// be written as the port's number. A scheme needs both colons: "https:NAME" is the port NAME of a Service
// "https". This is ResourceLocation in
// https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/registry/core/service/storage/storage.go
func proxyName(service string, p Port) string {
	scheme, port := "", p.Name
	if p.HTTPS {
		scheme = "https"
	}
	if _, err := strconv.ParseInt(port, 10, 64); err == nil {
		port = strconv.Itoa(int(p.Number))
	}
	return utilnet.JoinSchemeNamePort(scheme, service, port)
}

// proxyPath is the URL path of the API server's proxy to a port of a Service. It ends in a slash: without it
// the server answers with a redirect to it.
func proxyPath(service corev1.Service, p Port) string {
	return "/api/v1/namespaces/" + service.Namespace + "/services/" + proxyName(service.Name, p) + "/proxy/"
}
