package bundle_test

import (
	"fmt"

	"certgen/secrets/bundle"
)

func ExampleNginx() {
	objects := bundle.Nginx(bundle.NginxOptions{SecretName: "nginxsecret", CertPEM: []byte("the certificate"), Replicas: 1})
	for _, object := range objects {
		fmt.Println(object.GetObjectKind().GroupVersionKind())
	}
	// Output:
	// /v1, Kind=ConfigMap
	// apps/v1, Kind=Deployment
	// /v1, Kind=Service
}

func ExampleNginxOptions_Validate() {
	for _, problem := range (bundle.NginxOptions{Service: "My-Nginx", Type: "ExternalName", Replicas: -1}).Validate() {
		fmt.Println(problem.Field, problem.Value)
	}
	// Output:
	// service My-Nginx
	// serviceType ExternalName
	// replicas -1
}
