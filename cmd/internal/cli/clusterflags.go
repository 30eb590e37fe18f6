package cli

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"certgen/secrets/cluster"
)

// ClusterFlags say which cluster, as kubectl's flags of the same names do.
type ClusterFlags struct {
	kubeconfig     string
	overrides      clientcmd.ConfigOverrides
	requestTimeout string
}

// AddTo adds the flags to a command that has --namespace already.
func (f *ClusterFlags) AddTo(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.kubeconfig, "kubeconfig", "", "the kubeconfig file (default $KUBECONFIG, or .kube/config in the home folder)")
	flags.StringVar(&f.overrides.CurrentContext, "context", "", "the kubeconfig's context to use")
	flags.StringVar(&f.overrides.Context.Cluster, "cluster", "", "the kubeconfig's cluster to use")
	flags.StringVar(&f.overrides.Context.AuthInfo, "user", "", "the kubeconfig's user to use")
	flags.StringVar(&f.overrides.ClusterInfo.Server, "server", "", "the address of the API server")
	flags.StringVar(&f.overrides.AuthInfo.Token, "token", "", "the bearer token for the API server")
	flags.StringVar(&f.overrides.AuthInfo.Impersonate, "as", "", "the user to act as")
	flags.StringArrayVar(&f.overrides.AuthInfo.ImpersonateGroups, "as-group", nil, "a group to act as; repeats")
	flags.StringVar(&f.requestTimeout, "request-timeout", "", "how long one request may take, such as 10s (default 30s)")
	CompleteFlag(cmd, "namespace", func(ctx context.Context, _ string) []string { return f.names(ctx, kindNamespace, "") })
	CompleteFlag(cmd, "context", func(context.Context, string) []string { return slices.Sorted(maps.Keys(f.kubeconfigured().Contexts)) })
	CompleteFlag(cmd, "cluster", func(context.Context, string) []string { return slices.Sorted(maps.Keys(f.kubeconfigured().Clusters)) })
	CompleteFlag(cmd, "user", func(context.Context, string) []string { return slices.Sorted(maps.Keys(f.kubeconfigured().AuthInfos)) })
}

// Names are the names of the flags.
func (f *ClusterFlags) Names() []string {
	return []string{"kubeconfig", "context", "cluster", "user", "server", "token", "as", "as-group", "request-timeout"}
}

// Words are the flags that were given, for a kubectl command to paste. The token is left out: it is a secret.
func (f *ClusterFlags) Words() []string {
	var words []string
	for _, flag := range []struct{ name, value string }{
		{"--kubeconfig", f.kubeconfig},
		{"--context", f.overrides.CurrentContext},
		{"--cluster", f.overrides.Context.Cluster},
		{"--user", f.overrides.Context.AuthInfo},
		{"--server", f.overrides.ClusterInfo.Server},
		{"--as", f.overrides.AuthInfo.Impersonate},
	} {
		if flag.value != "" {
			words = append(words, flag.name, flag.value)
		}
	}
	for _, group := range f.overrides.AuthInfo.ImpersonateGroups {
		words = append(words, "--as-group", group)
	}
	return words
}

// Config is the connection that the flags and the kubeconfig name, with its namespace.
func (f *ClusterFlags) Config(namespace string) clientcmd.ClientConfig {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = f.kubeconfig
	overrides := f.overrides
	overrides.Context.Namespace = namespace
	return clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &overrides)
}

// kubeconfigured is what the kubeconfig holds; nothing where it cannot be read.
func (f *ClusterFlags) kubeconfigured() clientcmdapi.Config {
	config, _ := f.Config("").RawConfig()
	return config
}

// Connect prepares the connection.
func (f *ClusterFlags) Connect(config clientcmd.ClientConfig, streams IOStreams) (*cluster.Cluster, error) {
	restConfig, err := config.ClientConfig()
	if err != nil {
		return nil, BadKubeconfig(err)
	}
	if f.requestTimeout != "" {
		timeout, err := clientcmd.ParseTimeout(f.requestTimeout)
		if err != nil || timeout <= 0 {
			return nil, Usagef("--request-timeout %q: must be a duration above zero, such as 10s", f.requestTimeout)
		}
		restConfig.Timeout = timeout
	}
	var said sync.Map // a rehearsal brings the warnings that the write brings again
	return cluster.Connect(restConfig, func(warning string) {
		if _, again := said.LoadOrStore(warning, true); !again {
			streams.Printf("Warning: %s", warning)
		}
	})
}

// Open prepares the connection that the flags and the kubeconfig name, and returns the namespace of what is named without one: the one
// given, else the kubeconfig's.
func (f *ClusterFlags) Open(namespace string, streams IOStreams) (*cluster.Cluster, string, error) {
	config := f.Config(namespace)
	namespace, _, err := config.Namespace()
	if err != nil {
		return nil, "", BadKubeconfig(err)
	}
	server, err := f.Connect(config, streams)
	return server, namespace, err
}

// BadKubeconfig says what to do about a kubeconfig that names no cluster.
func BadKubeconfig(err error) error {
	if clientcmd.IsEmptyConfig(err) {
		return WithHint(errors.New("no cluster: there is no kubeconfig, and this is not a pod"), "name one with --kubeconfig or KUBECONFIG; certgen create needs no cluster")
	}
	return WithHint(fmt.Errorf("kubeconfig: %w", err), "kubectl config view shows what the kubeconfig holds; certgen create needs none")
}

// Explain adds to an error of the cluster what to do about it.
func Explain(err error) error {
	hint := ""
	hints := cluster.Hints(err)
	var unreachable *cluster.Unreachable
	var untrusted *tls.CertificateVerificationError
	switch {
	case err == nil:
		return nil
	case len(hints) > 0:
		hint = strings.Join(hints, "; ")
	case apierrors.IsUnauthorized(err):
		hint = "the token or certificate in the kubeconfig is not accepted or has expired: log in again"
	case cluster.IsDenied(err):
		hint = "ask for a Role that allows this verb on this resource; kubectl auth can-i --list shows what you may do"
	case apierrors.IsForbidden(err), strings.Contains(err.Error(), "denied the request"), strings.Contains(err.Error(), "denied request"):
		hint = "it is not certgen that refuses this, but a rule of the cluster; those who run it can say what it wants"
	case apierrors.IsNotFound(err) && missingNamespace(err) != "":
		hint = "make the namespace first: kubectl create namespace " + missingNamespace(err)
	case strings.Contains(err.Error(), "failed calling webhook"):
		hint = "an admission webhook of the cluster does not work; those who run it can mend it"
	case cluster.Overloaded(err):
		hint = "the API server is overloaded or restarting; run the command again, it goes on where it stopped"
	case apierrors.IsUnexpectedServerError(err):
		hint = "what answers there may not be an API server: check --server, --context and the proxy"
	case apierrors.IsConflict(err):
		hint = "another program keeps changing it; kubectl get -o yaml --show-managed-fields says which"
	case errors.As(err, &untrusted):
		hint = "the kubeconfig trusts another certificate authority than this server's: check --context, --cluster and --server"
	case errors.As(err, &unreachable) && strings.Contains(err.Error(), "getting credentials: exec"):
		hint = "the credential plugin of the kubeconfig's user does not work: run its command by hand, or log in again"
	case errors.As(err, &unreachable) && unreachable.Within > 0:
		hint = "--request-timeout sets how long to wait; run the command again, it goes on where it stopped"
	case errors.As(err, &unreachable):
		hint = "the API server cannot be reached: check --context, --server and the network"
	default:
		return err
	}
	return WithHint(err, "%s", hint)
}

// ExplainIn is [Explain], which of an object that does not exist also says whose name is nearly the one given.
// Who may not list the objects is told nothing.
func ExplainIn(ctx context.Context, c *cluster.Cluster, err error) error {
	var refusal *cluster.Refusal
	if !errors.As(err, &refusal) || refusal.Missing == nil || len(refusal.Missing.Name) <= Misspelt { // of one or two letters all may be wrong
		return Explain(err)
	}
	missing := *refusal.Missing
	names, _ := c.Names(ctx, missing.Kind, missing.Namespace)
	near := similar(missing.Name, names)
	if len(near) == 0 {
		return Explain(err)
	}
	missing.Name = slices.MinFunc(near, func(a, b string) int { return cmp.Compare(len(a), len(b)) })
	return WithHint(err, "did you mean %s? %s", missing, refusal.Hint)
}

// missingNamespace is the namespace that an error says does not exist; "" where it speaks of anything else.
func missingNamespace(err error) string {
	var status apierrors.APIStatus
	if !errors.As(err, &status) || status.Status().Details == nil || status.Status().Details.Kind != "namespaces" {
		return ""
	}
	return status.Status().Details.Name
}
