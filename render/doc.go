// Package render decides how Kubernetes objects look as text, how they are read back, and how files are written.
//
// [Encode] writes typed objects as YAML documents or as JSON, in the order and with the quotes that a person would use;
// [Decode] reads them back strictly. What Encode writes comes back the same through Decode, through yaml.v3 and through
// kubectl's reader, which still follows YAML 1.1; text that a manifest cannot hold (invalid UTF-8) is refused, never changed.
//
// [Documents] reads manifests of any size, document by document, and [Document.Secrets] takes the Secrets out of one as they are
// written, damage included. [Items], [Verdict] and [Inspection] are the reports about them.
//
// [WriteFiles] replaces files whole or not at all, and keeps private ones readable by their owner only, on Unix and on Windows.
// [ReadFile] reads an input with bounds.
//
// No error of this package contains a value that it read or wrote, only names of fields and lines: values are private keys.
package render
