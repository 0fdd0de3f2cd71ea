package apigateway

import (
	"net/http"
	"path"
	"strings"
)

// operation answers one call on the caller's account and region, under the lock.
type operation func(r *region, q *request) (any, error)

// routes is the whole API.
func (s *Service) routes() http.Handler {
	mux := http.NewServeMux()
	add := func(status int, pattern string, op operation) { mux.Handle(pattern, s.answer(status, op)) }
	s.apiRoutes(add)
	s.methodRoutes(add)
	s.accessRoutes(add)
	unknown := func(w http.ResponseWriter, r *http.Request) {
		writeError(w, lacks(r.Method+" "+r.URL.Path))
	}
	mux.HandleFunc("/", unknown)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tidy := r.Clone(r.Context()) // the mux redirects what it thinks unclean, such as the trailing slashes that some clients write
		tidy.URL.Path, tidy.URL.RawPath = strings.TrimSuffix(r.URL.Path, "/"), strings.TrimSuffix(r.URL.RawPath, "/")
		if path.Clean(tidy.URL.Path) != tidy.URL.Path {
			unknown(w, r)
			return
		}
		mux.ServeHTTP(w, tidy)
	})
}

type adder = func(status int, pattern string, op operation)

func (s *Service) apiRoutes(add adder) {
	const one = "/restapis/{api}"
	add(http.StatusCreated, "POST /restapis", s.createAPI)
	add(http.StatusOK, "GET /restapis", listAPIs)
	add(http.StatusOK, "GET "+one, onAPI(getAPI))
	add(http.StatusOK, "PATCH "+one, onAPI(updateAPI))
	add(http.StatusAccepted, "DELETE "+one, onAPI(deleteAPI))
	for _, kind := range []string{"authorizers", "requestvalidators"} {
		add(http.StatusOK, "GET "+one+"/"+kind, onAPI(none))
	}
	add(http.StatusOK, "GET "+one+"/models", onAPI(listModels))
	add(http.StatusOK, "GET "+one+"/models/{model}", onAPI(getModel))

	add(http.StatusOK, "GET "+one+"/resources", onAPI(listResources))
	add(http.StatusCreated, "POST "+one+"/resources/{resource}", onResource(s.createResource))
	add(http.StatusOK, "GET "+one+"/resources/{resource}", onResource(getResource))
	add(http.StatusOK, "PATCH "+one+"/resources/{resource}", onResource(updateResource))
	add(http.StatusAccepted, "DELETE "+one+"/resources/{resource}", onResource(deleteResource))

	add(http.StatusCreated, "POST "+one+"/deployments", onAPI(s.createDeployment))
	add(http.StatusOK, "GET "+one+"/deployments", onAPI(listDeployments))
	add(http.StatusOK, "GET "+one+"/deployments/{deployment}", onAPI(getDeployment))
	add(http.StatusOK, "PATCH "+one+"/deployments/{deployment}", onAPI(updateDeployment))
	add(http.StatusAccepted, "DELETE "+one+"/deployments/{deployment}", onAPI(deleteDeployment))

	add(http.StatusCreated, "POST "+one+"/stages", onAPI(s.createStage))
	add(http.StatusOK, "GET "+one+"/stages", onAPI(listStages))
	add(http.StatusOK, "GET "+one+"/stages/{stage}", onAPI(getStage))
	add(http.StatusOK, "PATCH "+one+"/stages/{stage}", onAPI(s.updateStage))
	add(http.StatusAccepted, "DELETE "+one+"/stages/{stage}", onAPI(deleteStage))
}

func (s *Service) methodRoutes(add adder) {
	const resource = "/restapis/{api}/resources/{resource}"
	const one = resource + "/methods/{method}"
	add(http.StatusCreated, "PUT "+one, onResource(putMethod))
	add(http.StatusOK, "GET "+one, onMethod(getMethod))
	add(http.StatusOK, "PATCH "+one, onMethod(updateMethod))
	add(http.StatusNoContent, "DELETE "+one, onResource(deleteMethod))
	add(http.StatusCreated, "PUT "+one+"/responses/{status}", onMethod(putMethodResponse))
	add(http.StatusOK, "GET "+one+"/responses/{status}", onMethod(getMethodResponse))
	add(http.StatusCreated, "PATCH "+one+"/responses/{status}", onMethod(updateMethodResponse))
	add(http.StatusNoContent, "DELETE "+one+"/responses/{status}", onMethod(deleteMethodResponse))
	add(http.StatusCreated, "PUT "+one+"/integration", onMethod(putIntegration))
	add(http.StatusOK, "GET "+one+"/integration", onIntegration(getIntegration))
	add(http.StatusOK, "PATCH "+one+"/integration", onIntegration(updateIntegration))
	add(http.StatusNoContent, "DELETE "+one+"/integration", onIntegration(deleteIntegration))
	add(http.StatusCreated, "PUT "+one+"/integration/responses/{status}", onIntegration(putIntegrationResponse))
	add(http.StatusOK, "GET "+one+"/integration/responses/{status}", onIntegration(getIntegrationResponse))
	add(http.StatusOK, "PATCH "+one+"/integration/responses/{status}", onIntegration(updateIntegrationResponse))
	add(http.StatusNoContent, "DELETE "+one+"/integration/responses/{status}", onIntegration(deleteIntegrationResponse))
}

func (s *Service) accessRoutes(add adder) {
	add(http.StatusCreated, "POST /apikeys", s.createKeys)
	add(http.StatusOK, "GET /apikeys", listKeys)
	add(http.StatusOK, "GET /apikeys/{key}", getKey)
	add(http.StatusOK, "PATCH /apikeys/{key}", s.updateKey)
	add(http.StatusAccepted, "DELETE /apikeys/{key}", deleteKey)

	add(http.StatusCreated, "POST /usageplans", s.createPlan)
	add(http.StatusOK, "GET /usageplans", listPlans)
	add(http.StatusOK, "GET /usageplans/{plan}", onPlan(getPlan))
	add(http.StatusOK, "PATCH /usageplans/{plan}", onPlan(updatePlan))
	add(http.StatusAccepted, "DELETE /usageplans/{plan}", onPlan(deletePlan))
	add(http.StatusOK, "GET /usageplans/{plan}/usage", onPlan(s.getUsage))
	add(http.StatusCreated, "POST /usageplans/{plan}/keys", onPlan(createPlanKey))
	add(http.StatusOK, "GET /usageplans/{plan}/keys", onPlan(listPlanKeys))
	add(http.StatusOK, "GET /usageplans/{plan}/keys/{key}", onPlan(getPlanKey))
	add(http.StatusAccepted, "DELETE /usageplans/{plan}/keys/{key}", onPlan(deletePlanKey))

	add(http.StatusOK, "GET /account", getAccount)
	add(http.StatusOK, "PATCH /account", s.updateAccount)
	add(http.StatusNoContent, "PUT /tags/{arn}", tag)
	add(http.StatusOK, "GET /tags/{arn}", listTags)
	add(http.StatusNoContent, "DELETE /tags/{arn}", untag)
}
