package cmd

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"testing"
	"time"
)

// asLists turns the documents of a manifest into Lists, as kubectl writes them, and into documents in JSON.
func asLists(documents []byte) map[string][]byte {
	var yaml, json, objects bytes.Buffer
	yaml.WriteString("apiVersion: v1\nitems:\n")
	json.WriteString("{\n    \"apiVersion\": \"v1\",\n    \"items\": [")
	separator := "\n"
	for document := range strings.SplitSeq(strings.TrimSuffix(string(documents), "---\n"), "---\n") {
		lines := strings.Split(strings.TrimSuffix(document, "\n"), "\n")
		yaml.WriteString("- " + strings.Join(lines, "\n  ") + "\n")
		value := map[string]string{}
		for _, line := range lines {
			key, text, _ := strings.Cut(strings.TrimSpace(line), ": ")
			value[key] = text
		}
		item := fmt.Sprintf(`        {
            "apiVersion": "v1",
            "data": {
                "ca.crt": %q,
                "tls.crt": %q,
                "tls.key": %q
            },
            "kind": "Secret",
            "metadata": {
                "labels": {
                    "app.kubernetes.io/managed-by": "certgen"
                },
                "name": %q,
                "namespace": "shop"
            },
            "type": "kubernetes.io/tls"
        }`, value["ca.crt"], value["tls.crt"], value["tls.key"], value["name"])
		json.WriteString(separator + item)
		separator = ",\n"
		objects.WriteString("---" + strings.ReplaceAll("\n"+item, "\n        ", "\n") + "\n")
	}
	yaml.WriteString("kind: List\nmetadata:\n  resourceVersion: \"\"\n")
	json.WriteString("\n    ],\n    \"kind\": \"List\",\n    \"metadata\": {\n        \"resourceVersion\": \"\"\n    }\n}\n")
	return map[string][]byte{"YAML documents": documents, "JSON documents": objects.Bytes(), "YAML": yaml.Bytes(), "JSON": json.Bytes()}
}

// manyTimes reads a manifest's middle many times, between its start and its end.
func manyTimes(text []byte, start, end string, times int) io.Reader {
	middle := bytes.TrimSuffix(bytes.TrimPrefix(text, []byte(start)), []byte(end))
	return io.MultiReader(strings.NewReader(start), &manyDocuments{document: middle, left: times}, strings.NewReader(end))
}

// BenchmarkVerifyList examines Secrets as a List beside the same as documents in the same language, in turns: time and the most that the heap holds.
// Four times as many show whether memory grows; 100,000, measured once, came to the same 1.0 to 1.1, in minutes.
// The limits hold where CERTGEN_TEST_BARS=1 says that the machine is quiet enough to judge.
func BenchmarkVerifyList(b *testing.B) {
	const distinct, bar = 5_000, 1.2
	forms := asLists(manifestOf(b, distinct))
	for _, secrets := range []int{distinct, 20_000} {
		b.Run(fmt.Sprint(secrets), func(b *testing.B) {
			took, held := map[string][]float64{}, map[string][]float64{}
			turns := 5
			if secrets > distinct {
				turns = 1
			}
			for b.Loop() {
				for range turns {
					for _, form := range []string{"YAML documents", "YAML", "JSON documents", "JSON"} {
						var in io.Reader
						switch times := secrets / distinct; form {
						case "YAML documents", "JSON documents":
							in = manyTimes(forms[form], "", "", times)
						case "YAML":
							in = manyTimes(forms[form], "apiVersion: v1\nitems:\n", "kind: List\nmetadata:\n  resourceVersion: \"\"\n", times)
						case "JSON":
							const start, end = "{\n    \"apiVersion\": \"v1\",\n    \"items\": [", "\n    ],\n    \"kind\": \"List\",\n    \"metadata\": {\n        \"resourceVersion\": \"\"\n    }\n}\n"
							first := bytes.TrimSuffix(bytes.TrimPrefix(forms[form], []byte(start)), []byte(end))
							in = io.MultiReader(strings.NewReader(start), bytes.NewReader(first),
								&manyDocuments{document: append([]byte(","), first...), left: times - 1}, strings.NewReader(end))
						}
						most := watchHeap(func() {
							start := time.Now()
							streams := IOStreams{In: in, Out: io.Discard, Err: io.Discard}
							if code := Main(context.Background(), []string{"verify", "-"}, streams); code != 0 {
								b.Fatalf("%s: exit %d", form, code)
							}
							took[form] = append(took[form], time.Since(start).Seconds())
						})
						held[form] = append(held[form], float64(most)/(1<<20))
					}
				}
			}
			median := func(all []float64) float64 { slices.Sort(all); return all[len(all)/2] }
			b.ReportMetric(0, "ns/op")
			for _, form := range []string{"YAML", "JSON"} {
				documents := form + " documents"
				b.ReportMetric(median(took[documents]), form+"-documents-s")
				b.ReportMetric(median(held[documents]), form+"-documents-MB")
				time, memory := median(took[form])/median(took[documents]), median(held[form])/median(held[documents])
				b.ReportMetric(time, form+"-time")
				b.ReportMetric(memory, form+"-memory")
				if os.Getenv("CERTGEN_TEST_BARS") == "1" && (time > bar || memory > bar) {
					b.Errorf("a List in %s takes %.2f of the time and %.2f of the memory of documents, want at most %.1f", form, time, memory, bar)
				}
			}
		})
	}
}

// watchHeap returns the most that the heap holds beyond what it held before, in bytes.
func watchHeap(work func()) uint64 {
	runtime.GC()
	heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	held := func() uint64 { metrics.Read(heap); return heap[0].Value.Uint64() }
	before, most := held(), uint64(0)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			case <-time.After(2 * time.Millisecond):
				most = max(most, held())
			}
		}
	}()
	work()
	close(stop)
	<-stopped
	return most - min(most, before)
}
