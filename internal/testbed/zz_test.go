package testbed
import ("testing";"os";"os/exec";"time";"fmt";"bytes";"encoding/json";"path/filepath")
func TestZZ(t *testing.T) {
	c := Start(t)
	run := func(bin, name string, env string, list bool, args ...string) {
		ns := c.Namespace(t, nil); kc := c.Kubeconfig(t, ns)
		var docs bytes.Buffer
		all := thousand(ns)
		if list { d,_ := json.Marshal(map[string]any{"apiVersion":"v1","kind":"List","items":all}); docs.Write(d) } else {
		for _, s := range all { d,_ := json.Marshal(s); fmt.Fprintf(&docs,"---\n%s\n", d) } }
		f := filepath.Join(t.TempDir(),"x.yaml"); os.WriteFile(f, docs.Bytes(), 0o600)
		cmd := exec.Command(bin, append(args, "-f", f)...)
		cmd.Env = append(os.Environ(), "KUBECONFIG="+kc, env)
		began := time.Now(); out, err := cmd.CombinedOutput()
		t.Logf("%s: %v %v %d bytes; requests %d", name, time.Since(began), err, len(out), len(c.Requests(t, ns)))
	}


	run("/usr/bin/kubectl", "dispatcher", "X=1", false, "apply","--server-side")
	run(KubectlPath(t), "ours, one cpu", "GOMAXPROCS=1", false, "apply","--server-side")
	run(KubectlPath(t), "http1", "DISABLE_HTTP2=1", false, "apply","--server-side")
}
