package dynamodb

import (
	"strconv"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// maxSegments bounds TotalSegments.
const maxSegments = 1000000

func (s *Service) scan(c *sim.Call, body string) ([]byte, error) {
	in, err := newRequest(body)
	if err != nil {
		return nil, err
	}
	in.Backward, in.KeyCondition = false, nil // a scan has neither
	if err := in.checkSegment(); err != nil {
		return nil, err
	}
	p, err := newPage(in)
	if err != nil {
		return nil, err
	}
	if err := in.scope.Unused(); err != nil {
		return nil, asInvalid(err)
	}
	t, err := s.forData(c, in.TableName)
	if err != nil {
		return nil, err
	}
	return s.readPage(t, p, p.scan)
}

func (in *request) checkSegment() error {
	const high, low = "Member must have value less than or equal to %d", "Member must have value greater than or equal to %d"
	outside := func(member string, n int, rule string, bound int) error {
		return invalid("1 validation error detected: Value '%d' at '%s' failed to satisfy constraint: "+rule, n, member, bound)
	}
	switch {
	case in.Segment == nil && in.Total == nil:
		return nil
	case in.Total == nil:
		return invalid("The TotalSegments parameter is required but was not present in the request when parameter Segment is present")
	case in.Segment == nil:
		return invalid("The Segment parameter is required but was not present in the request when parameter TotalSegments is present")
	case *in.Total < 1:
		return outside("totalSegments", *in.Total, low, 1)
	case *in.Total > maxSegments:
		return outside("totalSegments", *in.Total, high, maxSegments)
	case *in.Segment < 0:
		return outside("segment", *in.Segment, low, 0)
	case *in.Segment >= *in.Total:
		return invalid("The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: %d is not less than TotalSegments: %d", *in.Segment, *in.Total)
	}
	return nil
}

// scan sets the range of a scan: all, or a segment.
func (p *page) scan() error {
	segment, total := 0, 1
	if p.in.Total != nil {
		segment, total = *p.in.Segment, *p.in.Total
	}
	p.low, p.high = segmentStart(segment, total), segmentStart(segment+1, total)
	return p.continueAfter("The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. TotalSegments: " +
		strconv.Itoa(total) + " Segment: " + strconv.Itoa(segment))
}
