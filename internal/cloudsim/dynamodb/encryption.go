package dynamodb

import (
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// managedKey ends the name of the account's own key for DynamoDB, which is always usable.
const managedKey = "alias/aws/dynamodb"

// setEncryption changes the key. Without a key id the account's key for DynamoDB is meant; another one must be usable.
func (s *Service) setEncryption(c *sim.Call, d *definition, spec *sseSpecification) error {
	switch {
	case spec == nil:
		return nil
	case spec.Enabled == nil || !*spec.Enabled:
		if spec.KMSMasterKeyID != "" || spec.SSEType != "" {
			return invalidValue("SSEType and KMSMasterKeyId can only be specified when SSE is enabled")
		}
		d.KMSKey = ""
		return nil
	case spec.SSEType != "" && spec.SSEType != "KMS":
		return invalidValue("SSEType %s is not supported", spec.SSEType)
	case spec.KMSMasterKeyID == "":
		d.KMSKey = c.ARN("kms", managedKey)
	case strings.HasPrefix(spec.KMSMasterKeyID, "arn:"):
		d.KMSKey = spec.KMSMasterKeyID
	case strings.HasPrefix(spec.KMSMasterKeyID, "alias/"):
		d.KMSKey = c.ARN("kms", spec.KMSMasterKeyID)
	default:
		d.KMSKey = c.ARN("kms", "key/"+spec.KMSMasterKeyID)
	}
	return s.checkKey(c.Scope, d.KMSKey)
}

// keyFault is why a key does not encrypt and decrypt; nil when it does.
func (s *Service) keyFault(at sim.Scope, key string) *sim.Error {
	if strings.HasSuffix(key, managedKey) {
		return nil
	}
	return sim.KeyFault(s.keys, at, key)
}

// checkKey refuses a key that a new table cannot be encrypted with, or an old one not be read with.
func (s *Service) checkKey(at sim.Scope, key string) error {
	if f := s.keyFault(at, key); f != nil {
		return invalid("KMS validation error: com.amazonaws.services.kms.model.%s: %s", f.Code, f.Message)
	}
	return nil
}

// readable refuses the items of a table whose key cannot be used ("DynamoDB encryption at rest usage notes"). AWS notices after
// minutes; here it does at once. The caller holds the table's lock.
func (s *Service) readable(t *table) error {
	if f := s.keyFault(t.scope, t.def.KMSKey); f != nil {
		return sim.Errorf("AccessDeniedException", "KMS key access denied error: com.amazonaws.services.kms.model.%s: %s", f.Code, f.Message)
	}
	return nil
}
