package ecr

import "github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"

// ImageDigest resolves a tag or a digest in a repository for a caller that would pull it, for Lambda. Errors are those of
// BatchGetImage: RepositoryNotFoundException, ImageNotFoundException, AccessDeniedException.
func (s *Service) ImageDigest(c *sim.Call, registry sim.Scope, repository, reference string) (string, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	there := *c
	there.Region = registry.Region
	r, err := s.in(&there, at{registry.Account, repository}, "BatchGetImage")
	if err != nil {
		return "", err
	}
	img := r.find(reference)
	if img == nil {
		return "", sim.Errorf("ImageNotFoundException", "The image with imageId {%s} does not exist within the repository with name '%s'", reference, repository)
	}
	return img.Digest, nil
}
