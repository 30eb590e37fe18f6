package cmd

import (
	"time"

	"github.com/spf13/cobra"

	"certgen/cmd/internal/cli"
	"certgen/cmd/internal/renewing"
	"certgen/secrets/cluster"
)

func newRenewCmd(streams cli.IOStreams) *cobra.Command {
	o := &renewing.Flags{Proven: func(server *cluster.Cluster, timeout time.Duration) renewing.Prover {
		return proven(streams, server, timeout)
	}}
	cmd := &cobra.Command{
		Use:   "renew [NAME... | PATH... | -f FILE | -A]",
		Short: "Re-issue the certificates that are due, and roll what uses them",
		Long: `Re-issue the certificates that are due, with a new key and the same issuer: those of the Secrets named, of
all Secrets of a namespace, or with -A of all namespaces. Every Deployment, StatefulSet and DaemonSet that
uses one gets new pods. What is not due stays as it is. After an interrupted run, run it again to go on.

What was asked for is recorded in an annotation of the Secret; where an older Secret has none, it is read
from the certificate. The new one is self-signed like the old one, or signed by the CA in the Secret that
the annotation names, or in one of the same namespace that has the issuer's key. A CA of another namespace
signs the same again, and nothing else. --ca-cert and --ca-secret name another CA, which then signs all that
a CA signed. A CA is renewed with its key, so what it signed stays good.

Due is what has passed the date that its renewal policy sets, by default two thirds of its life, within the
policy's windows. --all renews everything, --expiring 30d what ends within that time. --jitter has each
certificate be due a little earlier, so that those of one day do not roll on one day again.

A Secret that certgen did not make, or that cert-manager has written to, is left alone without --adopt.
--max-unavailable bounds how many workloads replace their pods at the same time. --verify asks every
Service in front of them what it serves, as certgen verify does; where that is wrong, or pods do not get
ready, the pair from before is put back. One failure does not stop the others; the exit code is then 1.

A PATH is a manifest, a certificate in PEM with its key beside it (tls.crt and tls.key, NAME.crt and
NAME.key, cert.pem and privkey.pem), or a folder of them, and is renewed in place: owner, group and access
stay, and all else in a manifest does to the byte. CAs among them sign again what they signed. A NAME that
ends like a file or has a slash in it is a PATH. --exec runs a command once after files have changed, such
as a reload; where it fails, the files from before are put back. With -f the Certificates of cert-manager's
manifests say what is wanted.`,
		Example: `  # What is due in the namespace shop, until its pods are ready
  certgen renew -n shop --wait

  # What is due anywhere, three workloads at a time, each proven before the next
  certgen renew -A --max-unavailable 3 --verify

  # Only say what would be done, and why
  certgen renew -A --expiring 30d --dry-run=client

  # The certificates of this machine's nginx
  certgen renew /etc/nginx/ssl/ --exec 'systemctl reload nginx'

  # The Secrets of a repository, in place
  certgen renew manifests/`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.Run(cmd.Context(), cmd.Flags(), args)
		},
	}
	o.AddTo(cmd, streams)
	return cmd
}
