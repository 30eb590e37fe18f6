// Package node tests certgen on a real node, where pods run and answer.
package node
