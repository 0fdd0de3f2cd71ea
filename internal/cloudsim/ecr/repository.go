package ecr

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/policy"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// repository is an image repository with its settings and images.
type repository struct {
	Scope      sim.Scope         `json:"-"` // by where it is kept; Load fills it in
	Name       string            `json:"name"`
	Created    time.Time         `json:"created"`
	Mutability string            `json:"mutability"`
	Exclusions []exclusion       `json:"exclusions,omitempty"`
	Scan       scanning          `json:"scan"`
	Encryption encryption        `json:"encryption"`
	Tags       map[string]string `json:"tags"` // of the resource
	Lifecycle  string            `json:"lifecycle,omitempty"`
	Policy     string            `json:"policy,omitempty"`
	Images     map[string]*image `json:"images"` // by digest
	Names      map[string]string `json:"names"`  // image tags: the digest of each
	Layers     map[string]bool   `json:"layers"` // digests of blobs that were pushed or mounted here
}

// exclusion is a pattern of tags to which the repository's mutability does not apply.
type exclusion struct {
	Filter string `json:"filter"`
	Type   string `json:"filterType"`
}

type scanning struct {
	OnPush bool `json:"scanOnPush"`
}

type encryption struct {
	Type string `json:"encryptionType"`
	Key  string `json:"kmsKey,omitempty"`
}

type tag struct {
	Key   string `json:"Key"`
	Value string `json:"Value"`
}

// at names a repository in most calls.
type at struct {
	RegistryID     string `json:"registryId"`
	RepositoryName string `json:"repositoryName"`
}

// repositoryView is a repository as answers have it.
type repositoryView struct {
	ARN        string      `json:"repositoryArn"`
	RegistryID string      `json:"registryId"`
	Name       string      `json:"repositoryName"`
	URI        string      `json:"repositoryUri"`
	Created    float64     `json:"createdAt"` // seconds since 1970
	Mutability string      `json:"imageTagMutability"`
	Exclusions []exclusion `json:"imageTagMutabilityExclusionFilters,omitempty"`
	Scan       scanning    `json:"imageScanningConfiguration"`
	Encryption encryption  `json:"encryptionConfiguration"`
}

func (r *repository) arn() string { return r.Scope.ARN("ecr", "repository/"+r.Name) }

func registryHost(s sim.Scope) string { return s.Account + ".dkr.ecr." + s.Region + ".amazonaws.com" }

func (r *repository) view() repositoryView {
	return repositoryView{
		ARN: r.arn(), RegistryID: r.Scope.Account, Name: r.Name, URI: registryHost(r.Scope) + "/" + r.Name, Created: seconds(r.Created),
		Mutability: r.Mutability, Exclusions: r.Exclusions, Scan: r.Scan, Encryption: r.Encryption,
	}
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// in gives a repository of the caller's region, for a caller who may do the action on it. The service's lock is held.
func (s *Service) in(c *sim.Call, a at, action string) (*repository, error) {
	scope := c.Scope
	if a.RegistryID != "" {
		scope.Account = a.RegistryID
	}
	r := s.state.Registries.In(scope).Repositories[a.RepositoryName]
	if r == nil {
		return nil, sim.Errorf("RepositoryNotFoundException", "The repository with name '%s' does not exist in the registry with id '%s'", a.RepositoryName, scope.Account)
	}
	if !r.admits(c.Account, action) {
		return nil, sim.Errorf("AccessDeniedException", "User: %s is not authorized to perform: ecr:%s on resource: %s because no resource-based policy allows the ecr:%s action",
			c.CallerARN, action, r.arn(), action)
	}
	return r, nil
}

// admits tells whether an account may do an action (BatchGetImage, PutImage...): the owner, or whom the policy lets in.
func (r *repository) admits(account, action string) bool {
	return account == r.Scope.Account || policy.Allows(r.Policy, account, "ecr:"+action, r.arn())
}

type createRepository struct {
	RepositoryName string      `json:"repositoryName"`
	RegistryID     string      `json:"registryId"`
	Mutability     string      `json:"imageTagMutability"`
	Exclusions     []exclusion `json:"imageTagMutabilityExclusionFilters"`
	Scan           scanning    `json:"imageScanningConfiguration"`
	Encryption     encryption  `json:"encryptionConfiguration"`
	Tags           []tag       `json:"tags"`
}

type repositoryAnswer struct {
	Repository repositoryView `json:"repository"`
}

func (s *Service) createRepository(c *sim.Call, in *createRepository) (repositoryAnswer, error) {
	var none repositoryAnswer
	r := &repository{
		Scope: c.Scope, Name: in.RepositoryName, Created: s.world.Now().UTC(), Mutability: in.Mutability, Exclusions: in.Exclusions, Scan: in.Scan, Encryption: in.Encryption,
		Tags: map[string]string{}, Images: map[string]*image{}, Names: map[string]string{}, Layers: map[string]bool{},
	}
	switch {
	case len(r.Name) < 2 || len(r.Name) > 256 || !s.name.MatchString(r.Name):
		return none, invalid("Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression '%s''", s.name)
	case in.RegistryID != "" && in.RegistryID != c.Account:
		return none, sim.Errorf("AccessDeniedException", "a repository is created in the caller's own registry, not in %s", in.RegistryID)
	}
	if r.Mutability == "" {
		r.Mutability = "MUTABLE"
	}
	if err := checkMutability(r.Mutability, r.Exclusions); err != nil {
		return none, err
	}
	switch r.Encryption.Type {
	case "":
		r.Encryption.Type = "AES256"
	case "KMS", "KMS_DSSE":
		if r.Encryption.Key == "" {
			r.Encryption.Key = c.ARN("kms", "key/"+s.world.UUID()) // of alias/aws/ecr
		}
	}
	for _, t := range in.Tags {
		r.Tags[t.Key] = t.Value
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.state.Registries.In(c.Scope)
	if g.Repositories[r.Name] != nil {
		return none, sim.Errorf("RepositoryAlreadyExistsException", "The repository with name '%s' already exists in the registry with id '%s'", r.Name, c.Account)
	}
	if g.Repositories == nil {
		g.Repositories = map[string]*repository{}
	}
	g.Repositories[r.Name] = r
	return repositoryAnswer{r.view()}, nil
}

func invalid(format string, args ...any) *sim.Error {
	return sim.Errorf("InvalidParameterException", format, args...)
}

type describeRepositories struct {
	RegistryID string   `json:"registryId"`
	Names      []string `json:"repositoryNames"`
	MaxResults int      `json:"maxResults"`
	NextToken  string   `json:"nextToken"`
}

type repositoriesAnswer struct {
	Repositories []repositoryView `json:"repositories"`
	NextToken    string           `json:"nextToken,omitempty"`
}

func (s *Service) describeRepositories(c *sim.Call, in *describeRepositories) (repositoriesAnswer, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := repositoriesAnswer{Repositories: []repositoryView{}}
	names := in.Names
	if len(names) == 0 {
		scope := c.Scope
		if in.RegistryID != "" && in.RegistryID != c.Account {
			return out, sim.Errorf("AccessDeniedException", "only the repositories that are named can be described in the registry %s", in.RegistryID)
		}
		var err error
		all := slices.Sorted(maps.Keys(s.state.Registries.In(scope).Repositories))
		if names, out.NextToken, err = page(all, in.MaxResults, in.NextToken); err != nil {
			return out, err
		}
	}
	for _, name := range names {
		r, err := s.in(c, at{in.RegistryID, name}, "DescribeRepositories")
		if err != nil {
			return out, err
		}
		out.Repositories = append(out.Repositories, r.view())
	}
	return out, nil
}

// page gives the items after the one that a token names, and the token of the page after it.
func page(items []string, size int, token string) ([]string, string, error) {
	switch {
	case size == 0:
		size = 100
	case size < 0 || size > 1000:
		return nil, "", invalid("Invalid parameter at 'maxResults' failed to satisfy constraint: 'Member must be between 1 and 1000'")
	}
	start, found := slices.BinarySearch(items, token)
	if found {
		start++
	}
	items = items[start:]
	if len(items) <= size {
		return items, "", nil
	}
	return items[:size], items[size-1], nil
}

type deleteRepository struct {
	at
	Force bool `json:"force"`
}

func (s *Service) deleteRepository(c *sim.Call, in *deleteRepository) (repositoryAnswer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.in(c, in.at, "DeleteRepository")
	switch {
	case err != nil:
		return repositoryAnswer{}, err
	case len(r.Images) > 0 && !in.Force:
		return repositoryAnswer{}, sim.Errorf("RepositoryNotEmptyException",
			"The repository with name '%s' in registry with id '%s' cannot be deleted because it still contains images", r.Name, r.Scope.Account)
	}
	delete(s.state.Registries.In(r.Scope).Repositories, r.Name)
	s.sweep()
	return repositoryAnswer{r.view()}, nil
}

// sweep frees the blobs that no repository has any more.
func (s *Service) sweep() {
	used := map[string]bool{}
	s.state.Registries.Each(func(_ sim.Scope, g *registry) {
		for _, r := range g.Repositories {
			maps.Copy(used, r.Layers)
		}
	})
	maps.DeleteFunc(s.state.Blobs, func(digest string, _ []byte) bool { return !used[digest] })
}

type mutabilityRequest struct {
	at
	Mutability string      `json:"imageTagMutability"`
	Exclusions []exclusion `json:"imageTagMutabilityExclusionFilters"`
}

func (s *Service) putMutability(c *sim.Call, in *mutabilityRequest) (any, error) {
	if err := checkMutability(in.Mutability, in.Exclusions); err != nil {
		return nil, err
	}
	return s.change(c, in.at, "PutImageTagMutability", func(r *repository) (map[string]any, error) {
		r.Mutability, r.Exclusions = in.Mutability, in.Exclusions
		return map[string]any{"imageTagMutability": r.Mutability, "imageTagMutabilityExclusionFilters": r.Exclusions}, nil
	})
}

func checkMutability(m string, exclusions []exclusion) error {
	excluding := strings.HasSuffix(m, "_WITH_EXCLUSION")
	if base := strings.TrimSuffix(m, "_WITH_EXCLUSION"); base != "MUTABLE" && base != "IMMUTABLE" {
		return invalid("Invalid parameter at 'imageTagMutability' failed to satisfy constraint: 'Member must satisfy enum value set'")
	}
	if excluding != (len(exclusions) > 0) {
		return invalid("imageTagMutabilityExclusionFilters belong to a mutability WITH_EXCLUSION, and only to it")
	}
	return nil
}

type scanningRequest struct {
	at
	Scan scanning `json:"imageScanningConfiguration"`
}

func (s *Service) putScanning(c *sim.Call, in *scanningRequest) (any, error) {
	return s.change(c, in.at, "PutImageScanningConfiguration", func(r *repository) (map[string]any, error) {
		r.Scan = in.Scan
		return map[string]any{"imageScanningConfiguration": r.Scan}, nil
	})
}

// change runs f on a repository, alone, and completes its answer by whose repository it is.
func (s *Service) change(c *sim.Call, a at, action string, f func(*repository) (map[string]any, error)) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.in(c, a, action)
	if err != nil {
		return nil, err
	}
	out, err := f(r)
	if err != nil {
		return nil, err
	}
	out["registryId"], out["repositoryName"] = r.Scope.Account, r.Name
	return out, nil
}
