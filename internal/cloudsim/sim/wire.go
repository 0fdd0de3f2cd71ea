package sim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
)

// MaxBody bounds a request's body in the JSON and query protocols. AWS's own bound for DynamoDB is 16 MB
// (BatchWriteItem); no other service that we answer accepts more.
const MaxBody = 17 << 20

// Error is an AWS error answer. Handlers return it; the protocol writes it.
type Error struct {
	Code    string // ResourceNotFoundException, NoSuchEntity...
	Message string
	Status  int            // HTTP status; 0 is 400
	Extra   map[string]any // further members of the JSON answer (CancellationReasons, Item...)
}

// Error is the code and the message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Errorf makes an Error with status 400.
func Errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), Status: http.StatusBadRequest}
}

// WithStatus sets the HTTP status.
func (e *Error) WithStatus(s int) *Error { e.Status = s; return e }

// HTTPStatus is the status to answer with: 400 when the Error says none.
func (e *Error) HTTPStatus() int {
	if e.Status == 0 {
		return http.StatusBadRequest
	}
	return e.Status
}

// AsError makes an Error of any error; what is not one is an InternalFailure.
func AsError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Code: "InternalFailure", Message: err.Error(), Status: http.StatusInternalServerError}
}

// Unknown is the answer to a call that the drill cloud lacks: it names the call, and is never taken for success.
func Unknown(service, operation string) *Error {
	return Errorf("UnknownOperationException", "the drill cloud does not implement %s %s", service, operation)
}

// JSONOp answers one operation of the AWS JSON protocols.
type JSONOp func(c *Call, body []byte) (any, error)

// Op makes a JSONOp of a typed function. Unknown members are ignored, as AWS does.
func Op[I, O any](f func(c *Call, in *I) (O, error)) JSONOp {
	return func(c *Call, body []byte) (any, error) {
		in := new(I)
		if len(bytes.TrimSpace(body)) > 0 {
			if err := json.Unmarshal(body, in); err != nil {
				return nil, Errorf("SerializationException", "%v", err)
			}
		}
		return f(c, in)
	}
}

// JSONHandler speaks AWS JSON 1.0 or 1.1: the operation is named in X-Amz-Target after the last dot.
func JSONHandler(service, version string, ops map[string]JSONOp) http.Handler {
	ctype := "application/x-amz-json-" + version
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		target := r.Header.Get("X-Amz-Target")
		name := target[strings.LastIndexByte(target, '.')+1:]
		op, ok := ops[name]
		if !ok {
			WriteJSONError(w, ctype, Unknown(service, name))
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
		if err != nil {
			WriteJSONError(w, ctype, Errorf("RequestEntityTooLargeException", "%v", err).WithStatus(http.StatusRequestEntityTooLarge))
			return
		}
		out, err := op(CallFrom(r.Context()), body)
		if err != nil {
			WriteJSONError(w, ctype, AsError(err))
			return
		}
		WriteJSON(w, ctype, http.StatusOK, out)
	})
}

// WriteJSON writes an answer. A nil out is an empty object.
func WriteJSON(w http.ResponseWriter, ctype string, status int, out any) {
	if out == nil {
		out = struct{}{}
	}
	b, err := json.Marshal(out)
	if err != nil {
		WriteJSONError(w, ctype, AsError(err))
		return
	}
	w.Header().Set("Content-Type", ctype)
	w.WriteHeader(status)
	_, _ = w.Write(b)
}

// WriteJSONError writes an error of the JSON and REST-JSON protocols (__type, message, X-Amzn-Errortype).
func WriteJSONError(w http.ResponseWriter, ctype string, e *Error) {
	m := map[string]any{}
	maps.Copy(m, e.Extra)
	m["__type"], m["message"] = e.Code, e.Message
	b, err := json.Marshal(m)
	if err != nil {
		b = []byte(`{"__type":"InternalFailure"}`)
	}
	w.Header().Set("Content-Type", ctype)
	w.Header().Set("X-Amzn-Errortype", e.Code)
	w.WriteHeader(e.HTTPStatus())
	_, _ = w.Write(b)
}
