package provision

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"certgen/certs/pki"
	"certgen/secrets"
	"certgen/secrets/cluster"
)

// Cluster is an API server: Secrets and what uses them, by server-side apply. With a dry run among its options it
// only tells what it would do.
type Cluster struct {
	Server  *cluster.Cluster
	Options cluster.ApplyOptions
	Restart bool // a new certificate is followed by new pods of all workloads in the namespace that use the Secret
	Later   bool // with Restart: whoever runs the store restarts them; the Secret says that this is due
}

// Load finds what the cluster would refuse of an order with a bundle, all at once, and reads the Secrets. One that certgen
// may not touch is an error.
func (s *Cluster) Load(ctx context.Context, orders []Order, each func(i int, read func() (Held, error)) error) error {
	names := make([]cluster.SecretName, len(orders))
	index := make(map[cluster.SecretName]int, len(orders))
	for i, order := range orders {
		if secret, others := objects(order, pki.PEM{}); len(others) > 0 {
			secret.Data = nil // it is not decided yet
			if err := s.Server.Check(ctx, append([]runtime.Object{secret}, others...), s.Options); err != nil {
				return err
			}
		}
		if s.Restart && !s.Later {
			if err := s.Server.CheckRestart(ctx, order.Secret.Namespace); err != nil {
				return err
			}
		}
		names[i] = cluster.SecretName{Namespace: order.Secret.Namespace, Name: order.Secret.Name}
		if _, twice := index[names[i]]; twice {
			return fmt.Errorf("secret/%s in namespace %s is ordered twice", names[i].Name, names[i].Namespace)
		}
		index[names[i]] = i
	}
	return s.Server.LoadSecrets(ctx, names, func(name cluster.SecretName, read func() (*corev1.Secret, error)) error {
		order := orders[index[name]]
		return each(index[name], func() (Held, error) {
			live, err := read()
			if err != nil {
				return Held{}, s.denied(ctx, err, order)
			}
			if live == nil {
				return Held{}, nil
			}
			if err := s.Server.CheckSecret(secrets.New(order.Secret, pki.PEM{}, order.Immutable), live, s.Options); err != nil {
				return Held{}, err
			}
			return Held{PEM: secrets.PEMOf(live), place: "secret/" + live.Name, state: live}, nil
		})
	})
}

// Save applies the Secret, then the bundle, and then restarts what is to be.
func (s *Cluster) Save(ctx context.Context, held Held, r *Result) error {
	live, _ := held.state.(*corev1.Secret)
	secret, others, err := r.objects(live)
	if err != nil {
		return err
	}
	fresh := string(held.PEM.Cert) != string(r.PEM.Cert)
	if fresh {
		if err := s.rehearse(ctx, others); err != nil {
			return err
		}
	}
	applied, err := s.Server.PutSecret(ctx, secret, live, s.Restart && fresh, s.Options)
	if errors.As(err, new(*cluster.Overtaken)) {
		return changed{err}
	}
	if err != nil {
		return s.denied(ctx, err, r.Order)
	}
	done, err := s.Server.Objects(ctx, others, s.Options)
	r.Objects = append([]cluster.Applied{applied}, done...)
	if err != nil || !s.Restart || s.Later || !applied.RestartDue() {
		return err
	}
	restarted, err := s.Server.Restart(ctx, applied, done, s.Options)
	r.Objects = append(r.Objects, restarted...)
	return err
}

// denied adds to the denial of one right all others that the user lacks to bring about an order.
func (s *Cluster) denied(ctx context.Context, err error, order Order) error {
	secret, others := objects(order, pki.PEM{})
	return s.Server.DeniedToApply(ctx, err, append([]runtime.Object{secret}, others...), s.Options)
}

// rehearse has the server try the bundle before a new pair takes the place of the old one, which its pods could then
// not follow: a conflict, a quota or a rule of the cluster stops the order while nothing has changed.
func (s *Cluster) rehearse(ctx context.Context, objs []runtime.Object) error {
	if s.Options.DryRun != cluster.DryRunNone || len(objs) == 0 {
		return nil
	}
	options := s.Options
	options.DryRun = cluster.DryRunServer
	_, err := s.Server.Objects(ctx, objs, options)
	return err
}
