package main

import (
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/cert-manager/cert-manager/internal/apis/certmanager"
	"github.com/cert-manager/cert-manager/internal/apis/certmanager/install"
	"github.com/cert-manager/cert-manager/internal/apis/certmanager/validation"
)

// verdict is what cert-manager's webhook would answer: no errors, or why it refuses.
type verdict struct {
	Errors []string `json:"errors"`
}

// validate judges an object as cert-manager's validating webhook does when it is created.
func validate(object json.RawMessage) verdict {
	scheme := runtime.NewScheme()
	install.Install(scheme)
	decoder := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDecoder(certmanager.SchemeGroupVersion)
	decoded, err := runtime.Decode(decoder, object)
	if err != nil {
		return verdict{[]string{err.Error()}}
	}
	var problems field.ErrorList
	switch decoded.(type) {
	case *certmanager.Certificate:
		problems, _ = validation.ValidateCertificate(nil, decoded)
	case *certmanager.Issuer:
		problems, _ = validation.ValidateIssuer(nil, decoded)
	case *certmanager.ClusterIssuer:
		problems, _ = validation.ValidateClusterIssuer(nil, decoded)
	default:
		return verdict{[]string{fmt.Sprintf("no rules for %T", decoded)}}
	}
	var answer verdict
	for _, problem := range problems {
		answer.Errors = append(answer.Errors, problem.Error())
	}
	return answer
}
