// Package cli has what the commands share: streams, groups of flags, completion, exit codes, and errors with hints.
//
// # Streams and errors
//
// [IOStreams] are the standard streams of a run. Standard output carries the result alone, messages go to standard
// error. [IOStreams.Report] prints an error with its hint and returns the exit code: 0 done, 1 failed, 2 wrong usage,
// 130 interrupted. A command that compares, as kubectl diff does, ends with [ErrFound] when it found something, and
// [Comparison] makes its failures 2.
//
// [Usagef] is an error of the command line, [UsageProblems] one of all fields that are wrong, [WithHint] adds what to do
// next, and [Explain] does that for errors of a cluster.
//
// # Flags
//
// [ClusterFlags] say which cluster, as kubectl's flags do. [ListValue] and [MapValue] are flags that repeat.
// [CompleteFlag], [CompleteWords] and [CompleteList] have shells offer values. [IOStreams.Password] and [ReadPassword]
// read passwords; there is no flag that takes one.
package cli
