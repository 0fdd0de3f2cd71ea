package cloudsim

// rate is a documented limit of calls, for one account in one region.
type rate struct {
	class     string // calls of one class draw on one bucket
	perSecond float64
	burst     float64 // the bucket's size
}

// each is a rate of an operation by itself; its bucket holds a second's worth, and at least one call.
func each(operation string, perSecond float64) []rate {
	return []rate{{operation, perSecond, max(1, perSecond)}}
}

// ratesOf gives the limits that a call draws on. Where AWS documents no number there is none.
func ratesOf(service, operation string) []rate {
	switch service {
	case "apigateway":
		return apiGatewayRates(operation)
	case "dynamodb":
		return dynamoDBRates(operation)
	case "ecr":
		return ecrRates(operation)
	case "kms":
		return kmsRates(operation)
	case "lambda":
		return lambdaRates(operation)
	case "logs":
		return logsRates(operation)
	case "monitoring":
		// CloudWatch User Guide, "CloudWatch service quotas": PutMetricAlarm 3/s
		if operation == "PutMetricAlarm" {
			return each(operation, 3)
		}
	case "route53":
		return route53Rates(operation)
	case "s3":
		return s3Rates(operation)
	case "secretsmanager":
		return secretsRates(operation)
	case "ssm":
		return ssmRates(operation)
	case "sts":
		// IAM User Guide, "IAM and STS quotas": 600 requests a second
		return []rate{{"all", 600, 600}}
	}
	return nil
}
