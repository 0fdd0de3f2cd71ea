package lambda

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// code is what a function runs. A deployment package is measured and not kept: nothing can read it again.
type code struct {
	Package  string // Image or Zip
	Image    string // as the caller named it
	Resolved string // the same by digest
	SHA256   string
	Size     int
}

// codeInput is where the code comes from (FunctionCode).
type codeInput struct {
	ImageURI        string `json:"ImageUri"`
	ZipFile         []byte
	S3Bucket, S3Key string
	S3ObjectVersion string
}

// resolve finds the code. kind is the function's package type.
func (s *Service) resolve(c *sim.Call, kind string, in codeInput) (code, error) {
	switch {
	case kind == "Image" && in.ImageURI != "":
		return s.image(c, in.ImageURI)
	case kind == "Image":
		return code{}, invalid("Please provide ImageUri when updating a function with packageType Image.")
	case in.ImageURI != "":
		return code{}, invalid("Please don't provide ImageUri when updating a function with packageType Zip.")
	case in.S3Bucket != "" && in.S3Key != "":
		return s.object(c, in)
	case len(in.ZipFile) > 0:
		return zipped(in.ZipFile)
	}
	return code{}, invalid("Please provide a source for function code.")
}

// imagePattern is ACCOUNT.dkr.ecr.REGION.HOST/REPOSITORY with a tag or a digest.
var imagePattern = regexp.MustCompile(`^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.[^/]+/([a-z0-9][a-z0-9._/-]*?)(?::([\w][\w.-]*)|@(sha256:[0-9a-f]{64}))$`)

func (s *Service) image(c *sim.Call, uri string) (code, error) {
	m := imagePattern.FindStringSubmatch(uri)
	if m == nil || len(m[4]) > 128 {
		return code{}, invalid("Source image %s is not valid. Provide a valid source image.", uri)
	}
	at, repository, reference := sim.Scope{Account: m[1], Region: m[2]}, m[3], m[4]+m[5]
	if at.Region != c.Region { // Lambda Developer Guide, "Create a Lambda function using a container image": the same region
		return code{}, invalid("Source image %s is not valid. Provide a valid source image. It is in %s, and Lambda takes images of its own region, %s.", uri, at.Region, c.Region)
	}
	digest := "sha256:" + hexSum([]byte(uri))
	if s.sources.Images != nil {
		var err error
		switch digest, err = s.sources.Images.ImageDigest(c, at, repository, reference); {
		case err != nil && sim.AsError(err).Code == "AccessDeniedException":
			return code{}, denied("Lambda does not have permission to access the ECR image. Check the ECR permissions.")
		case err != nil || s.world.Lost(at): // the registry of another account, which a disaster took
			return code{}, invalid("Source image %s does not exist. Provide a valid source image.", uri)
		}
	}
	name, _, _ := strings.Cut(uri, "@")
	if m[4] != "" {
		name = strings.TrimSuffix(uri, ":"+m[4])
	}
	return code{Package: "Image", Image: uri, Resolved: name + "@" + digest, SHA256: strings.TrimPrefix(digest, "sha256:")}, nil
}

func (s *Service) object(c *sim.Call, in codeInput) (code, error) {
	if s.sources.Objects == nil {
		return zipped([]byte(in.S3Bucket + "/" + in.S3Key + "?" + in.S3ObjectVersion))
	}
	data, err := s.sources.Objects.Object(c, in.S3Bucket, in.S3Key, in.S3ObjectVersion)
	if err != nil {
		e := sim.AsError(err)
		return code{}, invalid("Error occurred while GetObject. S3 Error Code: %s. S3 Error Message: %s", e.Code, e.Message)
	}
	return zipped(data)
}

func zipped(data []byte) (code, error) {
	sum := sha256.Sum256(data)
	return code{Package: "Zip", SHA256: base64.StdEncoding.EncodeToString(sum[:]), Size: len(data)}, nil
}

func hexSum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
