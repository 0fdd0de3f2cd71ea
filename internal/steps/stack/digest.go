package stack

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

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
