package render_test

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"certgen/render"
)

func ExampleEncode() {
	text, err := render.Encode(render.YAML, &corev1.ConfigMap{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"},
		ObjectMeta: metav1.ObjectMeta{Name: "nginxconfigmap", Labels: map[string]string{"on": "true"}},
		Data:       map[string]string{"default.conf": "server {\n  listen 443 ssl;\n}\n"},
	})
	fmt.Printf("%s%v\n", text, err)
	// Output:
	// ---
	// apiVersion: v1
	// kind: ConfigMap
	// metadata:
	//   name: nginxconfigmap
	//   labels:
	//     "on": "true"
	// data:
	//   default.conf: |
	//     server {
	//       listen 443 ssl;
	//     }
	// <nil>
}

// A manifest that is to be judged is read document by document.
func ExampleDocuments() {
	manifest := "kind: Secret\nmetadata: {name: web-tls}\n---\nkind: Service\n---\nkind: Secret\nkind: Secret\n"
	for document, err := range render.Documents(strings.NewReader(manifest)) {
		if err != nil {
			panic(err)
		}
		secrets, others, err := document.Secrets()
		fmt.Println("line", document.Line, "Secrets:", len(secrets), "others:", others, err)
	}
	// Output:
	// line 1 Secrets: 1 others: 0 <nil>
	// line 3 Secrets: 0 others: 1 <nil>
	// line 5 Secrets: 0 others: 0 document 3, from line 5 on: line 7: the key "kind" is there already, in line 6; is a line "---" missing between two objects?
}
