package cloudsim

import (
	"encoding/json"
	"net"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/control"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// controlHandler answers the control API.
func (c *Cloud) controlHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+control.HealthPath, func(w http.ResponseWriter, _ *http.Request) { writeControl(w, http.StatusOK, c.health()) })
	mux.HandleFunc("GET "+control.CallsPath, func(w http.ResponseWriter, _ *http.Request) { writeControl(w, http.StatusOK, c.Calls()) })
	mux.HandleFunc("GET "+control.DisastersPath, func(w http.ResponseWriter, _ *http.Request) { writeControl(w, http.StatusOK, c.world.Disasters()) })
	mux.HandleFunc("POST "+control.DisasterPath, do(c.world.Strike))
	mux.HandleFunc("DELETE "+control.DisasterPath, do(c.world.End))
	mux.HandleFunc("POST "+control.SavePath, do(func(s control.Save) error {
		if !filepath.IsAbs(s.File) {
			return sim.Errorf("ValidationError", "save needs the absolute path of a file, not %q", s.File)
		}
		return c.Save(s.File)
	}))
	return localOnly(mux)
}

func (c *Cloud) health() control.Health {
	return control.Health{
		Status: "ok", Version: c.cfg.Version, UptimeS: c.world.Wall().Sub(c.started).Seconds(), Time: c.world.Now(), Speed: c.world.Speed(), Seed: c.world.Seed(), Services: c.Services(),
		Upstream: c.cfg.Upstream, Strict: c.cfg.Strict,
	}
}

// do makes a handler of a function of the request's JSON body. Members that nobody knows are refused: a mistyped disaster
// must not become another one. Asking for JSON by its content type keeps web pages out: browsers ask before they send it.
func do[T any](f func(T) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
			writeControlError(w, sim.Errorf("UnsupportedMediaType", "send Content-Type: application/json").WithStatus(http.StatusUnsupportedMediaType))
			return
		}
		var in T
		dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, control.MaxBody))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&in); err != nil {
			writeControlError(w, sim.Errorf("SerializationException", "%v", err))
			return
		}
		if err := f(in); err != nil {
			writeControlError(w, sim.AsError(err))
			return
		}
		writeControl(w, http.StatusOK, struct{}{})
	}
}

// localOnly refuses clients of other machines, and browsers that were led here by a name (DNS rebinding).
func localOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		from, _, err := net.SplitHostPort(r.RemoteAddr)
		if err != nil || !loopback(from) || (host != "localhost" && !loopback(host)) {
			writeControlError(w, sim.Errorf("AccessDenied", "the control API answers only to this machine, by a loopback address").WithStatus(http.StatusForbidden))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func loopback(host string) bool {
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return ip != nil && ip.IsLoopback()
}

func writeControl(w http.ResponseWriter, status int, out any) {
	b, err := json.Marshal(out)
	if err != nil {
		status, b = http.StatusInternalServerError, []byte(`{"code":"InternalFailure"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n'))
}

func writeControlError(w http.ResponseWriter, e *sim.Error) {
	writeControl(w, e.HTTPStatus(), control.Error{Code: e.Code, Message: e.Message})
}
