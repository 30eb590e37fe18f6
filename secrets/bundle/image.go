package bundle

import (
	"regexp"
	"strings"

	"certgen/certs/pki"
)

// FieldImage is the field that problems of a container image name.
const FieldImage pki.Field = "image"

// imageReference is [registry[:port]/]name[:tag][@digest]. The API server takes nearly any text, and a
// typing error would show only as pods that never start (InvalidImageName):
// https://pkg.go.dev/github.com/distribution/reference
const imageReference = `^` +
	`(([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(:[0-9]{1,5})?/)?` +
	`[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*` +
	`(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?` +
	`(@[A-Za-z0-9+._-]+:[0-9A-Fa-f]{32,})?$`

// ImageProblems returns what is wrong with a reference to a container image.
func ImageProblems(image string) pki.Problems {
	// Compiled here and not once for all: only a run that makes a bundle needs it.
	if regexp.MustCompile(imageReference).MatchString(image) {
		return nil
	}
	p := pki.Problem{
		Field: FieldImage, Value: image,
		Reason: "must be an image reference: [registry/]name[:tag][@digest], the name in lower case",
		Hint:   "for example nginx:stable or registry.example/team/nginx:1.28",
	}
	if strings.Contains(image, "://") {
		p.Hint = "leave out the scheme: an image reference is not a URL"
	}
	return pki.Problems{p}
}
