package apigateway

// none lists what no API of the drill cloud has.
func none(*region, *api, *request) (any, error) { return list[any]{Items: []any{}}, nil }

// model is a schema. Every API has these two and the drill cloud makes no other (API Gateway Developer Guide, "Data models").
type model struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Schema      string `json:"schema"`
	ContentType string `json:"contentType"`
}

func models() []model {
	schema := func(title, rest string) string {
		return `{"$schema":"http://json-schema.org/draft-04/schema#","title":"` + title + ` Schema","type":"object"` + rest + `}`
	}
	return []model{
		{"Empty", "This is a default empty schema model", schema("Empty", ""), "application/json"},
		{"Error", "This is a default error schema model", schema("Error", `,"properties":{"message":{"type":"string"}}`), "application/json"},
	}
}

func listModels(_ *region, _ *api, q *request) (any, error) { return page(q, models()) }

func getModel(_ *region, _ *api, q *request) (any, error) {
	for _, m := range models() {
		if m.Name == q.http.PathValue("model") {
			return m, nil
		}
	}
	return nil, missing("Model Name")
}

// checkModels refuses content types whose model does not exist.
func checkModels(byType map[string]string) error {
	for _, name := range byType {
		if name != "Empty" && name != "Error" {
			return bad("Invalid model identifier specified: %s", name)
		}
	}
	return nil
}
