package planfile

import (
	"fmt"
	"path"
	"regexp"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// images reads the container images that stacks need.
func (l *loader) images() {
	each(l, "image", func(b *body, x *hclsyntax.Block) {
		b.require("repository")
		i := &plan.Image{
			Block: b.block(x), Repository: b.text("repository"), Tags: b.texts("tags"), Digests: b.texts("digests"), From: b.sources(false),
			In: b.ref("in", "stack").Name, Address: b.address("the repository"),
		}
		if in := b.given("in"); in != b.given("address") {
			b.fail(i.Range, "Half of where the repository is made", `Write both, such as in = stack.base and address = "aws_ecr_repository.app"`, "`in` and `address` belong together: the stack whose code makes the repository, and the resource there.")
		}
		if s := b.one("settings"); s != nil {
			i.Settings = s.settings()
		}
		b.checkImage(i)
		if len(i.Tags)+len(i.Digests) == 0 && !b.broken["tags"] && !b.broken["digests"] {
			b.fail(i.Range, "An image without tags and digests", `Add tags = ["..."] or digests = ["sha256:..."]`, "Nothing says which images of the repository the stacks need.")
		}
		for _, s := range i.From {
			if s.Layout != "" && !l.files.isDir(path.Join(l.base, s.Layout)) {
				b.warn(s.Range, fmt.Sprintf("There is no folder %q", s.Layout), "Copy an OCI image layout there, such as crane pull --format=oci writes", "Until it exists, images cannot be copied from it.")
			}
		}
		l.plan.Images = append(l.plan.Images, i)
	})
}

// checkImage holds an image's names to the forms of the ECR API Reference: CreateRepository (repositoryName) and PutImage (imageTag, imageDigest).
func (b *body) checkImage(i *plan.Image) {
	repository := regexp.MustCompile(`^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$`)
	tag := regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$`)
	digest := regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	if b.given("repository") && (!repository.MatchString(i.Repository) || len(i.Repository) > 256) {
		b.fail(b.valueAt("repository"), fmt.Sprintf("%q is not a repository", i.Repository), "Write its name only, without registry and tag", "A repository's name has lower-case letters, digits, and . _ - / between them.")
	}
	for _, t := range i.Tags {
		if !tag.MatchString(t) {
			b.fail(b.valueAt("tags"), fmt.Sprintf("%q is not a tag", t), "", "A tag has letters, digits, . _ and - only, 128 at most.")
		}
	}
	for _, d := range i.Digests {
		if !digest.MatchString(d) {
			b.fail(b.valueAt("digests"), fmt.Sprintf("%q is not a digest", d), "", "A digest is sha256: and 64 hexadecimal digits.")
		}
	}
}

func (b *body) settings() *plan.RepositorySettings {
	s := &plan.RepositorySettings{
		Immutable: b.flag("immutable"), ScanOnPush: b.flag("scan_on_push"), KMSKey: b.text("kms_key"),
		LifecyclePolicy: b.jsonText("lifecycle_policy"), Policy: b.jsonText("policy"),
	}
	b.end()
	return s
}
