package adopt

// Types is the table of what can be looked up: Terraform's name of a type, and its finder. To add one, write its finder in the file of its
// service, and name it here.
func Types() map[string]Finder {
	return map[string]Finder{
		"aws_api_gateway_account":              apiAccount,
		"aws_api_gateway_api_key":              apiKey,
		"aws_api_gateway_deployment":           apiDeployment,
		"aws_api_gateway_integration":          apiIntegration,
		"aws_api_gateway_integration_response": apiIntegrationResponse,
		"aws_api_gateway_method":               apiMethod,
		"aws_api_gateway_method_response":      apiMethodResponse,
		"aws_api_gateway_method_settings":      apiMethodSettings,
		"aws_api_gateway_resource":             apiResource,
		"aws_api_gateway_rest_api":             restAPI,
		"aws_api_gateway_stage":                apiStage,
		"aws_api_gateway_usage_plan":           usagePlan,
		"aws_api_gateway_usage_plan_key":       usagePlanKey,

		"aws_cloudwatch_log_group":       logGroup,
		"aws_dynamodb_table":             table,
		"aws_ecr_repository":             repository,
		"aws_iam_policy":                 policy,
		"aws_iam_role":                   role,
		"aws_iam_role_policy":            rolePolicy,
		"aws_iam_role_policy_attachment": attachment,
		"aws_kms_alias":                  alias,
		"aws_kms_key":                    key,

		"aws_lambda_event_source_mapping": mapping,
		"aws_lambda_function":             function,
		"aws_lambda_permission":           permission,

		"aws_s3_bucket":                                      bucket,
		"aws_s3_bucket_lifecycle_configuration":              bucketLifecycle,
		"aws_s3_bucket_ownership_controls":                   bucketOwnership,
		"aws_s3_bucket_policy":                               bucketPolicy,
		"aws_s3_bucket_public_access_block":                  bucketPrivacy,
		"aws_s3_bucket_server_side_encryption_configuration": bucketEncryption,
		"aws_s3_bucket_versioning":                           bucketVersioning,

		"aws_secretsmanager_secret":         secret,
		"aws_secretsmanager_secret_version": secretVersion,
		"aws_sqs_queue":                     queue,
		"aws_ssm_parameter":                 parameter,
	}
}
