package order

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
	"certgen/render/file"
	"certgen/secrets"
	"certgen/secrets/bundle"
	"certgen/secrets/provision"
)

// The bundles.
const (
	bundleNginx = "nginx"
	bundleCurl  = "curl"
)

// bundleFlags say what is rendered beside the Secret.
type bundleFlags struct {
	bundle      string
	serviceType string
	replicas    int32
	image       string
	conf        string
	ipv6        bool
}

func (f *bundleFlags) addTo(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.bundle, "bundle", "", "add what uses the Secret: nginx (ConfigMap, Deployment, Service) or curl (a client)")
	cli.CompleteWords(cmd, "bundle", bundles())
	flags.StringVar(&f.serviceType, "service-type", string(corev1.ServiceTypeNodePort), "the bundle's Service: ClusterIP, NodePort or LoadBalancer")
	cli.CompleteWords(cmd, "service-type", secrets.ServiceTypes())
	flags.Int32Var(&f.replicas, "replicas", 1, "how many pods the bundle runs")
	flags.StringVar(&f.image, "image", "", "the bundle's container image (default "+bundle.NginxImage+" or "+bundle.CurlImage+")")
	flags.StringVar(&f.conf, "conf", "", "a default.conf of your own for the bundle's nginx")
	flags.BoolVar(&f.ipv6, "ipv6", false, "let the bundle's nginx listen on IPv6 too; it does not start on a node without")
}

// bundles are what --bundle takes.
func bundles() []string { return []string{bundleNginx, bundleCurl} }

// validate finds flags that have no effect.
func (f *bundleFlags) validate(flags *pflag.FlagSet) error {
	serving := []string{"service-type", "replicas", "conf", "ipv6"}
	switch f.bundle {
	case bundleNginx:
		return nil
	case bundleCurl:
	case "":
		serving = append(serving, "image")
	default:
		return cli.Usagef("--bundle %q: the bundles are %s", f.bundle, strings.Join(bundles(), " and "))
	}
	for _, flag := range serving {
		if flags.Changed(flag) {
			if f.bundle == "" {
				return cli.Usagef("--%s requires --bundle", flag)
			}
			return cli.Usagef("--%s cannot be used with --bundle %s", flag, f.bundle)
		}
	}
	return nil
}

// resolve returns the bundle, and all that is wrong with the flags.
func (f *bundleFlags) resolve(t Target) (provision.Bundle, pki.Problems, error) {
	switch f.bundle {
	case bundleNginx:
		options := bundle.NginxOptions{
			Service:    t.Service,
			Namespace:  t.Secret.Namespace,
			SecretName: t.Secret.Name,
			Image:      f.image,
			Type:       corev1.ServiceType(f.serviceType),
			Replicas:   f.replicas,
			IPv6:       f.ipv6,
		}
		if f.conf != "" {
			conf, err := file.ReadFile(f.conf)
			if err != nil {
				return provision.Bundle{}, nil, fmt.Errorf("--conf: %w", err)
			}
			if len(bytes.TrimSpace(conf)) == 0 {
				return provision.Bundle{}, nil, fmt.Errorf("--conf %s: the file is empty", f.conf)
			}
			options.Conf = string(conf)
		}
		objects := func(certPEM []byte) []runtime.Object {
			options.CertPEM = certPEM
			return bundle.Nginx(options)
		}
		names := secrets.ServiceNames(cmp.Or(t.Service, secrets.TutorialService), cmp.Or(t.Secret.Namespace, "default"), secrets.ClusterDomain)
		return provision.Bundle{Objects: objects, ServedAs: names}, options.Validate(), nil
	case bundleCurl:
		options := bundle.CurlOptions{Namespace: t.Secret.Namespace, SecretName: t.Secret.Name, Image: f.image}
		return provision.Bundle{Objects: func([]byte) []runtime.Object { return bundle.Curl(options) }, NeedsRoot: "--bundle " + bundleCurl}, options.Validate(), nil
	}
	return provision.Bundle{}, nil, nil
}
