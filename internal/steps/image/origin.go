package image

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/source"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// finder finds an image by tag or digest. What is not there is an error for which isMissing holds.
type finder interface {
	find(ctx context.Context, ref string) (remote.Taggable, v1.Hash, error)
}

// origin is one source of the plan, opened when it is first needed. That it does not answer is remembered too: each image would
// wait for it again.
type origin struct {
	name string
	site *plan.Site // nil: not a site
	open func(context.Context) (finder, *repository, error)

	mu     sync.Mutex
	tried  bool
	finder finder
	repo   *repository // the site's repository; nil: not a site
	err    error
}

func (o *origin) get(ctx context.Context) (finder, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.tried {
		return o.finder, o.err
	}
	bounded, cancel := context.WithTimeout(ctx, source.Patience)
	defer cancel()
	f, repo, err := o.open(bounded)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	o.tried, o.finder, o.repo, o.err = true, f, repo, err
	return f, err
}

func (s *image) origins(at *awscloud.Clients) *origins {
	out := &origins{what: "image " + s.want.Repository}
	for _, from := range s.want.From {
		switch {
		case from.Site != "":
			site := s.plan.Site(from.Site)
			out.list = append(out.list, &origin{name: fmt.Sprintf("site %q", from.Site), site: site, open: func(ctx context.Context) (finder, *repository, error) {
				return s.openSite(ctx, site)
			}})
		case from.Layout != "":
			dir := from.Layout
			if !filepath.IsAbs(dir) {
				dir = filepath.Join(s.plan.Dir, dir)
			}
			out.list = append(out.list, &origin{name: "layout " + from.Layout, open: func(context.Context) (finder, *repository, error) {
				f, err := openLayout(dir)
				return f, nil, err
			}})
		default:
			out.list = append(out.list, &origin{name: from.Remote, open: func(ctx context.Context) (finder, *repository, error) {
				f, err := openRemote(ctx, at, from.Remote)
				return f, nil, err
			}})
		}
	}
	return out
}

func (s *image) openSite(ctx context.Context, site *plan.Site) (finder, *repository, error) {
	if site == nil {
		return nil, nil, errors.New("the plan has no such site")
	}
	c, err := s.sites.At(ctx, site)
	if err != nil {
		return nil, nil, err
	}
	r, err := openRepository(ctx, c, s.want.Repository)
	switch {
	case err != nil:
		return nil, nil, err
	case r == nil:
		return nil, nil, &step.Error{Class: step.Permanent, Site: site.Name, What: "it has no repository " + s.want.Repository}
	}
	return r.pulling, r, nil
}

// openRemote logs in with what docker login left on this machine.
func openRemote(ctx context.Context, at *awscloud.Clients, address string) (finder, error) {
	repo, err := name.NewRepository(address)
	if err != nil {
		return nil, err
	}
	auth, err := authn.Resolve(ctx, authn.DefaultKeychain, repo)
	if err != nil {
		return nil, err
	}
	return openPulling(ctx, repo, auth, at.Registry)
}

// find bounds the first answer only: the layers are read with the same context, later, and may take their time.
func (p *pulling) find(ctx context.Context, ref string) (remote.Taggable, v1.Hash, error) {
	long, cancel := context.WithCancel(ctx)
	bounded, answered := context.WithTimeout(ctx, source.Patience)
	defer answered()
	stop := context.AfterFunc(bounded, cancel)
	got, err := p.puller.Get(long, p.reference(ref))
	if !stop() && err == nil {
		err = bounded.Err()
	}
	if err != nil {
		return nil, v1.Hash{}, err
	}
	img, err := passing{ctx: ctx, from: p}.through(got)
	return img, got.Digest, err
}
