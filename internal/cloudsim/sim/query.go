package sim

import (
	"bytes"
	"encoding/xml"
	"net/http"
	"net/url"
)

// QueryOp answers one operation of the AWS query protocol. The result is encoded as the content of <NameResult>.
type QueryOp func(c *Call, form url.Values) (any, error)

// QueryHandler speaks the AWS query protocol (IAM, STS): Action in a form, XML back.
func QueryHandler(service, namespace string, ops map[string]QueryOp) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := CallFrom(r.Context())
		r.Body = http.MaxBytesReader(w, r.Body, MaxBody)
		if err := r.ParseForm(); err != nil {
			WriteQueryError(w, c, Errorf("MalformedQueryString", "%v", err))
			return
		}
		name := r.Form.Get("Action")
		op, ok := ops[name]
		if !ok {
			WriteQueryError(w, c, Unknown(service, name))
			return
		}
		out, err := op(c, r.Form)
		if err != nil {
			WriteQueryError(w, c, AsError(err))
			return
		}
		writeQuery(w, c, namespace, name, out)
	})
}

func writeQuery(w http.ResponseWriter, c *Call, namespace, name string, out any) {
	var b bytes.Buffer
	enc := xml.NewEncoder(&b)
	root := xml.StartElement{Name: xml.Name{Space: namespace, Local: name + "Response"}}
	err := enc.EncodeToken(root)
	if err == nil && out != nil {
		err = enc.EncodeElement(out, xml.StartElement{Name: xml.Name{Local: name + "Result"}})
	}
	if err == nil {
		err = enc.EncodeElement(struct {
			RequestID string `xml:"RequestId"`
		}{c.RequestID}, xml.StartElement{Name: xml.Name{Local: "ResponseMetadata"}})
	}
	if err == nil {
		err = enc.EncodeToken(root.End())
	}
	if err == nil {
		err = enc.Flush()
	}
	if err != nil {
		WriteQueryError(w, c, AsError(err))
		return
	}
	w.Header().Set("Content-Type", "text/xml")
	_, _ = w.Write(b.Bytes())
}

// WriteQueryError writes an error of the query protocol.
func WriteQueryError(w http.ResponseWriter, c *Call, e *Error) {
	type body struct {
		XMLName   xml.Name `xml:"ErrorResponse"`
		Type      string   `xml:"Error>Type"`
		Code      string   `xml:"Error>Code"`
		Message   string   `xml:"Error>Message"`
		RequestID string   `xml:"RequestId"`
	}
	who := "Sender"
	if e.HTTPStatus() >= http.StatusInternalServerError {
		who = "Receiver"
	}
	b, err := xml.Marshal(body{Type: who, Code: e.Code, Message: e.Message, RequestID: c.RequestID})
	if err != nil {
		b = []byte("<ErrorResponse/>")
	}
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(e.HTTPStatus())
	_, _ = w.Write(b)
}
