package cmd_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"certgen/cmd"
)

// Main runs one command line. Standard output carries the result alone.
func ExampleMain() {
	var out, messages bytes.Buffer
	code := cmd.Main(context.Background(), []string{"create", "nginxsecret"}, cmd.IOStreams{Out: &out, Err: &messages})
	manifest, _, _ := strings.Cut(out.String(), "\n  annotations:")
	fmt.Printf("exit %d\n%s\n", code, manifest)

	code = cmd.Main(context.Background(), []string{"create", "web"}, cmd.IOStreams{Out: &out, Err: &messages})
	fmt.Println("exit", code)
	// Output:
	// exit 0
	// ---
	// apiVersion: v1
	// kind: Secret
	// metadata:
	//   name: nginxsecret
	//   namespace: default
	//   labels:
	//     app.kubernetes.io/managed-by: certgen
	// exit 2
}
