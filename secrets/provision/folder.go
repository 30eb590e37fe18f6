package provision

import (
	"context"
	"os"
	"path/filepath"
)

// Folder keeps many orders, each in a place of its own: below Path, in the folder of its namespace, by its name.
type Folder struct {
	Flag string // that named the path, for errors
	Path string

	// Place is where the order with this stem, Path/NAMESPACE/NAME, is kept, and the folder that must be there for it.
	Place func(stem string) (store Store, folder string)
}

// Stem is the path of an order without an extension.
func (s *Folder) Stem(order Order) string {
	return filepath.Join(s.Path, order.Secret.Namespace, order.Secret.Name)
}

// Load reads the places.
func (s *Folder) Load(ctx context.Context, orders []Order, each func(i int, read func() (Held, error)) error) error {
	for i, order := range orders {
		err := each(i, func() (Held, error) {
			store, _ := s.Place(s.Stem(order))
			return Read(ctx, store, order)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Save makes the folder, which others may read as far as the process lets them, and saves in the place.
func (s *Folder) Save(ctx context.Context, held Held, r *Result) error {
	store, folder := s.Place(s.Stem(r.Order))
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return inFlag(s.Flag, err)
	}
	return store.Save(ctx, held, r)
}
