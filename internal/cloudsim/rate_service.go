package cloudsim

import "strings"

// apiGatewayRates: API Gateway Developer Guide, "Quotas for creating, deploying and managing an API": all calls
// 10/s with a burst of 40, some with a rate of their own on top. None can be raised.
func apiGatewayRates(operation string) []rate {
	all := rate{"all", 10, 40}
	switch operation {
	case "CreateApiKey":
		return append(each(operation, 5), all)
	case "CreateDeployment":
		return append(each(operation, 1.0/5), all)
	case "UpdateUsagePlan":
		return append(each(operation, 1.0/20), all)
	case "CreateDomainName", "DeleteDomainName", "DeleteRestApi":
		return append(each(operation, 1.0/30), all)
	case "CreateRestApi":
		return append(each(operation, 1.0/3), all)
	}
	return []rate{all}
}

// dynamoDBRates: DynamoDB API reference, in the words of each operation ("You can call ... at a maximum rate of").
func dynamoDBRates(operation string) []rate {
	switch operation {
	case "ListBackups":
		return each(operation, 5)
	case "DeleteBackup", "DescribeBackup", "DescribeContinuousBackups", "RestoreTableFromBackup":
		return each(operation, 10)
	case "CreateBackup":
		return each(operation, 50)
	}
	return nil
}

// ecrRates: Amazon ECR endpoints and quotas (AWS General Reference).
func ecrRates(operation string) []rate {
	switch operation {
	case "PutImage":
		return each(operation, 10)
	case "InitiateLayerUpload", "CompleteLayerUpload":
		return each(operation, 100)
	case "UploadLayerPart", "GetAuthorizationToken":
		return each(operation, 500)
	case "BatchCheckLayerAvailability":
		return each(operation, 1000)
	case "BatchGetImage":
		return each(operation, 2000)
	case "GetDownloadUrlForLayer":
		return each(operation, 3000)
	}
	return nil
}

// kmsRates: KMS Developer Guide, "Request quotas"; cryptographic operations share a quota, 10,000/s in the smaller regions.
func kmsRates(operation string) []rate {
	switch operation {
	case "Encrypt", "Decrypt", "ReEncrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "GenerateMac", "VerifyMac", "GenerateRandom":
		return []rate{{"cryptographic", 10000, 10000}}
	case "CreateKey", "CreateAlias", "UpdateAlias", "UpdateKeyDescription", "EnableKey", "DisableKey", "DisableKeyRotation", "CancelKeyDeletion", "UntagResource":
		return each(operation, 5)
	case "TagResource":
		return each(operation, 10)
	case "DeleteAlias", "EnableKeyRotation", "PutKeyPolicy", "ScheduleKeyDeletion":
		return each(operation, 15)
	case "CreateGrant", "RetireGrant", "RevokeGrant":
		return each(operation, 50)
	case "ListGrants", "ListKeyPolicies":
		return each(operation, 100)
	case "ListAliases", "ListKeys":
		return each(operation, 500)
	case "GetKeyPolicy", "GetKeyRotationStatus":
		return each(operation, 1000)
	case "DescribeKey", "ListResourceTags":
		return each(operation, 2000)
	}
	return nil
}

// lambdaRates: Lambda Developer Guide, "Lambda quotas", API requests: GetFunction 100/s, GetPolicy 15/s, the rest of the
// control plane 15/s together. Invocations are bounded by concurrency, not by a rate.
func lambdaRates(operation string) []rate {
	switch operation {
	case "Invoke":
		return nil
	case "GetFunction":
		return each(operation, 100)
	case "GetPolicy":
		return each(operation, 15)
	}
	return []rate{{"control plane", 15, 15}}
}

// logsRates: CloudWatch Logs User Guide, "CloudWatch Logs quotas".
func logsRates(operation string) []rate {
	switch operation {
	case "ListTagsForResource", "ListTagsLogGroup", "TagResource", "UntagResource", "TagLogGroup", "UntagLogGroup", "PutRetentionPolicy", "DeleteRetentionPolicy",
		"PutSubscriptionFilter", "DeleteSubscriptionFilter", "DescribeSubscriptionFilters", "PutMetricFilter", "DeleteMetricFilter", "DescribeMetricFilters":
		return each(operation, 5)
	case "CreateLogGroup", "DeleteLogGroup", "DescribeLogGroups":
		return each(operation, 10)
	case "DeleteLogStream":
		return each(operation, 15)
	case "DescribeLogStreams":
		return each(operation, 25)
	case "CreateLogStream":
		return each(operation, 50)
	case "PutLogEvents":
		return each(operation, 5000)
	}
	return nil
}

// route53Rates: Route 53 API request limits: a bucket of 50 refilled with 10/s for the account, CreateHostedZone 2/s.
func route53Rates(operation string) []rate {
	all := rate{"all", 10, 50}
	if operation == "CreateHostedZone" {
		return append(each(operation, 2), all)
	}
	return []rate{all}
}

// s3Rates: S3 User Guide, "Optimizing Amazon S3 performance": at least 3,500 writes and 5,500 reads a second for a prefix. Here
// that floor holds for all prefixes of an account's region together.
func s3Rates(operation string) []rate {
	for _, read := range []string{"Get", "Head", "List"} {
		if strings.HasPrefix(operation, read) {
			return []rate{{"read", 5500, 5500}}
		}
	}
	return []rate{{"write", 3500, 3500}}
}

// secretsRates: Secrets Manager User Guide, "Secrets Manager quotas".
func secretsRates(operation string) []rate {
	switch operation {
	case "DescribeSecret", "GetSecretValue":
		return []rate{{"read", 10000, 10000}}
	case "GetResourcePolicy", "PutResourcePolicy", "DeleteResourcePolicy", "ValidateResourcePolicy":
		return []rate{{"resource policy", 50, 50}}
	case "PutSecretValue", "UpdateSecret", "UpdateSecretVersionStage", "ReplicateSecretToRegion", "RemoveRegionsFromReplication":
		return []rate{{"write", 50, 50}}
	case "TagResource", "UntagResource":
		return []rate{{"tag", 50, 50}}
	case "CreateSecret", "DeleteSecret", "RestoreSecret", "GetRandomPassword", "ListSecretVersionIds":
		return each(operation, 50)
	case "ListSecrets":
		return each(operation, 100)
	}
	return nil
}

// ssmRates: Systems Manager endpoints and quotas (AWS General Reference), Parameter Store default throughput: GetParameter and
// GetParameters 40/s together, PutParameter 3/s.
func ssmRates(operation string) []rate {
	switch operation {
	case "GetParameter", "GetParameters":
		return []rate{{"get", 40, 40}}
	case "PutParameter":
		return each(operation, 3)
	}
	return nil
}
