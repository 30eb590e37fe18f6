// Package krm reads and writes ResourceLists, by which kustomize and kpt talk to functions:
// https://github.com/kubernetes-sigs/kustomize/blob/master/cmd/config/docs/api-conventions/functions-spec.md
//
// [Read] takes a ResourceList apart into sources for certmanager.Run; an [Answer] is what the function gives back.
package krm
