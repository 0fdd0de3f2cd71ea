package ecr

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
)

// maxManifest bounds a manifest (OCI Distribution Specification 1.1: registries take at least 4 MiB).
const maxManifest = 4 << 20

// image is a manifest that was pushed, of an image or of an index of images.
type image struct {
	Digest    string    `json:"digest"`
	MediaType string    `json:"mediaType"`
	Artifact  string    `json:"artifact,omitempty"` // the media type of its configuration
	Manifest  []byte    `json:"manifest"`
	Pushed    time.Time `json:"pushed"`
	Size      int64     `json:"size"`               // of the layers; of an index, the largest of its images
	Children  []string  `json:"children,omitempty"` // digests of an index's manifests
}

// manifest is what the registry reads of a manifest (OCI Image Specification 1.1; Docker Image Manifest V2, Schema 2).
type manifest struct {
	SchemaVersion int          `json:"schemaVersion"`
	MediaType     string       `json:"mediaType"`
	ArtifactType  string       `json:"artifactType"`
	Config        descriptor   `json:"config"`
	Layers        []descriptor `json:"layers"`
	Manifests     []descriptor `json:"manifests"`
}

type descriptor struct {
	MediaType string `json:"mediaType"`
	Digest    string `json:"digest"`
	Size      int64  `json:"size"`
}

// foreign tells whether a layer is not kept by registries (nondistributable layers).
func (d descriptor) foreign() bool {
	return strings.Contains(d.MediaType, "nondistributable") || strings.Contains(d.MediaType, ".foreign.")
}

func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func isDigest(s string) bool {
	h, ok := strings.CutPrefix(s, "sha256:")
	return ok && len(h) == 2*sha256.Size && strings.Trim(h, "0123456789abcdef") == ""
}

func isTag(s string) bool {
	return s != "" && len(s) <= 128 && s[0] != '.' && s[0] != '-' && !strings.ContainsFunc(s, func(c rune) bool {
		return (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && !strings.ContainsRune("_.-", c)
	})
}
