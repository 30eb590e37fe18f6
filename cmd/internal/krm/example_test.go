package krm_test

import (
	"fmt"
	"strings"

	"certgen/cmd/internal/krm"
)

// An object takes the place of another, and gets its notes of where it is from.
func Example() {
	list, err := krm.Read(strings.NewReader(`apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: cert-manager.io/v1
  kind: Certificate
  metadata:
    name: web
    annotations: {config.kubernetes.io/path: web.yaml}
`))
	if err != nil {
		panic(err)
	}
	answer := krm.NewAnswer(list)
	source := list.Sources()[0].Name
	if err := answer.Add(source, []byte("apiVersion: v1\nkind: Secret\nmetadata:\n  name: web\n")); err != nil {
		panic(err)
	}
	answer.Say(source, krm.Info, "issued")
	text, err := answer.Encode()
	fmt.Printf("%s%v\n", text, err)
	// Output:
	// apiVersion: config.kubernetes.io/v1
	// kind: ResourceList
	// items:
	// - apiVersion: v1
	//   kind: Secret
	//   metadata:
	//     annotations:
	//       config.kubernetes.io/path: "web.yaml"
	//     name: web
	// results:
	// - {"message":"issued","severity":"info","resourceRef":{"apiVersion":"cert-manager.io/v1","kind":"Certificate","name":"web"},"file":{"path":"web.yaml","index":0}}
	// <nil>
}
