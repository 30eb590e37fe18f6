package provision

import "sync"

const (
	// ahead is how far orders are begun ahead of the first whose result is missing: results wait for those before
	// them, some 5 KiB each. Behind one large RSA key, which takes seconds, that many small ones are ready.
	ahead = 256

	// As many loaded orders wait at most, unless the store loads them out of order. Loading goes on when half of them
	// have been begun: to be woken for each order would cost a twentieth of its time.
	maxLoaded = 32
)

// reader reads what a store holds of an order.
type reader func() (Held, error)

// queue hands loaded orders to those who work on them: the first that is loaded first, and none that is [ahead] of the
// first that is missing.
type queue struct {
	mu      sync.Mutex
	work    sync.Cond // waited on by those who work
	room    sync.Cond // waited on by who loads
	orders  []loading
	waiting int  // orders that are loaded and not begun
	next    int  // the first order that is not done
	closed  bool // nothing is loaded any more
	stopped bool // nothing is begun any more
}

// loading is an order on its way to a worker.
type loading struct {
	read   reader // nil before it is loaded, and after it was begun
	loaded bool
}

func newQueue(orders int) *queue {
	q := &queue{orders: make([]loading, orders)}
	q.work.L, q.room.L = &q.mu, &q.mu
	return q
}

// put queues order i, and waits while too many are queued. It reports whether more are wanted.
func (q *queue) put(i int, read reader) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.orders[i] = loading{read, true}
	q.waiting++
	q.work.Signal()
	// While the first that is missing has not been loaded, the others may all have to wait for it.
	if q.waiting >= maxLoaded {
		for !q.stopped && q.waiting > maxLoaded/2 && q.nextLoaded() {
			q.room.Wait()
		}
	}
	return !q.stopped
}

// nextLoaded reports whether the first order that is not done is here or under way.
func (q *queue) nextLoaded() bool { return q.next < len(q.orders) && q.orders[q.next].loaded }

// take waits for an order that may be begun; ok is false where there will be none.
func (q *queue) take() (i int, read reader, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for !q.stopped {
		for i := q.next; i < min(q.next+ahead, len(q.orders)); i++ {
			if read := q.orders[i].read; read != nil {
				q.orders[i].read = nil
				if q.waiting--; q.waiting == maxLoaded/2 {
					q.room.Signal()
				}
				return i, read, true
			}
		}
		if q.closed && (q.waiting == 0 || !q.nextLoaded()) {
			break
		}
		q.work.Wait()
	}
	return 0, nil, false
}

// advance says which order is the first that is not done.
func (q *queue) advance(next int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.next = next
	q.work.Broadcast()
	if !q.nextLoaded() {
		q.room.Signal()
	}
}

// close says that all orders are loaded.
func (q *queue) close() { q.end(&q.closed) }

// stop has nothing begun any more.
func (q *queue) stop() { q.end(&q.stopped) }

func (q *queue) end(how *bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	*how = true
	q.work.Broadcast()
	q.room.Signal()
}
