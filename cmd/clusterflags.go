package cmd

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/spf13/pflag"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/clientcmd"

	"certgen/secrets"
)

// clusterFlags say which cluster, as kubectl's flags of the same names do.
type clusterFlags struct {
	kubeconfig     string
	overrides      clientcmd.ConfigOverrides
	requestTimeout string
}

func (f *clusterFlags) addTo(flags *pflag.FlagSet) {
	flags.StringVar(&f.kubeconfig, "kubeconfig", "", "the kubeconfig file (default $KUBECONFIG, or .kube/config in the home folder)")
	flags.StringVar(&f.overrides.CurrentContext, "context", "", "the kubeconfig's context to use")
	flags.StringVar(&f.overrides.Context.Cluster, "cluster", "", "the kubeconfig's cluster to use")
	flags.StringVar(&f.overrides.Context.AuthInfo, "user", "", "the kubeconfig's user to use")
	flags.StringVar(&f.overrides.ClusterInfo.Server, "server", "", "the address of the API server")
	flags.StringVar(&f.overrides.AuthInfo.Token, "token", "", "the bearer token for the API server")
	flags.StringVar(&f.overrides.AuthInfo.Impersonate, "as", "", "the user to act as")
	flags.StringArrayVar(&f.overrides.AuthInfo.ImpersonateGroups, "as-group", nil, "a group to act as; repeats")
	flags.StringVar(&f.requestTimeout, "request-timeout", "", "how long one request may take, such as 10s (default 30s)")
}

// config is the connection that the flags and the kubeconfig name, with its namespace.
func (f *clusterFlags) config(namespace string) clientcmd.ClientConfig {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = f.kubeconfig
	overrides := f.overrides
	overrides.Context.Namespace = namespace
	return clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &overrides)
}

// connect prepares the connection.
func (f *clusterFlags) connect(config clientcmd.ClientConfig, streams IOStreams) (*secrets.Cluster, error) {
	restConfig, err := config.ClientConfig()
	if clientcmd.IsEmptyConfig(err) {
		return nil, withHint(errors.New("no cluster: there is no kubeconfig, and this is not a pod"), "name one with --kubeconfig or KUBECONFIG; certgen create needs no cluster")
	}
	if err != nil {
		return nil, fmt.Errorf("kubeconfig: %w", err)
	}
	if f.requestTimeout != "" {
		timeout, err := time.ParseDuration(f.requestTimeout)
		if err != nil || timeout <= 0 {
			return nil, usagef("--request-timeout %q: must be a duration such as 10s", f.requestTimeout)
		}
		restConfig.Timeout = timeout
	}
	return secrets.Connect(restConfig, func(warning string) { streams.printf("Warning: %s", warning) })
}

// explain adds to an error of the cluster what to do about it.
func explain(err error) error {
	var refusal *secrets.Refusal
	var network net.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refusal):
		return withHint(err, "%s", refusal.Hint)
	case apierrors.IsUnauthorized(err):
		return withHint(err, "the token or certificate in the kubeconfig is not accepted or has expired: log in again")
	case apierrors.IsForbidden(err) && strings.Contains(err.Error(), "is forbidden: User"):
		return withHint(err, "ask for a Role that allows this verb on this resource; kubectl auth can-i --list shows what you may do")
	case apierrors.IsNotFound(err) && strings.Contains(err.Error(), "namespaces "):
		return withHint(err, "make the namespace first: kubectl create namespace NAME")
	case apierrors.IsTooManyRequests(err) || apierrors.IsServiceUnavailable(err) || apierrors.IsInternalError(err) || apierrors.IsServerTimeout(err):
		return withHint(err, "the API server is overloaded or restarting; run the command again, it goes on where it stopped")
	case errors.As(err, &network) && network.Timeout():
		return withHint(err, "the API server does not answer in time; --request-timeout sets how long to wait")
	case errors.As(err, &network):
		return withHint(err, "the API server cannot be reached: check --context, --server and the network")
	}
	return err
}
