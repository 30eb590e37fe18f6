package cluster

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	appsv1 "k8s.io/api/apps/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// Right is what a user may do with objects: a verb of the API, on one object or, without a name, on all of a kind
// in a namespace.
type Right struct {
	Verb string
	On   Reference

	Subresource string // such as "portforward"; mostly ""
}

// String words a right in the terms of a Role: "get secrets/web-tls", "create pods/portforward".
func (r Right) String() string {
	text := r.Verb + " " + r.On.resource()
	if group := r.group(); group != "" {
		text += "." + group
	}
	if last := cmp.Or(r.Subresource, r.On.Name); last != "" {
		text += "/" + last
	}
	return text
}

// group is the API group, "" for the core one.
func (r Right) group() string {
	group, _, ok := strings.Cut(r.On.Group, "/")
	if !ok {
		return ""
	}
	return group
}

// missedBy reports whether err, a denial, is for want of this right.
func (r Right) missedBy(err error) bool {
	resource := r.On.resource()
	if r.Subresource != "" {
		resource += "/" + r.Subresource
	}
	return strings.Contains(err.Error(), fmt.Sprintf("cannot %s resource %q in API group %q", r.Verb, resource, r.group()))
}

// Allowed asks whether this user has a right.
func (c *Cluster) Allowed(ctx context.Context, r Right) (bool, error) {
	body, err := json.Marshal(authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Namespace: r.On.Namespace, Name: r.On.Name, Verb: r.Verb, Group: r.group(), Resource: r.On.resource(), Subresource: r.Subresource,
		},
	}})
	if err != nil {
		return false, err
	}
	answer := c.Client.Post().AbsPath("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews").Body(body).MaxRetries(0).Do(ctx)
	if err := answer.Error(); err != nil {
		return false, err
	}
	if body, err = answer.Raw(); err != nil {
		return false, err
	}
	var review authorizationv1.SelfSubjectAccessReview
	err = json.Unmarshal(body, &review)
	return review.Status.Allowed, err
}

// Denial is the server's refusal of a request for want of a right, with the other rights that the command
// needs and its user lacks.
type Denial struct {
	Err    error
	Others []Right
}

func (d *Denial) Error() string {
	var others []string
	for _, right := range d.Others {
		others = append(others, right.String())
	}
	return fmt.Sprintf("%v; nor may you %s", d.Err, strings.Join(others, ", "))
}

func (d *Denial) Unwrap() error { return d.Err }

// IsDenied reports whether err is the refusal of a request for want of a right, and not by another rule of the cluster.
func IsDenied(err error) bool {
	return apierrors.IsForbidden(err) && strings.Contains(err.Error(), "is forbidden: User")
}

// Denied returns err; where it is a denial, with those of the rights that the user lacks as well, so that they
// can be asked for at once. Where the server does not tell, err stays as it is.
func (c *Cluster) Denied(ctx context.Context, err error, rights []Right) error {
	if known := (*Denial)(nil); !IsDenied(err) || errors.As(err, &known) {
		return err
	}
	lacking := make([]bool, len(rights))
	var group sync.WaitGroup
	for i, right := range rights {
		group.Go(func() {
			allowed, asked := c.Allowed(ctx, right)
			lacking[i] = asked == nil && !allowed
		})
	}
	group.Wait()
	var others []Right
	for i, right := range rights {
		if lacking[i] && !slices.Contains(others, right) && !right.missedBy(err) {
			others = append(others, right)
		}
	}
	if len(others) == 0 {
		return err
	}
	return &Denial{err, others}
}

// rightsToApply are what it takes to bring the objects about.
func rightsToApply(refs []Reference, o ApplyOptions) (rights []Right) {
	verbs := []string{"get", "patch", "create"}
	if o.Recreate {
		verbs = append(verbs, "delete")
	}
	for _, ref := range refs {
		for _, verb := range verbs {
			rights = append(rights, Right{Verb: verb, On: ref})
		}
	}
	return rights
}

// rightsToRestart are what [Cluster.Restart] takes.
func rightsToRestart(namespace string) (rights []Right) {
	for _, kind := range WorkloadKinds {
		for _, verb := range []string{"list", "patch"} {
			rights = append(rights, Right{Verb: verb, On: Reference{Kind: kind, Namespace: namespace, Group: appsv1.SchemeGroupVersion.String()}})
		}
	}
	return rights
}
