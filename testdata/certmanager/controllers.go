package main

import (
	"context"
	"fmt"
	"sync"

	"github.com/cert-manager/cert-manager/pkg/controller"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/approver"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/ca"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/selfsigned"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/issuing"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/keymanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/readiness"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/requestmanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/revisionmanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/trigger"
	_ "github.com/cert-manager/cert-manager/pkg/controller/clusterissuers"
	_ "github.com/cert-manager/cert-manager/pkg/controller/issuers"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/ca"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/selfsigned"
)

const (
	secretsNamespace = "cert-manager" // where ClusterIssuers look for Secrets, as its chart has it
	workers          = 5              // of a controller, as the real program has it

	// Tests wait for it, and the API server is theirs alone.
	requestsPerSecond, requestsAtOnce = 500, 1000
)

// control runs every controller that the imports above have registered, until ctx ends.
func control(ctx context.Context, kubeconfig string) error {
	factory, err := controller.NewContextFactory(ctx, controller.ContextOptions{
		Kubeconfig:         kubeconfig,
		KubernetesAPIQPS:   requestsPerSecond,
		KubernetesAPIBurst: requestsAtOnce,
		IssuerOptions:      controller.IssuerOptions{ClusterResourceNamespace: secretsNamespace},
		SchedulerOptions:   controller.SchedulerOptions{MaxConcurrentChallenges: 1}, // zero is refused
	})
	if err != nil {
		return err
	}
	shared, err := factory.Build("certmanager")
	if err != nil {
		return err
	}
	var all sync.WaitGroup
	defer all.Wait()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	for name, build := range controller.Known() {
		c, err := build(factory)
		if err != nil {
			return fmt.Errorf("building the controller %s: %w", name, err)
		}
		all.Go(func() {
			if err := c.Run(workers, ctx); err != nil {
				stop(fmt.Errorf("the controller %s: %w", name, err))
			}
		})
	}
	shared.SharedInformerFactory.Start(ctx.Done())
	shared.KubeSharedInformerFactory.Start(ctx.Done())
	fmt.Println("running")
	<-ctx.Done()
	return context.Cause(ctx)
}
