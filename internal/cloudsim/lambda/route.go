package lambda

import (
	"net/http"
	"path"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// operation answers one call on the caller's account and region, under the lock.
type operation func(r *region, q *request) (any, error)

// routes is the whole API. The dates are those of the Lambda API Reference.
func (s *Service) routes() http.Handler {
	mux := http.NewServeMux()
	add := func(status int, pattern string, op operation) { mux.Handle(pattern, s.answer(status, op)) }
	const functions = "/2015-03-31/functions"
	const one = functions + "/{name}"
	add(http.StatusCreated, "POST "+functions, s.create)
	add(http.StatusOK, "GET "+functions, s.list)
	add(http.StatusOK, "GET "+one, s.get)
	add(http.StatusNoContent, "DELETE "+one, s.remove)
	add(http.StatusOK, "GET "+one+"/configuration", s.getConfiguration)
	add(http.StatusOK, "PUT "+one+"/configuration", s.updateConfiguration)
	add(http.StatusOK, "PUT "+one+"/code", s.updateCode)
	add(http.StatusOK, "GET "+one+"/versions", s.listVersions)
	add(http.StatusCreated, "POST "+one+"/versions", s.publishVersion)
	add(http.StatusCreated, "POST "+one+"/aliases", s.createAlias)
	add(http.StatusOK, "GET "+one+"/aliases", s.listAliases)
	add(http.StatusOK, "GET "+one+"/aliases/{alias}", s.getAlias)
	add(http.StatusOK, "PUT "+one+"/aliases/{alias}", s.updateAlias)
	add(http.StatusNoContent, "DELETE "+one+"/aliases/{alias}", s.deleteAlias)
	add(http.StatusCreated, "POST "+one+"/policy", s.addPermission)
	add(http.StatusOK, "GET "+one+"/policy", s.getPolicy)
	add(http.StatusNoContent, "DELETE "+one+"/policy/{sid}", s.removePermission)
	mux.HandleFunc("POST "+one+"/invocations", s.invoke)

	add(http.StatusOK, "PUT /2017-10-31/functions/{name}/concurrency", s.putConcurrency)
	add(http.StatusOK, "GET /2019-09-30/functions/{name}/concurrency", s.getConcurrency)
	add(http.StatusNoContent, "DELETE /2017-10-31/functions/{name}/concurrency", s.deleteConcurrency)
	add(http.StatusOK, "GET /2019-09-30/functions/{name}/provisioned-concurrency", s.noProvisionedConcurrency)
	add(http.StatusOK, "GET /2016-08-19/account-settings", s.accountSettings)

	add(http.StatusOK, "GET /2020-06-30/functions/{name}/code-signing-config", s.getSigning)
	add(http.StatusOK, "PUT /2019-09-25/functions/{name}/event-invoke-config", s.putInvokeConfig)
	add(http.StatusOK, "POST /2019-09-25/functions/{name}/event-invoke-config", s.putInvokeConfig)
	add(http.StatusOK, "GET /2019-09-25/functions/{name}/event-invoke-config", s.getInvokeConfig)
	add(http.StatusNoContent, "DELETE /2019-09-25/functions/{name}/event-invoke-config", s.deleteInvokeConfig)
	add(http.StatusOK, "PUT /2021-07-20/functions/{name}/runtime-management-config", s.putRuntimeUpdates)
	add(http.StatusOK, "GET /2021-07-20/functions/{name}/runtime-management-config", s.getRuntimeUpdates)
	add(http.StatusOK, "PUT /2024-08-31/functions/{name}/recursion-config", s.putRecursion)
	add(http.StatusOK, "GET /2024-08-31/functions/{name}/recursion-config", s.getRecursion)
	add(http.StatusOK, "GET /2021-10-31/functions/{name}/url", s.noURL)

	add(http.StatusNoContent, "POST /2017-03-31/tags/{arn}", s.tag)
	add(http.StatusOK, "GET /2017-03-31/tags/{arn}", s.listTags)
	add(http.StatusNoContent, "DELETE /2017-03-31/tags/{arn}", s.untag)

	const mappings = "/2015-03-31/event-source-mappings"
	add(http.StatusAccepted, "POST "+mappings, s.createMapping)
	add(http.StatusOK, "GET "+mappings, s.listMappings)
	add(http.StatusOK, "GET "+mappings+"/{uuid}", s.getMapping)
	add(http.StatusAccepted, "PUT "+mappings+"/{uuid}", s.updateMapping)
	add(http.StatusAccepted, "DELETE "+mappings+"/{uuid}", s.deleteMapping)

	unknown := func(w http.ResponseWriter, r *http.Request) {
		writeError(w, sim.Unknown("lambda", r.Method+" "+r.URL.Path))
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
