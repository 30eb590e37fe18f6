// Package render writes Kubernetes objects as YAML or JSON and reads manifests back.
//
// # Writing
//
// [Encode] writes typed objects in the order and with the quotes that a person would use. What it writes means the same
// to [Decode], to yaml.v3 and to kubectl, whose reader follows YAML 1.1. Text that a manifest cannot hold, such as
// invalid UTF-8, is an error; it is never changed. [Items] writes a list item by item, [Report] any value as JSON.
//
// # Reading
//
// There are two readers. [Decode] is strict, for manifests that certgen wrote and will write again: an unknown field, a
// repeated key or bad base64 is an error with its line. [Documents] with [Document.Secrets] is lenient, for manifests
// that are to be judged: it reads input of any size, holds one document or one item of a List at a time, and returns
// each Secret as it is written, damage included.
//
// No error of this package contains a value that it read or wrote, only names of fields and lines: values are private
// keys. This is the only package that imports yaml.v3.
//
// Files are written by package file, reports about certificates by package report.
package render
