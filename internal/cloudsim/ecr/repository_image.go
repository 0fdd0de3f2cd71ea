package ecr

import (
	"encoding/json"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// find gives an image by tag or digest, nil when there is none.
func (r *repository) find(reference string) *image {
	if !isDigest(reference) {
		reference = r.Names[reference]
	}
	return r.Images[reference]
}

// tagsOf gives the tags of an image in order.
func (r *repository) tagsOf(digest string) []string {
	var out []string
	for t, d := range r.Names {
		if d == digest {
			out = append(out, t)
		}
	}
	slices.Sort(out)
	return out
}

// fixed tells whether a tag may not move once it is set.
func (r *repository) fixed(tag string) bool {
	immutable := strings.HasPrefix(r.Mutability, "IMMUTABLE")
	excluded := slices.ContainsFunc(r.Exclusions, func(e exclusion) bool {
		ok, err := path.Match(e.Filter, tag) // wildcards; a tag has no slash
		return ok && err == nil
	})
	return immutable != excluded
}

// put accepts a manifest under a tag, or under none. It refuses one whose parts are not there, and one that would move a fixed tag.
func (r *repository) put(body []byte, mediaType, tag string, blobs map[string][]byte, now time.Time) (*image, error) {
	var m manifest
	if err := json.Unmarshal(body, &m); err != nil || m.SchemaVersion != 2 {
		return nil, invalid("Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'it is a manifest of schema version 2'")
	}
	if mediaType == "" {
		mediaType = m.MediaType
	}
	img := &image{Digest: digestOf(body), MediaType: mediaType, Artifact: m.ArtifactType, Manifest: body, Pushed: now}
	if img.Artifact == "" {
		img.Artifact = m.Config.MediaType
	}
	var err error
	switch {
	case mediaType == "" || m.MediaType != "" && m.MediaType != mediaType:
		err = invalid("Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'its media type is %q, and the request says %q'", m.MediaType, mediaType)
	case tag != "" && !isTag(tag):
		err = invalid("Invalid parameter at 'imageTag' failed to satisfy constraint: '%s' is no tag", tag)
	case strings.Contains(mediaType, "index") || strings.Contains(mediaType, "manifest.list"):
		err = r.fillIndex(img, m)
	default:
		err = r.fillImage(img, m, blobs)
	}
	if err == nil && tag != "" {
		err = r.name(img, tag)
	}
	if err != nil {
		return nil, err
	}
	if old := r.Images[img.Digest]; old != nil {
		return old, nil
	}
	r.Images[img.Digest] = img
	return img, nil
}

func (r *repository) fillIndex(img *image, m manifest) error {
	for _, d := range m.Manifests {
		child := r.Images[d.Digest]
		if child == nil {
			return sim.Errorf("ReferencedImagesNotFoundException", "image %s, which the index references, does not exist in the repository '%s'", d.Digest, r.Name)
		}
		img.Children = append(img.Children, d.Digest)
		img.Size = max(img.Size, child.Size)
	}
	return nil
}

func (r *repository) fillImage(img *image, m manifest, blobs map[string][]byte) error {
	for _, d := range append([]descriptor{m.Config}, m.Layers...) {
		switch {
		case d.foreign():
		case !r.Layers[d.Digest]:
			return sim.Errorf("LayersNotFoundException", "Layers with digests '[%s]' required for pushing image into repository with name '%s' in the registry with id '%s' do not exist",
				d.Digest, r.Name, r.Scope.Account)
		default:
			img.Size += int64(len(blobs[d.Digest]))
		}
	}
	return nil
}

// name gives an image a tag.
func (r *repository) name(img *image, tag string) error {
	if old := r.Names[tag]; old != "" && old != img.Digest && r.fixed(tag) {
		return sim.Errorf("ImageTagAlreadyExistsException",
			"The image tag '%s' already exists in the '%s' repository and cannot be overwritten because the tag is immutable.", tag, r.Name)
	}
	r.Names[tag] = img.Digest
	return nil
}

// parentOf gives the digest of an index that references an image, "" when there is none.
func (r *repository) parentOf(digest string) string {
	for _, d := range slices.Sorted(maps.Keys(r.Images)) {
		if slices.Contains(r.Images[d].Children, digest) {
			return d
		}
	}
	return ""
}

// drop deletes an image with all its tags.
func (r *repository) drop(digest string) {
	maps.DeleteFunc(r.Names, func(_, d string) bool { return d == digest })
	delete(r.Images, digest)
}
