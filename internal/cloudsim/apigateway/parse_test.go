package apigateway

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// Whatever a file of keys holds, reading it gives rows or a BadRequestException, and no row without a line after the header.
func FuzzRows(f *testing.F) {
	f.Add("Name,key,description,Enabled,usageplanIds\na,0123456789abcdef0123,,TRUE,\"x,y\"\n")
	f.Add("key,name\n\"a")
	f.Add("\ufeffName,key\n,\n")
	f.Fuzz(func(t *testing.T, file string) {
		keys, err := rows([]byte(file))
		if err != nil {
			if !strings.HasPrefix(err.Error(), "BadRequestException: ") {
				t.Fatalf("%v", err)
			}
			return
		}
		for _, k := range keys {
			if strings.Count(file, "\n") == 0 || k.Value != strings.TrimSpace(k.Value) || slices.Contains(k.plans, "") {
				t.Errorf("%q gave %+v", file, k)
			}
		}
	})
}

// Whatever a patch says, it is applied or refused; ids and creation times stay what they were.
func FuzzPatch(f *testing.F) {
	f.Add("replace", "/name", "x")
	f.Add("remove", "/quota/limit", "")
	f.Add("add", "/*/*/logging/loglevel", "INFO")
	f.Add("replace", "/tlsConfig/insecureSkipVerification", "true")
	f.Add("remove", "/requestParameters/a~1b", "")
	f.Add("replace", "/types/0", "")
	f.Fuzz(func(t *testing.T, op, path, value string) {
		p := patch{op, path, value}
		for _, v := range []any{&apiKey{ID: "id"}, &restAPI{ID: "id"}, &usagePlan{ID: "id"}, &deploymentAnswer{ID: "id"}, &method{}, &integration{}, &methodResponse{}, &integrationResponse{}, &resource{ID: "id"}} {
			_ = p.apply(reflect.ValueOf(v).Elem(), p.segments())
			if id := reflect.ValueOf(v).Elem().FieldByName("ID"); id.IsValid() && id.String() != "id" {
				t.Errorf("%+v changed the id of %T", p, v)
			}
		}
		_ = (&stage{}).patch(p, true)
		_ = (&usagePlan{APIStages: []*apiStage{{APIID: "a", Stage: "s"}}}).patchStage(p, p.segments())
	})
}
