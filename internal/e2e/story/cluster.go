package story

import (
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"certgen/internal/testbed"
)

// Cluster are the user stories in testdata/cluster, on a real API server, each in a namespace of its own. Beside
// certgen and kubectl they have the command "writes N": since it was last used, N requests of the script's clients
// asked the server for a change; and "expand FILE...", which puts the script's variables into files. Those of
// stageCommands come on top.
func Cluster(t *testing.T) testscript.Params {
	t.Helper()
	cluster := testbed.Start(t)
	kubectl := testbed.KubectlPath(t)
	params := testscript.Params{
		Dir:                 testbed.Data(t, "cluster"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Condition:           OnWine(false),
		Setup: func(env *testscript.Env) error {
			var labels map[string]string
			if strings.Contains(env.WorkDir, "restricted") {
				labels = testbed.Restricted()
			}
			namespace := cluster.Namespace(t, labels)
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("NS", namespace)
			kubeconfig := cluster.Kubeconfig(t, namespace)
			env.Setenv("KUBECONFIG", kubeconfig)
			env.Setenv("SERVER", testbed.Config(t, kubeconfig).Host)
			env.Setenv("ADMIN", kubeconfig)
			env.Setenv("KUBECACHEDIR", filepath.Join(env.WorkDir, ".cache"))
			env.Setenv("PATH", filepath.Dir(kubectl)+string(filepath.ListSeparator)+env.Getenv("PATH"))
			env.Setenv("KUBECTL", kubectl)
			env.Values["seen"] = new(int)
			env.Values["stage"] = NewStage(t, cluster, namespace)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": Exits,
			"ca":    MakeCA,
			"expand": func(ts *testscript.TestScript, _ bool, args []string) {
				for _, file := range args {
					ts.Check(os.WriteFile(ts.MkAbs(file), []byte(os.Expand(ts.ReadFile(file), ts.Getenv)), 0o600))
				}
			},
			"writes": func(ts *testscript.TestScript, _ bool, args []string) {
				want, err := strconv.Atoi(args[0])
				ts.Check(err)
				seen := ts.Value("seen").(*int)
				requests := cluster.Requests(t, ts.Getenv("NS"))
				var writes []string
				for _, r := range requests[*seen:] {
					if r.Write() {
						writes = append(writes, r.Verb+" "+r.URI)
					}
				}
				*seen = len(requests)
				if len(writes) != want {
					ts.Fatalf("%d writes, want %d:\n%s", len(writes), want, strings.Join(writes, "\n"))
				}
			},
		},
	}
	maps.Copy(params.Cmds, stageCommands(t, cluster))
	return params
}
