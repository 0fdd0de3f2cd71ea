package apigateway

import (
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// bucket is a token bucket as it was left.
type bucket struct {
	Tokens float64
	At     time.Time
}

// admit takes one call of a key from the plan's throttle and then from its quota. When it does not it gives the answer's text.
func (p *plan) admit(key string, t *apiStage, method string, now time.Time) (refused string) {
	limit, name := p.Throttle, key
	if own := t.Throttle[method]; own != nil {
		limit, name = own, key+" "+t.name()+method
	}
	if limit != nil && (limit.RateLimit > 0 || limit.BurstLimit > 0) && !p.take(name, limit, now) {
		return "Too Many Requests"
	}
	if p.Quota != nil && p.used(key, now) >= p.Quota.Limit {
		return "Limit Exceeded"
	}
	days := p.Usage[key]
	put(&days, now.UTC().Format(time.DateOnly), days[now.UTC().Format(time.DateOnly)]+1)
	put(&p.Usage, key, days)
	return ""
}

// take takes a token, where one has come since: RateLimit a second, up to BurstLimit and at least one.
func (p *plan) take(name string, limit *throttle, now time.Time) bool {
	size := math.Max(1, float64(limit.BurstLimit))
	b := p.Buckets[name]
	if b == nil {
		b = &bucket{Tokens: size, At: now}
		put(&p.Buckets, name, b)
	}
	if since := now.Sub(b.At).Seconds(); since > 0 {
		b.Tokens += since * limit.RateLimit
		b.At = now
	}
	b.Tokens = math.Min(size, b.Tokens)
	if b.Tokens < 1 {
		return false
	}
	b.Tokens--
	return true
}

// start is when the period of a time began, in UTC.
func (q *quota) start(now time.Time) time.Time {
	now = now.UTC()
	day := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	switch q.Period {
	case "WEEK": // an offset of 0 is Sunday
		return day.AddDate(0, 0, -(int(day.Weekday())-q.Offset+7)%7)
	case "MONTH":
		begin := day.AddDate(0, 0, 1+q.Offset-day.Day())
		if begin.After(day) {
			begin = time.Date(now.Year(), now.Month()-1, 1+q.Offset, 0, 0, 0, 0, time.UTC)
		}
		return begin
	}
	return day
}

// used counts the calls of a key from the beginning of the quota's period to a time.
func (p *plan) used(key string, now time.Time) int {
	n := 0
	from, to := p.Quota.start(now).Format(time.DateOnly), now.UTC().Format(time.DateOnly)
	for day, calls := range p.Usage[key] {
		if from <= day && day <= to {
			n += calls
		}
	}
	return n
}

// getUsage tells for every key and day how many calls were let through, and how many the quota left then; without a quota that is 0.
func (s *Service) getUsage(r *region, p *plan, q *request) (any, error) {
	from, err := time.Parse(time.DateOnly, q.query.Get("startDate"))
	if err != nil {
		return nil, bad("Invalid start date specified: %s", q.query.Get("startDate"))
	}
	to, err := time.Parse(time.DateOnly, q.query.Get("endDate"))
	if err != nil {
		return nil, bad("Invalid end date specified: %s", q.query.Get("endDate"))
	}
	if to.Before(from) || to.Sub(from) > 90*24*time.Hour { // GetUsage: 90 days are kept
		return nil, bad("Invalid date range specified: the end is not before the start, and at most 90 days after it")
	}
	keys := slices.Sorted(slices.Values(p.Keys))
	if id := q.query.Get("keyId"); id != "" {
		if !slices.Contains(keys, id) {
			return nil, missing("API Key identifier")
		}
		keys = []string{id}
	}
	limit, err := strconv.Atoi(q.query.Get("limit"))
	if err != nil || limit <= 0 {
		limit = 25
	}
	part, next, err := sim.Page(keys, q.query.Get("position"), limit, 500)
	if err != nil {
		return nil, bad("Invalid position parameter specified: %s", q.query.Get("position"))
	}
	values := map[string][][2]int{}
	for _, key := range part {
		values[key] = p.daily(key, from, to)
	}
	return struct {
		PlanID    string              `json:"usagePlanId"`
		StartDate string              `json:"startDate"`
		EndDate   string              `json:"endDate"`
		Values    map[string][][2]int `json:"values"`
		Position  string              `json:"position,omitempty"`
	}{p.ID, from.Format(time.DateOnly), to.Format(time.DateOnly), values, next}, nil
}

func (p *plan) daily(key string, from, to time.Time) (out [][2]int) {
	for day := from; !day.After(to); day = day.AddDate(0, 0, 1) {
		left := 0
		if p.Quota != nil {
			left = max(0, p.Quota.Limit-p.used(key, day))
		}
		out = append(out, [2]int{p.Usage[key][day.Format(time.DateOnly)], left})
	}
	return out
}
