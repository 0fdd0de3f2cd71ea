package stack

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// edition is one version of a state.
type edition struct {
	id      string
	at      time.Time
	digest  string
	serial  int64
	bad     error
	deleted bool // a delete marker
}

func (e edition) String() string {
	s := "written " + e.at.UTC().Format("2006-01-02 15:04:05 MST")
	switch {
	case e.deleted:
		return "deleted " + strings.TrimPrefix(s, "written ")
	case e.bad != nil:
		return fmt.Sprintf("%s, damaged: %v (version %s)", s, e.bad, e.id)
	default:
		return fmt.Sprintf("%s, serial %d (version %s)", s, e.serial, e.id)
	}
}

// editions are the newest versions of the state that the bucket keeps.
func (t *turn) editions(ctx context.Context, r *rest) ([]edition, error) {
	c, err := t.Sites.At(ctx, t.call.Site)
	if err != nil {
		return nil, err
	}
	out, err := c.S3.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: &r.bucket, Prefix: &r.path})
	if err != nil {
		return nil, awscloud.Explain(err, "the versions of state "+r.String()+" cannot be listed", t.call.Site)
	}
	var all []edition
	for _, m := range out.DeleteMarkers {
		if aws.ToString(m.Key) == r.path && aws.ToBool(m.IsLatest) {
			all = append(all, edition{at: aws.ToTime(m.LastModified), deleted: true})
		}
	}
	for _, v := range out.Versions { // the newest first
		if aws.ToString(v.Key) != r.path || len(all) == shown {
			continue
		}
		text, there, err := readObject(ctx, c.S3, r.bucket, r.path, v.VersionId)
		if err != nil {
			return nil, awscloud.Explain(err, "a version of state "+r.String()+" cannot be read", t.call.Site)
		}
		if there {
			doc, bad := parseState(text)
			all = append(all, edition{id: aws.ToString(v.VersionId), at: aws.ToTime(v.LastModified), digest: sum(text), serial: doc.Serial, bad: bad})
		}
	}
	return all, nil
}

// distrust asks whether the state that is there counts.
func (t *turn) distrust(ctx context.Context, r *rest) (*step.Ask, error) {
	all, err := t.editions(ctx, r)
	if err != nil {
		return nil, err
	}
	q := &step.Ask{Key: "digest-" + short(r.digest), Prompt: fmt.Sprintf("stack %q: %s; go on without a state?", t.cfg.Stack.Name, r.disagrees())}
	verdict := "Without its state Terraform makes everything anew, and collides with what lives. Put a version back instead, if there is one."
	if r.there {
		q.Key += "-" + short(sum(r.text))
		q.Prompt = fmt.Sprintf("stack %q: %s; trust the state that is there?", t.cfg.Stack.Name, r.disagrees())
		verdict = r.verdict(all)
	}
	lines := []string{verdict, "The bucket keeps:"}
	for _, e := range all {
		line := "  " + e.String()
		if e.digest == r.digest {
			line += ", the one that the digest belongs to"
		}
		lines = append(lines, line)
	}
	if len(all) == 0 {
		lines = append(lines, "  no version at all")
	}
	if r.lock != nil {
		lines = append(lines, fmt.Sprintf("The state is locked by %s since %s: make sure that nobody is still applying.", r.lock.Who, r.lock.Created.UTC().Format("2006-01-02 15:04:05 MST")))
	}
	lines = append(lines, "Approve to repair the digest in the lock table. Reject to put another version of the state back first:", fmt.Sprintf(
		"  aws s3api copy-object --region %s --bucket %s --key %s --copy-source '%s?versionId=VERSION'", t.call.Site.Region, r.bucket, r.path, r))
	q.Detail = strings.Join(lines, "\n")
	return q, nil
}

func short(digest string) string { return digest[:min(len(digest), 12)] }
