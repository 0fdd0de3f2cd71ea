package dynamodb

import (
	"encoding/json"
	"time"
)

// epoch is a time as the AWS JSON protocol writes it: seconds since 1970, with milliseconds.
type epoch struct{ time.Time }

// MarshalJSON writes seconds.
func (e epoch) MarshalJSON() ([]byte, error) {
	return json.Marshal(float64(e.UnixMilli()) / 1000)
}

// UnmarshalJSON reads seconds.
func (e *epoch) UnmarshalJSON(b []byte) error {
	var seconds float64
	if err := json.Unmarshal(b, &seconds); err != nil {
		return err
	}
	e.Time = time.UnixMilli(int64(seconds*1000 + 0.5)).UTC()
	return nil
}

// when gives a time that is left out of JSON while it is zero.
func when(t time.Time) *epoch {
	if t.IsZero() {
		return nil
	}
	return &epoch{t}
}
