package survey

import (
	"slices"
	"strings"
)

// lookup says what a data source looks for: the types of resources that make it, and the attributes that name it.
type lookup struct {
	types  []string
	by     []string
	plural bool
}

// lookupOf tells how a type of data source finds what it reads; false: it reads nothing that a stack could make.
func lookupOf(typ string) (lookup, bool) {
	if !strings.HasPrefix(typ, "aws_") || computed(typ) {
		return lookup{}, false
	}
	generic := []string{"name", "function_name", "bucket", "identifier", "cluster_identifier", "cluster_name", "domain_name", "domain", "id", "arn", "key_id", "alias"}
	switch typ {
	case "aws_secretsmanager_secret", "aws_secretsmanager_secret_version":
		return lookup{types: []string{"aws_secretsmanager_secret"}, by: []string{"name", "secret_id", "arn"}}, true
	case "aws_kms_alias", "aws_kms_key":
		return lookup{types: []string{"aws_kms_alias"}, by: []string{"name", "key_id"}}, true
	case "aws_ecr_repository", "aws_ecr_image", "aws_ecr_images", "aws_ecr_lifecycle_policy_document":
		return lookup{types: []string{"aws_ecr_repository"}, by: []string{"name", "repository_name"}}, true
	case "aws_s3_bucket", "aws_s3_object", "aws_s3_bucket_object", "aws_s3_objects", "aws_s3_bucket_policy":
		return lookup{types: []string{"aws_s3_bucket"}, by: []string{"bucket"}}, true
	case "aws_lambda_function", "aws_lambda_alias", "aws_lambda_invocation", "aws_lambda_function_url":
		return lookup{types: []string{"aws_lambda_function"}, by: []string{"function_name"}}, true
	case "aws_db_instance":
		return lookup{types: []string{typ}, by: []string{"db_instance_identifier"}}, true
	case "aws_rds_cluster":
		return lookup{types: []string{typ}, by: []string{"cluster_identifier"}}, true
	case "aws_eks_cluster", "aws_eks_cluster_auth":
		return lookup{types: []string{"aws_eks_cluster"}, by: []string{"name"}}, true
	case "aws_ssm_parameters_by_path":
		return lookup{types: []string{"aws_ssm_parameter"}, by: []string{"path"}, plural: true}, true
	case "aws_acm_certificate":
		return lookup{types: []string{typ}, by: []string{"domain"}}, true
	case "aws_iam_policy":
		return lookup{types: []string{typ}, by: []string{"name", "arn"}}, true
	case "aws_lb", "aws_alb":
		return lookup{types: []string{"aws_lb", "aws_alb"}, by: []string{"name", "arn"}}, true
	case "aws_subnet_ids":
		return lookup{types: []string{"aws_subnet"}, by: generic, plural: true}, true
	case "aws_apigatewayv2_apis":
		return lookup{types: []string{"aws_apigatewayv2_api"}, by: generic, plural: true}, true
	case "aws_cloudwatch_log_groups":
		return lookup{types: []string{"aws_cloudwatch_log_group"}, by: []string{"log_group_name_prefix"}, plural: true}, true
	}
	if one, ok := strings.CutSuffix(typ, "s"); ok && pluralType(typ) {
		return lookup{types: []string{one}, by: generic, plural: true}, true
	}
	return lookup{types: []string{typ}, by: generic}, true
}

func pluralType(typ string) bool {
	for _, one := range []string{"_access", "_dns", "_sns", "_sqs", "_kms", "_ecs", "_eks", "_ebs", "_efs", "_status", "_address", "_alias"} {
		if strings.HasSuffix(typ, one) {
			return false
		}
	}
	return strings.HasSuffix(typ, "s")
}

// computed tells of data sources that AWS or the provider answers by itself.
func computed(typ string) bool {
	switch strings.TrimPrefix(typ, "aws_") {
	case "caller_identity", "region", "regions", "partition", "availability_zone", "availability_zones", "iam_policy_document", "ip_ranges", "canonical_user_id",
		"default_tags", "arn", "service", "service_principal", "elb_service_account", "elb_hosted_zone_id", "billing_service_account", "redshift_service_account",
		"cloudtrail_service_account", "iam_session_context", "secretsmanager_random_password", "ecr_authorization_token", "ec2_instance_type", "ec2_instance_types",
		"ec2_instance_type_offerings", "ec2_instance_type_offering", "kms_secrets", "kms_ciphertext", "iam_account_alias", "pricing_product", "iam_principal_policy_simulation",
		"rds_engine_version", "rds_orderable_db_instance", "cloudfront_cache_policy", "cloudfront_origin_request_policy", "cloudfront_response_headers_policy",
		"cloudfront_log_delivery_canonical_user_id", "api_gateway_export", "apigatewayv2_export", "prefix_list", "organizations_organization", "ecr_pull_through_cache_rule",
		"lambda_code_signing_config", "polly_voices", "sagemaker_prebuilt_ecr_image", "s3_bucket_objects", "elastic_beanstalk_hosted_zone", "elastic_beanstalk_solution_stack":
		return true
	}
	return false
}

// identity is the attribute that names a resource in AWS.
func identity(typ string) string {
	switch typ {
	case "aws_s3_bucket":
		return "bucket"
	case "aws_lambda_function":
		return "function_name"
	case "aws_db_instance":
		return "identifier"
	case "aws_rds_cluster", "aws_redshift_cluster", "aws_docdb_cluster", "aws_neptune_cluster":
		return "cluster_identifier"
	case "aws_elasticache_cluster":
		return "cluster_id"
	case "aws_elasticache_replication_group":
		return "replication_group_id"
	case "aws_acm_certificate", "aws_api_gateway_domain_name", "aws_apigatewayv2_domain_name", "aws_opensearch_domain", "aws_elasticsearch_domain":
		return "domain_name"
	case "aws_msk_cluster":
		return "cluster_name"
	case "aws_efs_file_system":
		return "creation_token"
	case "aws_key_pair":
		return "key_name"
	}
	return "name"
}

// key is one thing that a data source looks for.
type lookupKey struct {
	by string // attribute, tags.Name, filter tag:Name
	v  *Value
	at Span
}

// keysOf are the names, tags and filters by which a data source finds what it reads.
func keysOf(body *Value, l lookup) []lookupKey {
	var out []lookupKey
	add := func(by string, v *Value, at Span) {
		if !v.IsNull() {
			out = append(out, lookupKey{by, v, at})
		}
	}
	for _, a := range l.by {
		if v := body.Get(a); v != nil && v.Kind != List {
			add(a, v, v.Span)
		}
	}
	if tags := body.Get("tags"); tags != nil {
		for _, e := range tags.Elems {
			add("tags."+e.Key, e.Value, e.Value.Span)
		}
	}
	for _, f := range body.Get("filter").All() {
		name, _ := f.Get("name").Str()
		for _, v := range f.Get("values").All() {
			add("filter "+name, v, v.Span)
		}
	}
	slices.SortStableFunc(out, func(a, b lookupKey) int { return rank(a.by) - rank(b.by) })
	return out
}

// rank puts what tells most first.
func rank(by string) int {
	switch {
	case !strings.HasPrefix(by, "tags.") && !strings.HasPrefix(by, "filter "):
		return 0
	case strings.HasSuffix(by, "Name") || strings.HasSuffix(by, "-name"):
		return 1
	case strings.HasSuffix(by, "-id"): // what it stands in, not what it is
		return 3
	}
	return 2
}

// tagOf is the tag that a key looks for; empty if it is no tag.
func (k lookupKey) tag() string {
	if t, ok := strings.CutPrefix(k.by, "tags."); ok {
		return t
	}
	t, _ := strings.CutPrefix(k.by, "filter tag:")
	if t == k.by {
		return ""
	}
	return t
}

// prerequisiteKind is what a type of data source reads, in words that people and plans use, with the AWS action that tells whether it is
// there, and who usually provides it.
func prerequisiteKind(typ string) (kind, probe, who string) {
	t := strings.TrimPrefix(typ, "aws_")
	switch {
	case strings.HasPrefix(t, "ecr_"):
		return "image repository", "ecr:DescribeRepositories", "the build"
	case strings.HasPrefix(t, "secretsmanager_"):
		return "secret", "secretsmanager:DescribeSecret", "whoever keeps its value"
	case strings.HasPrefix(t, "ssm_parameter"):
		return "parameter", "ssm:GetParameter", "whoever keeps its value"
	case strings.HasPrefix(t, "kms_"):
		return "key", "kms:DescribeKey", "whoever owns the key"
	case t == "route53_zone" || t == "route53_zones":
		return "dns zone", "route53:ListHostedZonesByName", "whoever owns the domain"
	case strings.HasPrefix(t, "acm_"):
		return "certificate", "acm:ListCertificates", "whoever owns the domain"
	case strings.HasPrefix(t, "vpc"), strings.HasPrefix(t, "subnet"), strings.HasPrefix(t, "security_group"), strings.HasPrefix(t, "route_table"), strings.HasPrefix(t, "nat_"), strings.HasPrefix(t, "internet_gateway"), strings.HasPrefix(t, "network_"):
		return "network", "ec2:Describe*", "the network team"
	case strings.HasPrefix(t, "iam_"):
		return "identity", "iam:Get*", "whoever administers the account"
	case strings.HasPrefix(t, "s3_"):
		return "bucket", "s3:HeadBucket", "whoever owns the bucket"
	case strings.HasPrefix(t, "ami"):
		return "machine image", "ec2:DescribeImages", "the build"
	case strings.HasPrefix(t, "lambda_"):
		return "function", "lambda:GetFunction", "whoever deploys it"
	case strings.HasPrefix(t, "dynamodb_"):
		return "table", "dynamodb:DescribeTable", "whoever owns the data"
	case strings.HasPrefix(t, "sqs_"):
		return "queue", "sqs:GetQueueUrl", "whoever owns the queue"
	case strings.HasPrefix(t, "sns_"):
		return "topic", "sns:GetTopicAttributes", "whoever owns the topic"
	case strings.HasPrefix(t, "lb") || strings.HasPrefix(t, "alb"):
		return "load balancer", "elasticloadbalancing:DescribeLoadBalancers", "the platform team"
	case strings.HasPrefix(t, "cloudwatch_log"):
		return "log group", "logs:DescribeLogGroups", "the platform team"
	}
	return "resource", "", "whoever makes it"
}
