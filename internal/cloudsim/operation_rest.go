package cloudsim

import (
	"net/http"
	"strings"
)

// registryOperation names a container registry's request by its method and what it is about: manifests, blobs, tags.
func registryOperation(r *http.Request) string {
	for _, kind := range []string{"manifests", "blobs", "tags"} {
		if strings.Contains(r.URL.Path, "/"+kind+"/") {
			return "registry " + r.Method + " " + kind
		}
	}
	return "registry " + r.Method
}

// restOperation names a REST-JSON call of the services whose rates depend on it.
func restOperation(service, method, path string) string {
	var table []string
	switch service {
	case "lambda":
		table = lambdaOperations()
	case "apigateway":
		table = apiGatewayOperations()
	case "route53":
		table = []string{"POST /*/hostedzone", "CreateHostedZone"} // Route 53 API reference
	}
	segments := strings.Split(strings.Trim(path, "/"), "/")
	for i := 0; i+1 < len(table); i += 2 {
		verb, template, _ := strings.Cut(table[i], " /")
		if verb == method && matches(strings.Split(template, "/"), segments) {
			return table[i+1]
		}
	}
	if service == "apigateway" { // its paths alternate between kinds and ids, which are too many to count
		for i := 1; i < len(segments); i += 2 {
			segments[i] = "*"
		}
		path = "/" + strings.Join(segments, "/")
	}
	return method + " " + path
}

// matches compares path segments; * takes any one.
func matches(template, segments []string) bool {
	if len(template) != len(segments) {
		return false
	}
	for i, t := range template {
		if t != "*" && t != segments[i] {
			return false
		}
	}
	return true
}

// lambdaOperations pairs requests with names (Lambda API reference, "Actions"). The first segment is the API's date.
func lambdaOperations() []string {
	return []string{
		"POST /*/functions", "CreateFunction",
		"GET /*/functions", "ListFunctions",
		"GET /*/functions/*", "GetFunction",
		"DELETE /*/functions/*", "DeleteFunction",
		"GET /*/functions/*/configuration", "GetFunctionConfiguration",
		"PUT /*/functions/*/configuration", "UpdateFunctionConfiguration",
		"PUT /*/functions/*/code", "UpdateFunctionCode",
		"GET /*/functions/*/versions", "ListVersionsByFunction",
		"POST /*/functions/*/versions", "PublishVersion",
		"GET /*/functions/*/policy", "GetPolicy",
		"POST /*/functions/*/policy", "AddPermission",
		"DELETE /*/functions/*/policy/*", "RemovePermission",
		"POST /*/functions/*/invocations", "Invoke",
		"GET /*/functions/*/code-signing-config", "GetFunctionCodeSigningConfig",
		"PUT /*/functions/*/concurrency", "PutFunctionConcurrency",
		"GET /*/functions/*/concurrency", "GetFunctionConcurrency",
		"DELETE /*/functions/*/concurrency", "DeleteFunctionConcurrency",
		"POST /*/event-source-mappings", "CreateEventSourceMapping",
		"GET /*/event-source-mappings", "ListEventSourceMappings",
		"GET /*/event-source-mappings/*", "GetEventSourceMapping",
		"PUT /*/event-source-mappings/*", "UpdateEventSourceMapping",
		"DELETE /*/event-source-mappings/*", "DeleteEventSourceMapping",
		"GET /*/tags/*", "ListTags",
		"POST /*/tags/*", "TagResource",
		"DELETE /*/tags/*", "UntagResource",
	}
}

// apiGatewayOperations pairs requests with names (API Gateway API reference, "Actions"), where a rate of its own exists.
func apiGatewayOperations() []string {
	return []string{
		"POST /apikeys", "CreateApiKey",
		"POST /restapis", "CreateRestApi",
		"DELETE /restapis/*", "DeleteRestApi",
		"POST /restapis/*/deployments", "CreateDeployment",
		"PATCH /usageplans/*", "UpdateUsagePlan",
		"POST /domainnames", "CreateDomainName",
		"DELETE /domainnames/*", "DeleteDomainName",
	}
}
