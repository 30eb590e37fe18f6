package main

import (
	"encoding/json"
	"errors"
	"io"
)

// answer answers each JSON value of in with one on a line of its own.
func answer[Q, A any](in io.Reader, out io.Writer, one func(Q) A) error {
	decoder, encoder := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var question Q
		if err := decoder.Decode(&question); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := encoder.Encode(one(question)); err != nil {
			return err
		}
	}
}
