package export

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// Explain says why a call to the vault failed, at the vault's site, and what to do: for a bucket that is not there, that is in another region, or that
// may not be used.
func (b Bucket) Explain(err error, what string, site *plan.Site) *step.Error {
	if known, ok := errors.AsType[*step.Error](err); ok {
		return known
	}
	e := awscloud.Explain(err, what, site)
	account, region := "the vault's account", "its region"
	if site != nil {
		account, region = "account "+site.Account, site.Region
	}
	switch code := awscloud.Code(err); {
	case code == "NoSuchBucket":
		e.Why = fmt.Sprintf("There is no bucket %s: what it would hold is what a recovery of the data needs", b.Name)
		e.Next = fmt.Sprintf("Correct bucket in the plan's vault block; or make the bucket in %s, aws s3api create-bucket --bucket %s --region %s%s, with a policy that lets the table's account write",
			account, b.Name, region, constraint(region))
	case code == "PermanentRedirect", code == "AuthorizationHeaderMalformed", awscloud.Status(err) == http.StatusMovedPermanently:
		e.Why = fmt.Sprintf("Bucket %s is %s, and the vault's site in %s", b.Name, whereabouts(err), region)
		e.Next = "Give the plan's vault block the site, or the site the region, where the bucket is; or the name of a bucket in " + region
	case awscloud.Denied(err) && strings.HasPrefix(e.Action, "s3:"): // else it is the key that may not be used
		e.Why = fmt.Sprintf("The permission %s is missing, or the bucket is not %s's. Without s3:ListBucket, S3 answers so for what is not there, too", e.Action, account)
		e.Next = fmt.Sprintf("Allow %s to perform s3:ListBucket on arn:aws:s3:::%s, and s3:GetObject and s3:PutObject on arn:aws:s3:::%s/*; or correct the bucket or the site in the plan's vault block",
			awscloud.Principal(site), b.Name, b.Name)
	}
	return e
}

// constraint is what CreateBucket wants everywhere but in the first region (Amazon S3 API Reference, "CreateBucket").
func constraint(region string) string {
	if region == "us-east-1" {
		return ""
	}
	return " --create-bucket-configuration LocationConstraint=" + region
}

// whereabouts is where S3 says that a bucket is.
func whereabouts(err error) string {
	if r, ok := errors.AsType[*smithyhttp.ResponseError](err); ok && r.Response != nil {
		if region := r.Response.Header.Get("X-Amz-Bucket-Region"); region != "" {
			return "in " + region
		}
	}
	return "in another region"
}
