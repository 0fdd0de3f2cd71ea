package ecr

import (
	"maps"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// imageID names an image in the API.
type imageID struct {
	Digest string `json:"imageDigest,omitempty"`
	Tag    string `json:"imageTag,omitempty"`
}

// image finds an image of the repository; code says why not, as in the failures of batch calls.
func (r *repository) image(id imageID) (img *image, code, reason string) {
	switch {
	case id.Digest == "" && id.Tag == "":
		return nil, "MissingDigestAndTag", "Invalid request parameters: both tag and digest cannot be null"
	case id.Digest != "" && !isDigest(id.Digest):
		return nil, "InvalidImageDigest", "Invalid request parameters: image digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'"
	case id.Tag != "":
		img = r.find(id.Tag)
	default:
		img = r.find(id.Digest)
	}
	switch {
	case img == nil:
		return nil, "ImageNotFound", "Requested image not found"
	case id.Digest != "" && img.Digest != id.Digest:
		return nil, "ImageTagDoesNotMatchDigest", "Requested image tag and digest do not match"
	}
	return img, "", ""
}

type failure struct {
	ID     imageID `json:"imageId"`
	Code   string  `json:"failureCode"`
	Reason string  `json:"failureReason"`
}

type imageView struct {
	RegistryID     string  `json:"registryId"`
	RepositoryName string  `json:"repositoryName"`
	ID             imageID `json:"imageId"`
	Manifest       string  `json:"imageManifest"`
	MediaType      string  `json:"imageManifestMediaType"`
}

func (r *repository) imageView(img *image, tag string) imageView {
	return imageView{r.Scope.Account, r.Name, imageID{img.Digest, tag}, string(img.Manifest), img.MediaType}
}

type putImage struct {
	at
	Manifest  string `json:"imageManifest"`
	MediaType string `json:"imageManifestMediaType"`
	Tag       string `json:"imageTag"`
	Digest    string `json:"imageDigest"`
}

func (s *Service) putImage(c *sim.Call, in *putImage) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.in(c, in.at, "PutImage")
	if err != nil {
		return nil, err
	}
	digest := digestOf([]byte(in.Manifest))
	switch {
	case in.Digest != "" && in.Digest != digest:
		return nil, sim.Errorf("ImageDigestDoesNotMatchException", "the image's digest is %s, and the request says %s", digest, in.Digest)
	case r.Images[digest] != nil && (in.Tag == "" || r.Names[in.Tag] == digest):
		return nil, sim.Errorf("ImageAlreadyExistsException", "Image with digest '%s' and tag '%s' already exists in the repository with name '%s' in registry with id '%s'",
			digest, in.Tag, r.Name, r.Scope.Account)
	}
	img, err := r.put([]byte(in.Manifest), in.MediaType, in.Tag, s.state.Blobs, s.world.Now().UTC())
	if err != nil {
		return nil, err
	}
	return map[string]imageView{"image": r.imageView(img, in.Tag)}, nil
}

type imagesRequest struct {
	at
	IDs        []imageID `json:"imageIds"`
	MaxResults int       `json:"maxResults"`
	NextToken  string    `json:"nextToken"`
	Filter     struct {
		TagStatus string `json:"tagStatus"` // TAGGED, UNTAGGED or ANY
	} `json:"filter"`
}

// ids lists digests with their tags, one line for each pair, as "digest tag"; a space ends the untagged.
func (r *repository) ids(status string) []string {
	var out []string
	for digest := range r.Images {
		tags := r.tagsOf(digest)
		if len(tags) == 0 && status != "TAGGED" {
			out = append(out, digest+" ")
		}
		for _, t := range tags {
			if status != "UNTAGGED" {
				out = append(out, digest+" "+t)
			}
		}
	}
	slices.Sort(out)
	return out
}

func (s *Service) listImages(c *sim.Call, in *imagesRequest) (any, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	r, err := s.in(c, in.at, "ListImages")
	if err != nil {
		return nil, err
	}
	lines, next, err := page(r.ids(in.Filter.TagStatus), in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := struct {
		IDs  []imageID `json:"imageIds"`
		Next string    `json:"nextToken,omitempty"`
	}{IDs: []imageID{}, Next: next}
	for _, line := range lines {
		digest, tag, _ := strings.Cut(line, " ")
		out.IDs = append(out.IDs, imageID{digest, tag})
	}
	return out, nil
}

type imageDetail struct {
	RegistryID     string   `json:"registryId"`
	RepositoryName string   `json:"repositoryName"`
	Digest         string   `json:"imageDigest"`
	Tags           []string `json:"imageTags,omitempty"`
	Size           int64    `json:"imageSizeInBytes"`
	Pushed         float64  `json:"imagePushedAt"`
	MediaType      string   `json:"imageManifestMediaType"`
	Artifact       string   `json:"artifactMediaType,omitempty"`
}

func (r *repository) detail(img *image) imageDetail {
	return imageDetail{r.Scope.Account, r.Name, img.Digest, r.tagsOf(img.Digest), img.Size, seconds(img.Pushed), img.MediaType, img.Artifact}
}

func (s *Service) describeImages(c *sim.Call, in *imagesRequest) (any, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	r, err := s.in(c, in.at, "DescribeImages")
	if err != nil {
		return nil, err
	}
	out := struct {
		Details []imageDetail `json:"imageDetails"`
		Next    string        `json:"nextToken,omitempty"`
	}{Details: []imageDetail{}}
	for _, id := range in.IDs {
		img, _, _ := r.image(id)
		if img == nil {
			return nil, r.imageNotFound(id)
		}
		out.Details = append(out.Details, r.detail(img))
	}
	if len(in.IDs) > 0 {
		return out, nil
	}
	digests := slices.Sorted(maps.Keys(r.Images))
	digests = slices.DeleteFunc(digests, func(d string) bool {
		tagged := len(r.tagsOf(d)) > 0
		return in.Filter.TagStatus == "TAGGED" && !tagged || in.Filter.TagStatus == "UNTAGGED" && tagged
	})
	if digests, out.Next, err = page(digests, in.MaxResults, in.NextToken); err != nil {
		return nil, err
	}
	for _, d := range digests {
		out.Details = append(out.Details, r.detail(r.Images[d]))
	}
	return out, nil
}

func (r *repository) imageNotFound(id imageID) error {
	return sim.Errorf("ImageNotFoundException", "The image with imageId {imageDigest:'%s', imageTag:'%s'} does not exist within the repository with name '%s' in the registry with id '%s'",
		id.Digest, id.Tag, r.Name, r.Scope.Account)
}

func (s *Service) getImages(c *sim.Call, in *imagesRequest) (any, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	r, err := s.in(c, in.at, "BatchGetImage")
	if err != nil {
		return nil, err
	}
	out := struct {
		Images   []imageView `json:"images"`
		Failures []failure   `json:"failures"`
	}{[]imageView{}, []failure{}}
	for _, id := range in.IDs {
		if img, code, reason := r.image(id); img == nil {
			out.Failures = append(out.Failures, failure{id, code, reason})
		} else {
			out.Images = append(out.Images, r.imageView(img, id.Tag))
		}
	}
	return out, nil
}

// deleteImages takes tags away, and images by digest; an image that loses its last tag so is deleted (BatchDeleteImage).
func (s *Service) deleteImages(c *sim.Call, in *imagesRequest) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.in(c, in.at, "BatchDeleteImage")
	if err != nil {
		return nil, err
	}
	out := struct {
		IDs      []imageID `json:"imageIds"`
		Failures []failure `json:"failures"`
	}{[]imageID{}, []failure{}}
	for _, id := range in.IDs {
		img, code, reason := r.image(id)
		if img == nil {
			out.Failures = append(out.Failures, failure{id, code, reason})
			continue
		}
		tags := r.tagsOf(img.Digest)
		if id.Tag != "" {
			tags = []string{id.Tag}
			delete(r.Names, id.Tag)
		}
		if id.Tag == "" || len(r.tagsOf(img.Digest)) == 0 {
			if parent := r.parentOf(img.Digest); parent != "" && id.Tag == "" {
				out.Failures = append(out.Failures, failure{id, "ImageReferencedByManifestList", "Requested image referenced by manifest list: [" + parent + "]"})
				continue
			} else if parent == "" {
				r.drop(img.Digest)
			}
		}
		for _, t := range tags {
			out.IDs = append(out.IDs, imageID{img.Digest, t})
		}
		if len(tags) == 0 {
			out.IDs = append(out.IDs, imageID{Digest: img.Digest})
		}
	}
	return out, nil
}

// scanFindings answers that there was no scan, which is true.
func (s *Service) scanFindings(c *sim.Call, in *struct {
	at
	ID imageID `json:"imageId"`
},
) (any, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	r, err := s.in(c, in.at, "DescribeImageScanFindings")
	if err != nil {
		return nil, err
	}
	if img, _, _ := r.image(in.ID); img == nil {
		return nil, r.imageNotFound(in.ID)
	}
	return nil, sim.Errorf("ScanNotFoundException", "Image scan does not exist for the image with digest '%s' and tag '%s': the drill cloud scans no images", in.ID.Digest, in.ID.Tag)
}

type layerView struct {
	Digest       string `json:"layerDigest"`
	Availability string `json:"layerAvailability"`
	Size         int    `json:"layerSize,omitempty"`
}

type layerFailure struct {
	Digest string `json:"layerDigest"`
	Code   string `json:"failureCode"`
	Reason string `json:"failureReason"`
}

func (s *Service) checkLayers(c *sim.Call, in *struct {
	at
	Digests []string `json:"layerDigests"`
},
) (any, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	r, err := s.in(c, in.at, "BatchCheckLayerAvailability")
	if err != nil {
		return nil, err
	}
	out := struct {
		Layers   []layerView    `json:"layers"`
		Failures []layerFailure `json:"failures"`
	}{[]layerView{}, []layerFailure{}}
	for _, d := range in.Digests {
		switch {
		case !isDigest(d):
			out.Failures = append(out.Failures, layerFailure{d, "InvalidLayerDigest", "Invalid layer digest"})
		case r.Layers[d]:
			out.Layers = append(out.Layers, layerView{d, "AVAILABLE", len(s.state.Blobs[d])})
		default:
			out.Layers = append(out.Layers, layerView{Digest: d, Availability: "UNAVAILABLE"})
		}
	}
	return out, nil
}
