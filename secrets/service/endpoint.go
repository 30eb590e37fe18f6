package service

import discoveryv1 "k8s.io/api/discovery/v1"

// endpoint is one address behind a Service.
type endpoint struct {
	address  string
	pod      string // "" where the address is not a pod's
	node     string
	hostname string // its name below the Service's, "" where it has none
	ready    bool
	ports    map[string]int32 // of the pod, by the name of the Service's port
}

// endpointsOf flattens the EndpointSlices of a Service.
func endpointsOf(slices []discoveryv1.EndpointSlice) []endpoint {
	var all []endpoint
	for _, slice := range slices {
		ports := map[string]int32{}
		for _, p := range slice.Ports {
			if p.Port != nil {
				ports[deref(p.Name)] = *p.Port
			}
		}
		for _, e := range slice.Endpoints {
			if len(e.Addresses) == 0 {
				continue
			}
			// An unknown state is to be taken for ready, and all but the first address to be left alone:
			// https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoint-slice-v1/
			end := endpoint{
				address: e.Addresses[0], node: deref(e.NodeName), hostname: deref(e.Hostname), ports: ports,
				ready: e.Conditions.Ready == nil || *e.Conditions.Ready,
			}
			if e.TargetRef != nil && e.TargetRef.Kind == "Pod" {
				end.pod = e.TargetRef.Name
			}
			all = append(all, end)
		}
	}
	return all
}

// deref is the value that p points to, or the zero value.
func deref[T any](p *T) (value T) {
	if p != nil {
		value = *p
	}
	return value
}
