// Package webpage lays out an inventory of certificates as one HTML page for a team: a timeline of what ends when, the CAs as
// trees, and a list to search and to filter, with what mends each finding.
//
// The page is one file that asks nothing of any network. Its Content-Security-Policy lets its own script and style run,
// by their hashes, and nothing else; what comes out of certificates is escaped, reaches the script as
// JSON, and the document as text alone. The list is in the page as data, and only what is looked at is in the document:
// tens of thousands of entries open as fast as ten.
package webpage
