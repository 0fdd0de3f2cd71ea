package s3

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

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
