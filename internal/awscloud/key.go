package awscloud

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/smithy-go"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// ofKey tells whether a call failed because of the KMS key that protects what it is about, and which key that is, where AWS says so. Each service
// has words of its own (KMS.DisabledException of S3 and SQS, KMSInvalidStateException, a ValidationException or AccessDeniedException with
// com.amazonaws.services.kms.model.DisabledException of DynamoDB, DecryptionFailure of Secrets Manager).
func ofKey(err error) (key string, yes bool) {
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return "", false
	}
	code, text := api.ErrorCode(), api.ErrorMessage()
	yes = strings.HasPrefix(strings.ToUpper(code), "KMS") || code == "DecryptionFailure" || code == "EncryptionFailure" ||
		strings.Contains(text, "services.kms.model.")
	return KeyARN(text), yes
}

// KeyARN is the first ARN of a KMS key in what AWS says; empty: there is none.
func KeyARN(text string) string {
	return regexp.MustCompile(`arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+`).FindString(text)
}

func keyAdvice(key string, site *plan.Site) (why, next string) {
	id := cmp.Or(key, "KEY")
	return cmp.Or(key, "The key that it is encrypted with") + " cannot be used",
		fmt.Sprintf("Look at the key's state: aws kms describe-key --key-id %s. One that is pending deletion comes back with aws kms cancel-key-deletion, a disabled one with aws kms enable-key; "+
			"else allow %s to perform kms:Decrypt, kms:GenerateDataKey and kms:DescribeKey with it. Then run `lifeboat resume`", id, Principal(site))
}

// Principal is who is to be allowed something at a site: the role that it assumes, or whoever has the credentials.
func Principal(site *plan.Site) string {
	if site != nil && site.AssumeRole != "" {
		return site.AssumeRole
	}
	return "the credentials"
}
