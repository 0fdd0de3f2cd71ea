package iam

import (
	"net/url"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// serviceRolePath is where service-linked roles live.
const serviceRolePath = "/aws-service-role/"

func (s *Service) linkedOps() map[string]op {
	return map[string]op{
		"CreateServiceLinkedRole":            s.createLinked,
		"DeleteServiceLinkedRole":            s.deleteLinked,
		"GetServiceLinkedRoleDeletionStatus": linkedDeletion,
	}
}

// linkedName is the role's name for a service (each service's user guide, "service-linked roles"), for the services that an
// application of our kind meets; others are named after the first label of the service.
func linkedName(service string) string {
	switch service {
	case "dynamodb.application-autoscaling.amazonaws.com":
		return "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable"
	case "lambda.application-autoscaling.amazonaws.com":
		return "AWSServiceRoleForApplicationAutoScaling_LambdaConcurrency"
	case "replication.dynamodb.amazonaws.com":
		return "AWSServiceRoleForDynamoDBReplication"
	case "replication.ecr.amazonaws.com":
		return "AWSServiceRoleForECRReplication"
	case "pullthroughcache.ecr.amazonaws.com":
		return "AWSServiceRoleForECRPullThroughCache"
	case "ops.apigateway.amazonaws.com":
		return "AWSServiceRoleForAPIGateway"
	case "ecs.amazonaws.com":
		return "AWSServiceRoleForECS"
	case "backup.amazonaws.com":
		return "AWSServiceRoleForBackup"
	}
	first, _, _ := strings.Cut(service, ".")
	return "AWSServiceRoleFor" + strings.ToUpper(first[:1]) + first[1:]
}

func (s *Service) createLinked(a *account, c *sim.Call, in url.Values) (any, error) {
	service := in.Get("AWSServiceName")
	if !strings.HasSuffix(service, ".amazonaws.com") || strings.HasPrefix(service, ".") {
		return nil, sim.Errorf("InvalidInput", "The AWS service name %q is not valid", service)
	}
	name := linkedName(service)
	if suffix := in.Get("CustomSuffix"); suffix != "" {
		name += "_" + suffix
	}
	if err := checkName("roleName", name, longestRoleName); err != nil {
		return nil, err
	}
	if a.Roles[strings.ToLower(name)] != nil {
		return nil, sim.Errorf("InvalidInput", "Service role name %s has been taken in this account, please try a different suffix.", name)
	}
	r := &role{
		Name: name, Path: serviceRolePath + service + "/", Description: in.Get("Description"), MaxSession: defaultSession,
		Trust: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"` + service + `"},"Action":"sts:AssumeRole"}]}`,
	}
	if err := s.addRole(a, c.Account, r); err != nil {
		return nil, err
	}
	return roleResult{r.whole()}, nil
}

func (s *Service) deleteLinked(a *account, _ *sim.Call, in url.Values) (any, error) {
	r, err := a.role(in)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(r.Path, serviceRolePath) {
		return nil, sim.Errorf("InvalidInput", "%s is not a service-linked role; delete it with DeleteRole", r.Name)
	}
	delete(a.Roles, strings.ToLower(r.Name))
	return struct{ DeletionTaskId string }{"task" + r.Path + r.Name + "/" + s.world.UUID()}, nil
}

// linkedDeletion tells how a deletion goes: it is done as soon as it was asked for.
func linkedDeletion(a *account, _ *sim.Call, in url.Values) (any, error) {
	id := in.Get("DeletionTaskId")
	parts := strings.Split(id, "/") // task/aws-service-role/SERVICE/ROLE/UUID
	if len(parts) != 5 || a.Roles[strings.ToLower(parts[3])] != nil {
		return nil, missing("The deletion task %s cannot be found.", id)
	}
	return struct{ Status string }{"SUCCEEDED"}, nil
}
