package stack

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

const (
	// shown is how many versions of a state are compared with a digest that disagrees.
	shown = 10
	// settling is how often a state that somebody is writing right now is looked at again, once a second.
	settling = 5
)

// disagrees says so, by the state's name.
func (r *rest) disagrees() string {
	if !r.there {
		return fmt.Sprintf("state %s is gone, and lock table %s still has its digest", r, r.table)
	}
	return fmt.Sprintf("the digest of state %s in lock table %s is not that of the state", r, r.table)
}

// mend makes the lock table's digest agree with the state that is there. Terraform refuses a state whose digest disagrees; why it does cannot
// be known: the state may have been restored, cut off, or put back. So a person decides, except where this step's own
// killed command held the lock, or where the state is known to be lost.
func (t *turn) mend(ctx context.Context, r *rest) error {
	if r.agrees() {
		return nil
	}
	if r.there && r.bad != nil {
		return t.damaged(ctx, r)
	}
	why := ""
	switch {
	case !r.there && t.cfg.Adopt:
		why = "the state is lost, so its digest goes too"
	case r.there && r.lock != nil && t.work.Own(r.lock):
		why = "this step's killed command had written the state and not yet its digest"
	default:
		q, err := t.distrust(ctx, r)
		if err != nil {
			return err
		}
		if err := t.ask(q, "the digest of its state disagrees, and repairing it was rejected"); err != nil {
			return err
		}
		why = "as approved by " + t.call.Answers[q.Key].By
	}
	if err := t.writeDigest(ctx, r); err != nil {
		return err
	}
	t.took("lock digest of state " + r.String() + " repaired")
	t.call.Tell(step.Progress{Message: fmt.Sprintf("repaired the digest of state %s in lock table %s: %s", r, r.table, why)})
	return nil
}

// writeDigest writes the digest of the state that was looked at, or deletes it, unless the table changed since.
func (t *turn) writeDigest(ctx context.Context, r *rest) error {
	c, err := t.Sites.At(ctx, t.call.Site)
	if err != nil {
		return err
	}
	id, same := lockID(r.String()+"-md5"), aws.String("Digest = :old")
	old := map[string]types.AttributeValue{":old": &types.AttributeValueMemberS{Value: r.digest}}
	if r.there {
		id["Digest"] = &types.AttributeValueMemberS{Value: sum(r.text)}
		_, err = c.DynamoDB.PutItem(ctx, &dynamodb.PutItemInput{TableName: &r.table, Item: id, ConditionExpression: same, ExpressionAttributeValues: old})
	} else {
		_, err = c.DynamoDB.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &r.table, Key: id, ConditionExpression: same, ExpressionAttributeValues: old})
	}
	if err == nil {
		return nil
	}
	e := awscloud.Explain(err, "the digest of state "+r.String()+" cannot be repaired", t.call.Site)
	if awscloud.Code(err) == "ConditionalCheckFailedException" { // somebody else wrote the state, or our own request was heard twice
		e.Class, e.Why = step.Transient, "it changed in this moment"
	}
	return e
}

// settled looks again while somebody else holds the lock: between a state and its digest terraform takes a moment.
func (t *turn) settled(ctx context.Context, r *rest) (*rest, error) {
	for range settling {
		if r == nil || r.agrees() || r.lock == nil || t.work.Own(r.lock) {
			break
		}
		if err := clock.Sleep(ctx, time.Second); err != nil {
			return nil, err
		}
		var err error
		if r, err = t.rest(ctx); err != nil {
			return nil, err
		}
	}
	return r, nil
}

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

// verdict compares the state that is there with the one that the digest belongs to.
func (r *rest) verdict(all []edition) string {
	for _, e := range all {
		switch {
		case e.digest != r.digest || e.bad != nil:
		case e.serial > r.doc.Serial:
			return fmt.Sprintf("The state was put back: the digest is that of a newer one, serial %d; the state that is there has serial %d, and does not know what was made since.", e.serial, r.doc.Serial)
		default:
			return fmt.Sprintf("The digest is that of an older state, serial %d: the one that is there, serial %d, was written without it.", e.serial, r.doc.Serial)
		}
	}
	return fmt.Sprintf("The digest belongs to no version that the bucket keeps. The state that is there is whole and has serial %d; it may be restored, and older than what lives.", r.doc.Serial)
}

// damaged refuses a state that cannot be one, and names the versions that can.
func (t *turn) damaged(ctx context.Context, r *rest) error {
	all, err := t.editions(ctx, r)
	if err != nil {
		return err
	}
	next := "no whole version is left: restore the state from a copy"
	for _, e := range all {
		if e.bad == nil && !e.deleted {
			next = fmt.Sprintf("put the version back that was %s: aws s3api copy-object --region %s --bucket %s --key %s --copy-source '%s?versionId=%s'; then `lifeboat resume`",
				e, t.call.Site.Region, r.bucket, r.path, r, e.id)
			break
		}
	}
	return &step.Error{
		Class: step.Permanent, Site: t.call.Site.Name, What: fmt.Sprintf("stack %q: state %s is damaged: %v", t.cfg.Stack.Name, r, r.bad),
		Why: "the lock table's digest disagrees with it, so it was not Terraform that wrote it so", Next: next,
	}
}
