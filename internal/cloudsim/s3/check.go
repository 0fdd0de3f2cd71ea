package s3

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/policy"
)

const defaultEncryption = `<ServerSideEncryptionConfiguration xmlns="` + namespace + `"><Rule><ApplyServerSideEncryptionByDefault>` +
	`<SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>`

// begin gives a new bucket what buckets made since April 2023 have (S3 User Guide, "Default settings for new S3 buckets"):
// public access blocked and access control lists disabled.
func (b *bucket) begin(r *request, tags []tag) error {
	if acl := r.Header.Get("X-Amz-Acl"); acl != "" && acl != "private" {
		return fail(http.StatusBadRequest, "InvalidBucketAclWithObjectOwnership", "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting")
	}
	if strings.EqualFold(r.Header.Get("X-Amz-Bucket-Object-Lock-Enabled"), "true") {
		return refuseLock(r, b, "")
	}
	ownership := r.Header.Get("X-Amz-Object-Ownership")
	if ownership == "" {
		ownership = "BucketOwnerEnforced"
	}
	b.Settings["ownershipControls"] = document{
		Body: `<OwnershipControls xmlns="` + namespace + `"><Rule><ObjectOwnership>` + ownership + `</ObjectOwnership></Rule></OwnershipControls>`,
	}
	b.Settings["publicAccessBlock"] = document{
		Body: `<PublicAccessBlockConfiguration xmlns="` + namespace + `"><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>` +
			`<BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>`,
	}
	if len(tags) == 0 {
		return nil
	}
	set, err := xml.Marshal(struct {
		XMLName xml.Name `xml:"Tagging"`
		TagSet  []tag    `xml:"TagSet>Tag"`
	}{TagSet: tags})
	b.Settings["tagging"] = document{Body: string(set)}
	return err
}

func checkVersioning(_ *request, b *bucket, body string) error {
	var in struct{ Status string }
	if parseXML([]byte(body), &in) != nil || in.Status != "Enabled" && in.Status != "Suspended" {
		return fail(http.StatusBadRequest, "IllegalVersioningConfigurationException", "The Versioning element must be specified")
	}
	if in.Status == "Suspended" && b.Settings["replication"].Body != "" {
		return fail(http.StatusConflict, "InvalidBucketState", "A replication configuration is present on this bucket, so you cannot change the versioning state.")
	}
	b.Versioning = in.Status
	return nil
}

func checkReplication(_ *request, b *bucket, _ string) error {
	if b.Versioning != "Enabled" {
		return fail(http.StatusBadRequest, "InvalidRequest", "Versioning must be 'Enabled' on the bucket to apply a replication configuration")
	}
	return nil
}

func checkTagging(_ *request, _ *bucket, body string) error {
	_, err := parseTags(body, 50)
	return err
}

// encryption is what a bucket's objects are encrypted with by default.
type encryption struct {
	Rule struct {
		Default struct {
			Algorithm string `xml:"SSEAlgorithm"`
			Key       string `xml:"KMSMasterKeyID"`
		} `xml:"ApplyServerSideEncryptionByDefault"`
		BucketKey bool `xml:"BucketKeyEnabled"`
	} `xml:"Rule"`
}

func checkEncryption(_ *request, _ *bucket, body string) error {
	var in encryption
	if parseXML([]byte(body), &in) != nil || !slices.Contains([]string{"AES256", "aws:kms", "aws:kms:dsse"}, in.Rule.Default.Algorithm) {
		return malformedXML()
	}
	return nil
}

// checkPolicy refuses what PutBucketPolicy refuses: text that is no policy, a resource outside the bucket (a policy that
// was copied from another bucket), and a public policy while public policies are blocked.
func checkPolicy(_ *request, b *bucket, body string) error {
	malformed := func(why string) error { return fail(http.StatusBadRequest, "MalformedPolicy", "%s", why) }
	p, err := policy.Parse(body)
	switch {
	case err != nil:
		return malformed("Policies must be valid JSON and the first byte must be '{'")
	case len(p.Statement) == 0:
		return malformed("Missing required field Statement")
	}
	for _, s := range p.Statement {
		if s.Effect != "Allow" && s.Effect != "Deny" {
			return malformed("Invalid effect: " + s.Effect)
		}
		for _, resource := range s.Resource {
			if resource != "*" && !policy.Match([]string{resource}, arn(b.Name, "")) && !strings.HasPrefix(resource, arn(b.Name, "")+"/") {
				return malformed("Policy has invalid resource")
			}
		}
	}
	if p.Public() && b.blocks("BlockPublicPolicy") {
		return fail(http.StatusForbidden, "AccessDenied", "public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access of bucket %s", b.Name)
	}
	return nil
}

// blocks tells whether one of the four public access blocks is on.
func (b *bucket) blocks(name string) bool {
	return strings.Contains(b.Settings["publicAccessBlock"].Body, "<"+name+">true<")
}

// refuseLock refuses object locks: retention is a promise that the drill cloud does not keep.
func refuseLock(*request, *bucket, string) error {
	return fail(http.StatusNotImplemented, "NotImplemented", "the drill cloud does not implement S3 Object Lock")
}
