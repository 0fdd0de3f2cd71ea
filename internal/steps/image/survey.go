package image

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"golang.org/x/sync/errgroup"

	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// looks is how many references are looked at at the same time.
const looks = 4

// survey looks at the site, and at the sources as far as they answer. It changes nothing.
func (s *image) survey(ctx context.Context, call *step.Call) (*work, error) {
	c, err := s.sites.At(ctx, call.Site)
	if err != nil {
		return nil, err
	}
	w := &work{at: c, origins: s.origins(c)}
	if w.target, err = openRepository(ctx, c, s.want.Repository); err != nil {
		return nil, err
	}
	if w.wanted, err = s.settings(ctx, call.Site, w.origins); err != nil {
		return nil, err
	}
	if w.target == nil {
		w.missing = s.refs()
		return w, nil
	}
	w.change = w.target.changes(w.wanted)
	if e := w.target.have.EncryptionConfiguration; w.wanted.planned.KMSKey != "" && (e == nil || e.EncryptionType == types.EncryptionTypeAes256) {
		w.note = "; its encryption stays AES256, which cannot be changed after a repository is made"
	}
	refs := s.refs()
	found := make([]look, len(refs))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(looks)
	for i, ref := range refs {
		g.Go(func() (err error) {
			found[i], err = w.look(gctx, ref)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	for i, f := range found {
		switch {
		case !f.present:
			w.missing = append(w.missing, refs[i])
		case f.moved != nil:
			w.moved = append(w.moved, *f.moved)
		case f.note != "" && w.note == "":
			w.note = f.note
		}
	}
	return w, nil
}

// look is what was found of one reference.
type look struct {
	present bool
	moved   *moved
	note    string
}

// look compares a reference with its source. A tag whose sources do not answer counts as right when it is there.
func (w *work) look(ctx context.Context, ref string) (look, error) {
	here, err := w.target.digest(ctx, ref)
	switch {
	case isMissing(err):
		return look{}, nil
	case err != nil:
		return look{}, explain(ctx, err, "image "+ref+" cannot be looked at", w.at.Site)
	case isDigest(ref):
		return look{present: true}, nil
	}
	found, err := w.origins.find(ctx, ref)
	var none *noOriginError
	switch {
	case errors.As(err, &none):
		return look{present: true, note: "; no source was there to compare tags with"}, nil
	case err != nil:
		return look{}, err
	case found.digest.String() != here:
		return look{present: true, moved: &moved{ref, here, found.digest.String(), found.origin}}, nil
	}
	return look{present: true}, nil
}
