package renew

import (
	"certgen/certs/pki"
	"certgen/secrets/cluster"
)

// The reasons of events.
const (
	reasonRenewed  = "Renewed"
	reasonRestored = "RenewalUndone" // the new pair did not prove itself, and the one from before is put back
	reasonRollout  = "RolloutFailed" // the new pair is there, but what uses it did not all get ready with it, or it did not prove itself
	reasonFailed   = "RenewalFailed"
)

// Event is what people who look at the Secret are to know of the outcome; false for nothing.
func (o Outcome) Event() (cluster.Event, bool) {
	meta := o.order.Secret
	e := cluster.Event{About: cluster.Reference{Kind: "Secret", Namespace: meta.Namespace, Name: meta.Name, Group: "v1"}, UID: o.uid, Action: "Renew"}
	switch {
	case meta.Name == "" || o.Decision.Verdict == Foreign:
		return e, false
	case o.Undone:
		e.Warning, e.Reason, e.Note = true, reasonRestored, o.Err.Error()
	case o.Err != nil && o.Renewed():
		e.Warning, e.Reason, e.Note = true, reasonRollout, o.Err.Error()
	case o.Err != nil:
		e.Warning, e.Reason, e.Note = true, reasonFailed, o.Err.Error()
	case o.Renewed():
		e.Reason, e.Note = reasonRenewed, o.Decision.Reason+"; valid until "+pki.FormatTime(o.Result.Pair.Leaf.NotAfter)
	default:
		return e, false
	}
	return e, true
}
