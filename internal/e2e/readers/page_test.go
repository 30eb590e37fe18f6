package readers

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"certgen/internal/e2e"
	"certgen/internal/testbed"
)

// browse opens a page in Chromium as a file, without a network, and returns the document that it came to.
func browse(t testing.TB, path string, flags ...string) string {
	t.Helper()
	args := append([]string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run",
		"--host-resolver-rules=MAP * ~NOTFOUND", "--user-data-dir=" + t.TempDir(), "--allow-file-access-from-files", "--dump-dom",
	}, flags...)
	cmd := exec.CommandContext(t.Context(), e2e.Need(t, "chromium"), append(args, "file://"+path)...)
	cmd.WaitDelay = time.Second // its children may hold the pipe
	out, err := cmd.Output()
	if err != nil || len(out) == 0 {
		t.Fatalf("chromium: %v", err)
	}
	return string(out)
}

// title is that of a document, which scripts tell tests something by.
func title(t testing.TB, document string) string {
	t.Helper()
	found := regexp.MustCompile(`(?s)<title>(.*?)</title>`).FindStringSubmatch(document)
	if found == nil {
		t.Fatal("the document has no title")
	}
	return html.UnescapeString(found[1])
}

var policy = regexp.MustCompile(`<meta http-equiv="Content-Security-Policy"[^>]*>`)

// TestPage opens the page of hostile certificates in Chromium: it works without a network, no name becomes a script or an
// element, and the page's policy would not let one run either.
func TestPage(t *testing.T) {
	t.Parallel()
	manifest, keys := hostileManifest(t)
	page := e2e.Output(t, "", e2e.Certgen(t), "list", manifest, "-o", "html")
	for _, key := range keys {
		if strings.Contains(page, strings.Split(key, "\n")[1]) || strings.Contains(page, "PRIVATE KEY") {
			t.Fatal("the page shows a key")
		}
	}
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		e2e.Write(t, path, []byte(text))
		return path
	}
	document := browse(t, file("page.html", page))
	if got := title(t, document); !strings.HasPrefix(got, "Certificates of ") {
		t.Errorf("a name ran as a script: the title is %q", got)
	}
	if n := strings.Count(document, "<summary>"); n != len(hostileNames)+2 { // and the layout of one
		t.Errorf("%d entries are shown, want %d", n-1, len(hostileNames)+1)
	}
	if strings.Contains(document, "<img") || !strings.Contains(document, "&lt;img src=x onerror=") {
		t.Error("a name became an element, or is not shown")
	}

	// The filters go together, and are cleared together.
	const filtering = `<script>addEventListener("load", async () => {
	const shown = () => document.getElementById("shown").textContent + "/" + document.querySelectorAll("#entries li").length;
	const click = selector => document.querySelector(selector).click();
	const said = [shown()];
	click("button[data-state=broken]"); said.push(shown());
	click("button[data-state=ok]"); said.push(shown());
	click("button[data-state=ok]");
	const search = document.getElementById("search");
	search.value = "NAME-4 "; search.dispatchEvent(new Event("input"));
	await new Promise(done => setTimeout(done, 400)); said.push(shown());
	click("button[type=reset]"); said.push(shown());
	document.title = JSON.stringify(said);
})</script></body>`
	filtered := strings.Replace(policy.ReplaceAllString(page, ""), "</body>", filtering, 1)
	all := fmt.Sprintf("%[1]d in all/%[1]d", len(hostileNames)+1)
	want := fmt.Sprintf(`["%[1]s","0 of %[2]d in all/0","%[2]d of %[1]s","1 of %[2]d in all/1","%[1]s"]`, all, len(hostileNames)+1)
	if got := title(t, browse(t, file("filtered.html", filtered), "--virtual-time-budget=5000")); got != want {
		t.Errorf("the filters show %s, want %s", got, want)
	}

	// The policy by itself keeps what got in from running; without it, it would.
	const intruder = `<script>document.title = "run"</script><img src="x:" onerror="document.title = 'run'"></body>`
	intruded := strings.Replace(page, "</body>", intruder, 1)
	if got := title(t, browse(t, file("intruded.html", intruded))); got == "run" {
		t.Error("the policy lets a script run that is not the page's")
	}
	if got := title(t, browse(t, file("unguarded.html", policy.ReplaceAllString(intruded, "")))); got != "run" {
		t.Errorf("without a policy the title is %q: the test shows nothing", got)
	}
}

// axe runs axe-core over the page as it is and with all entries open, and with the sizes of what reaches over the edge.
const axe = `<script>
addEventListener("load", async () => {
	for (const d of document.querySelectorAll("details")) d.open = true;
	await new Promise(done => setTimeout(done, 500));
	const found = await axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
	parent.postMessage(JSON.stringify({
		violations: found.violations.map(v => v.id + ": " + v.nodes.map(n => n.html + " " + n.failureSummary).join("; ")),
		passes: found.passes.length, width: document.documentElement.clientWidth, overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
		dark: matchMedia("(prefers-color-scheme: dark)").matches,
	}), "*");
});
</script></body>`

// frame shows a page at a width that no window of Chromium has, and has its title say what the page says.
const frame = `<!DOCTYPE html><title></title><body><script>addEventListener("message", event => { document.title = event.data; })</script><iframe src="%s" width="%d" height="3000"></iframe>`

// TestPageAccessibility: axe-core has nothing to say against the page, on a phone and on a desk, light and dark.
func TestPageAccessibility(t *testing.T) {
	t.Parallel()
	testbed.Long(t, "runs axe-core in Chromium")
	script := axeCore(t)
	manifest, _ := hostileManifest(t)
	dir := t.TempDir()
	ca := filepath.Join(dir, "ca.yaml")
	e2e.Output(t, "", e2e.Certgen(t), "ca", "create", "shop-ca", "--common-name", "Shop Root", "--out", ca)
	e2e.Output(t, "", e2e.Certgen(t), "create", "web-tls", "--service", "web", "-n", "shop", "--ca-cert", ca, "--out", filepath.Join(dir, "web.yaml"))
	page := e2e.Output(t, "", e2e.Certgen(t), "list", manifest, dir, "-o", "html")
	page = policy.ReplaceAllString(page, "")
	page = strings.Replace(page, "</body>", "<script>"+script+"</script>"+axe, 1)
	e2e.Write(t, filepath.Join(dir, "page.html"), []byte(page))
	for _, test := range []struct {
		name, scheme string
		width        int
	}{{"phone, dark", "0", 360}, {"desk, light", "1", 1280}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			outer := filepath.Join(dir, test.name+".html")
			e2e.Write(t, outer, fmt.Appendf(nil, frame, "page.html", test.width))
			document := browse(t, outer, "--blink-settings=preferredColorScheme="+test.scheme, "--virtual-time-budget=60000", "--window-size=1400,3200")
			var said struct {
				Violations              []string
				Passes, Width, Overflow int
				Dark                    bool
			}
			if err := json.Unmarshal([]byte(title(t, document)), &said); err != nil {
				t.Fatalf("axe-core did not end: %v", err)
			}
			if len(said.Violations) > 0 || said.Passes < 20 {
				t.Errorf("%d rules pass, and these do not:\n%s", said.Passes, strings.Join(said.Violations, "\n"))
			}
			if said.Overflow > 0 || said.Width > test.width || said.Dark != (test.scheme == "0") {
				t.Errorf("%d pixels reach over the edge of %d; dark: %v", said.Overflow, said.Width, said.Dark)
			}
		})
	}
}

// axeVersion is the axe-core that judges, and axeSum the SHA-256 of its package.
const (
	axeVersion = "4.10.3"
	axeSum     = "0f2b4d7dcdf7d1219df8d1959ad68e565f51d14c3f0d88bb71cd59abeb956292"
)

// axeCore returns axe-core as npm has it, from the registry that this machine's npm is set up for.
func axeCore(t *testing.T) string {
	t.Helper()
	npm := e2e.Need(t, "npm")
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	cache = filepath.Join(cache, "certgen")
	archive := filepath.Join(cache, "axe-core-"+axeVersion+".tgz")
	data, err := os.ReadFile(archive)
	if err != nil {
		dir := t.TempDir()
		cmd := exec.CommandContext(t.Context(), npm, "pack", "--silent", "axe-core@"+axeVersion)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			testbed.Missing(t, "needs axe-core from npm: %v\n%s", err, out)
		}
		if data, err = os.ReadFile(filepath.Join(dir, filepath.Base(archive))); err != nil {
			t.Fatal(err)
		}
		if os.MkdirAll(cache, 0o755) == nil {
			_ = os.WriteFile(archive, data, 0o644) // the next run need not ask again
		}
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != axeSum {
		t.Fatalf("axe-core %s has the SHA-256 %x", axeVersion, sum)
	}
	return e2e.Output(t, string(data), e2e.Need(t, "tar"), "-xzOf", "-", "package/axe.min.js")
}
