// Package story has the user stories of testdata, files of commands with what they print, and the commands that they
// know beside certgen's: "ca" makes a CA, "sign" signs, "serve" serves, and in a cluster the stage acts the pods that
// no node runs.
package story
