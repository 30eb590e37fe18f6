package file_test

import (
	"fmt"
	"os"
	"path/filepath"

	"certgen/render/file"
)

// A certificate and its key are replaced together.
func ExampleWriteFiles() {
	folder, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	cert, key := filepath.Join(folder, "tls.crt"), filepath.Join(folder, "tls.key")
	err = file.WriteFiles(
		file.File{Path: cert, Data: []byte("the certificate\n")},
		file.File{Path: key, Data: []byte("the key\n"), Private: true},
	)
	data, readErr := file.ReadFile(key)
	fmt.Printf("%v %v %q\n", err, readErr, data)
	fmt.Println("everybody can read the key:", file.ReadableByAll(key))
	// Output:
	// <nil> <nil> "the key\n"
	// everybody can read the key: false
}
