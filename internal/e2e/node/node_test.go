//go:build linux

package node

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"certgen/internal/e2e"
	"certgen/internal/e2e/story"
	"certgen/internal/testbed"
)

// 98 s measured on two cores at a load of 8, of 76 s of CPU time.
func TestMain(m *testing.M) {
	testscript.Main(testbed.M{M: m, Need: 4 * time.Minute}, e2e.Programs())
}

// TestNode runs the user stories in testdata/node on a real node, where pods run and answer. Beside certgen
// and kubectl they have the programs "node" and "outside", which run a command where the cluster's addresses are
// reached and where they are not, and the command "as NAME", which keeps what the last command printed.
func TestNode(t *testing.T) {
	t.Parallel()
	node := testbed.StartNode(t)
	kubectl := testbed.KubectlPath(t)
	testscript.Run(t, testscript.Params{
		Dir:                 "../../../testdata/node",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			namespace := "default" // which only the tutorial's own story uses
			switch story := filepath.Base(env.WorkDir); {
			case strings.Contains(story, "restricted"):
				namespace = node.Namespace(t, testbed.Restricted())
			case !strings.Contains(story, "tutorial"):
				namespace = node.Namespace(t, nil)
			}
			programs := []string{node.Vantage(t), filepath.Dir(kubectl), env.Getenv("PATH")}
			for name, value := range map[string]string{
				"PATH":       strings.Join(programs, string(filepath.ListSeparator)),
				"HOME":       env.WorkDir,
				"NS":         namespace,
				"KUBECONFIG": node.Kubeconfig(t, namespace),
				"API":        "https://" + testbed.NodeIP + ":6443",
				"NODE_IP":    testbed.NodeIP,
				"LB_IP":      testbed.BalancerIP,
				"DEBIAN":     testbed.NginxDebian,
				"OFFICIAL":   testbed.NginxOfficial,
				"CURL":       testbed.Curl,
			} {
				env.Setenv(name, value)
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"ca":    story.MakeCA,
			"exits": story.Exits,
			"as": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) != 1 {
					ts.Fatalf("usage: as NAME")
				}
				ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile("stdout")))
			},
		},
	})
}
