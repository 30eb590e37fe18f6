// Package cronjob builds the objects that have Kubernetes itself run certgen renew: a CronJob, its ServiceAccount, and the least
// rights that this takes. It does no I/O.
//
// [Options.Objects] returns them in the order in which they are applied, as structs for package render. [Options.Rules] are the
// rights to what is renewed, and [Options.LeaseRules] those to the Lease that keeps two runs apart; a test takes each of them
// away once, and sees the renewal fail.
package cronjob
