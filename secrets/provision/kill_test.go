package provision_test

import (
	"crypto/tls"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"certgen/internal/testbed"
	"certgen/secrets/cluster"
)

// many is the number of certificates of a run that is killed.
const many = 200

// TestAppliesMany is no test but the process that TestKilledBatch kills.
func TestAppliesMany(t *testing.T) {
	kubeconfig, rest, ok := strings.Cut(os.Getenv("CERTGEN_TEST_KILLED"), ",")
	if !ok {
		return // an ordinary run of all tests
	}
	namespace, domain, _ := strings.Cut(rest, ",")
	bring(t, connect(t, kubeconfig), wantsIn(t, namespace, many, domain), parallel)
}

// TestKilledBatch kills runs that re-issue 200 certificates, at moments spread over their time. At no time
// does a Secret hold a key that is not its certificate's, and the next run does what was left and no more.
func TestKilledBatch(t *testing.T) {
	t.Parallel()
	bed := testbed.Start(t)
	namespace := bed.Namespace(t, nil)
	kubeconfig := bed.Kubeconfig(t, namespace)
	server := connect(t, kubeconfig)
	// settled counts the Secrets whose certificate is for a domain.
	settled := func(domain string) (n int) {
		for _, s := range testbed.Get[corev1.SecretList](t, bed, "/api/v1/namespaces/"+namespace+"/secrets").Items {
			pair, err := tls.X509KeyPair(s.Data["tls.crt"], s.Data["tls.key"])
			if err != nil {
				t.Fatalf("secret/%s: %v", s.Name, err)
			}
			if pair.Leaf.VerifyHostname(s.Name+"."+domain) == nil {
				n++
			}
		}
		return n
	}
	full, _ := bring(t, server, wantsIn(t, namespace, many, "round0.example"), parallel)
	const rounds = 8
	halves := 0
	for round := 1; round <= rounds; round++ {
		domain := fmt.Sprintf("round%d.example", round)
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestAppliesMany$")
		cmd.Env = append(os.Environ(), "CERTGEN_TEST_KILLED="+strings.Join([]string{kubeconfig, namespace, domain}, ","))
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		killed := make(chan error, 1)
		go func() { killed <- cmd.Wait() }()
		for settled(domain) == 0 {
			time.Sleep(time.Millisecond)
		}
		for end := time.Now().Add(full * time.Duration(round-1) / rounds / 2 * time.Duration(50+rand.IntN(100)) / 100); time.Now().Before(end); {
			settled(domain) // while it is being written
		}
		cmd.Process.Kill()
		<-killed
		before := settled(domain)
		if 0 < before && before < many {
			halves++
		}
		_, actions := bring(t, server, wantsIn(t, namespace, many, domain), parallel)
		// What was under way when the process ended may still have been done.
		if kept := actions[cluster.Unchanged]; kept < before || kept > before+parallel || actions[cluster.Configured] != many-kept || settled(domain) != many {
			t.Errorf("killed after %d: then %v", before, actions)
		}
		t.Logf("killed after %d of %d", before, many)
	}
	if halves == 0 {
		t.Error("no run was killed in its midst")
	}
}
