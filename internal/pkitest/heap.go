package pkitest

import (
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// PeakHeap runs work and returns the most memory that this process had from the system meanwhile, in bytes.
func PeakHeap(work func()) (most uint64) {
	debug.FreeOSMemory()
	done, sampled := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(sampled)
		for {
			sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
			metrics.Read(sample)
			most = max(most, sample[0].Value.Uint64()-sample[1].Value.Uint64())
			select {
			case <-done:
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	work()
	close(done)
	<-sampled
	return most
}
