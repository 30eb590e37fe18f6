package cmd

import (
	"github.com/spf13/cobra"

	"certgen/cmd/internal/cli"
)

func newCACmd(streams cli.IOStreams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ca",
		Short: "Make a certification authority that signs certificates",
		Long: `Make a certification authority (CA) of your own. ca create keeps it in files or prints it, ca apply puts it
into a cluster. What it signs is made by certgen create and apply: --ca-cert names its files, and --ca-secret
its Secret in a cluster.`,
		Example: `  # A CA, and a certificate that it signs
  certgen ca create pki --out ca.yaml
  certgen create web --dns web.example.com --ca-cert ca.yaml --out web.yaml`,
		Args: noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.SuggestionsMinimumDistance = cli.Misspelt
	cmd.AddCommand(newCACreateCmd(streams), newCAApplyCmd(streams))
	return cmd
}

func newCACreateCmd(streams cli.IOStreams) *cobra.Command {
	o := &createOptions{streams: streams}
	cmd := &cobra.Command{
		Use:   "create NAME",
		Short: "Make a CA and print it as a Secret, or keep it in files",
		Long: `Make a key and the certificate of a CA, and render them as a Kubernetes Secret of type kubernetes.io/tls,
with tls.crt, tls.key and ca.crt, or as PEM. NAME is the Secret's name and, without --subject or
--common-name, the CA's. It is a root, signed with its own key, unless --ca-cert names the CA above it.
That is held to: no path length, name constraint or life goes beyond what it may certify.

The permit and exclude flags bound what it may certify, and every CA below it (name constraints). A kind
of name of which they say nothing is free: --permit-dns alone lets it certify every IP address. To
permit none, exclude all: --exclude-ip 0.0.0.0/0,::/0.

It signs for 10 years. Keep its key where servers have no access. With --out, or --cert-out and --key-out,
a second run changes nothing as long as the CA still is what the flags ask for and is not due. Otherwise a
new key and certificate take its place, and certgen says why: then give clients the new root, and make anew
what the old key signed. A server's pair is never replaced by a CA's, or a CA's by a server's.

An extended usage, as --usages "server auth", restricts what the CA may certify for.`,
		Example: `  # A root, and a certificate that it signs
  certgen ca create pki --out ca.yaml
  certgen create web --service web --ca-cert ca.yaml --out web.yaml

  # An intermediate for one domain and some addresses, with no CA below it
  certgen ca create shop --ca-cert ca.yaml --path-length 0 --permit-dns shop.example --permit-ip 10.0.0.0/8

  # The certificate and the key as PEM files, for five years
  certgen ca create root --common-name "Example CA" --duration 1825d --cert-out root.crt --key-out root.key

  # RSA, for clients that know nothing else
  certgen ca create old --subject 'CN=Example CA,O=Example' --key-algorithm rsa --key-size 4096`,
		Args: oneCA,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), cmd.Flags(), args[0])
		},
	}
	o.want.AddAuthorityTo(cmd)
	o.addTo(cmd)
	return cmd
}

func newCAApplyCmd(streams cli.IOStreams) *cobra.Command {
	o := &applyOptions{streams: streams}
	cmd := &cobra.Command{
		Use:   "apply NAME",
		Short: "Make a CA and put it into a cluster as a Secret",
		Long: `Make a key and the certificate of a CA, as certgen ca create does, and put them into a cluster as a Secret,
with server-side apply. A second run writes nothing as long as the CA in the cluster still is what the
flags ask for and is not due. Who may read the Secret can sign in the CA's name: keep it in a namespace
of its own.

It is a root, signed with its own key, unless --ca-cert or --ca-secret names the CA above it. certgen apply
--ca-secret signs with it, and cert-manager does with an issuer of the kind CA.`,
		Example: `  # A root in the namespace pki, and a certificate in shop that it signs
  certgen ca apply root-ca -n pki
  certgen apply web-tls --service web -n shop --ca-secret pki/root-ca

  # An intermediate under it, for the namespace's own names
  certgen ca apply shop-ca -n shop --ca-secret pki/root-ca --path-length 0 --permit-dns shop.svc

  # Only say what would be done
  certgen ca apply root-ca -n pki --dry-run=client`,
		Args: oneCA,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), cmd.Flags(), args[0])
		},
	}
	o.want.AddAuthorityTo(cmd)
	o.addTo(cmd)
	o.addOutputTo(cmd)
	return cmd
}

// oneCA is [cli.OneName] with a hint for CAs.
func oneCA(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cli.WithHint(cli.Usagef("the NAME of the Secret is missing"), "such as: %s pki", cmd.CommandPath())
	}
	return cli.OneName(cmd, args)
}
