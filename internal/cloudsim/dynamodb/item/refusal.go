package item

import "fmt"

// RefusalError is why DynamoDB does not take a value or an expression, in AWS's words. It is answered as a
// ValidationException.
type RefusalError string

// Refuse makes a refusal.
func Refuse(format string, args ...any) RefusalError {
	return RefusalError(fmt.Sprintf(format, args...))
}

// Error is the words.
func (r RefusalError) Error() string { return string(r) }
