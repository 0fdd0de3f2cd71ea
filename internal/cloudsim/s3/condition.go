package s3

import (
	"fmt"
	"net/http"
	"strconv"
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

// slice is a part of an object; its header is empty when it is the whole.
type slice struct {
	data   []byte
	header string // Content-Range
}

// slice gives what a read asks for: a range, a part as it was uploaded, or everything.
func (o *object) slice(r *request) (slice, error) {
	size := int64(len(o.Data))
	from, to, partial := int64(0), size, false
	if n := r.query.Get("partNumber"); n != "" {
		number, err := strconv.Atoi(n)
		if err != nil || number < 1 || number > max(len(o.Parts), 1) {
			return slice{}, fail(http.StatusRequestedRangeNotSatisfiable, "InvalidPartNumber", "The requested partnumber is not satisfiable")
		}
		if partial = size > 0; len(o.Parts) > 0 {
			for _, s := range o.Parts[:number-1] {
				from += s
			}
			to = from + o.Parts[number-1]
		}
	} else if spec := r.Header.Get("Range"); spec != "" {
		var err error
		if from, to, partial, err = parseRange(spec, size); err != nil {
			return slice{}, err
		}
	}
	if !partial {
		return slice{data: o.Data}, nil
	}
	return slice{o.Data[from:to], fmt.Sprintf("bytes %d-%d/%d", from, to-1, size)}, nil
}

// parseRange reads a Range header of one range (S3 takes no more). What is no range is ignored, as RFC 9110 asks.
func parseRange(spec string, size int64) (from, to int64, ok bool, err error) {
	first, last, dash := strings.Cut(strings.TrimPrefix(spec, "bytes="), "-")
	from, hasFrom := number(first)
	to, hasTo := number(last)
	switch {
	case !dash || !strings.HasPrefix(spec, "bytes="), first != "" && !hasFrom, last != "" && !hasTo,
		!hasFrom && !hasTo, hasFrom && hasTo && to < from:
		return 0, size, false, nil
	case !hasFrom: // the last bytes
		from, to = max(0, size-to), size
	case hasTo:
		to = min(to, size-1) + 1
	default:
		to = size
	}
	if from >= size {
		e := fail(http.StatusRequestedRangeNotSatisfiable, "InvalidRange", "The requested range is not satisfiable")
		e.Extra = map[string]any{"ActualObjectSize": size, "RangeRequested": spec}
		return 0, 0, false, e
	}
	return from, to, true, nil
}

func number(digits string) (int64, bool) {
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil && digits[0] != '+' && digits[0] != '-'
}
