package s3

import (
	"net/http"
	"strings"
	"time"
)

func sameTag(header, etag string) bool {
	for t := range strings.SplitSeq(header, ",") {
		if t = strings.Trim(strings.TrimSpace(t), `"`); t == "*" || t == strings.Trim(etag, `"`) {
			return true
		}
	}
	return false
}

func failedCondition(name string) error {
	e := fail(http.StatusPreconditionFailed, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
	e.Extra = map[string]any{"Condition": name}
	return e
}

// writeCondition tells whether a write may go on; current is nil when there is no object (S3 User Guide, "How to prevent
// object overwrites with conditional writes").
func writeCondition(h http.Header, current *object) error {
	switch match, none := h.Get("If-Match"), h.Get("If-None-Match"); {
	case none != "" && none != "*":
		return fail(http.StatusNotImplemented, "NotImplemented", "A header you provided implies functionality that is not implemented: If-None-Match takes * on writes")
	case none == "*" && current != nil:
		return failedCondition("If-None-Match")
	case match != "" && current == nil:
		return noSuchKey("")
	case match != "" && !sameTag(match, current.ETag):
		return failedCondition("If-Match")
	}
	return nil
}

// readCondition tells whether a read may go on (RFC 9110, section 13.2.2).
func readCondition(h http.Header, o *object) error {
	if err := conditions(h, "", o); err != nil {
		return err
	}
	if none := h.Get("If-None-Match"); none != "" {
		if sameTag(none, o.ETag) {
			return fail(http.StatusNotModified, "NotModified", "")
		}
		return nil
	}
	if t, err := http.ParseTime(h.Get("If-Modified-Since")); err == nil && !o.Modified.Truncate(time.Second).After(t) {
		return fail(http.StatusNotModified, "NotModified", "")
	}
	return nil
}

// copyCondition tells whether the source of a copy is as the copier wants it.
func copyCondition(h http.Header, o *object) error {
	const prefix = "X-Amz-Copy-Source-"
	if err := conditions(h, prefix, o); err != nil {
		return err
	}
	none := h.Get(prefix + "If-None-Match")
	since, err := http.ParseTime(h.Get(prefix + "If-Modified-Since"))
	if none != "" && sameTag(none, o.ETag) || none == "" && err == nil && !o.Modified.Truncate(time.Second).After(since) {
		return failedCondition(strings.ToLower(prefix + "If-None-Match"))
	}
	return nil
}

// conditions checks If-Match and If-Unmodified-Since, which a read and a copy's source have in common.
func conditions(h http.Header, prefix string, o *object) error {
	if match := h.Get(prefix + "If-Match"); match != "" {
		if !sameTag(match, o.ETag) {
			return failedCondition(prefix + "If-Match")
		}
		return nil
	}
	if t, err := http.ParseTime(h.Get(prefix + "If-Unmodified-Since")); err == nil && o.Modified.Truncate(time.Second).After(t) {
		return failedCondition(prefix + "If-Unmodified-Since")
	}
	return nil
}
