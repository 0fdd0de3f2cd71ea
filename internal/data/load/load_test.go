package load_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/lifeboat-dr/lifeboat/internal/data/load"
)

// numbers is a source of the items 0 to each*segments-1; every tenth deletes.
type numbers struct{ segments, each, page int }

func (n numbers) Segments() int { return n.segments }

func (n numbers) Read(_ context.Context, segment int, from load.Position, yield func(load.Page) error) error {
	i, _ := strconv.Atoi(string(from))
	for i < n.each {
		var p load.Page
		for range min(n.page, n.each-i) {
			p.Writes = append(p.Writes, put(segment*n.each+i))
			i++
		}
		p.Next = load.Position(strconv.Itoa(i))
		if err := yield(p); err != nil {
			return err
		}
	}
	return nil
}

func put(i int) types.WriteRequest {
	key := map[string]types.AttributeValue{"id": &types.AttributeValueMemberN{Value: strconv.Itoa(i)}}
	if i%10 == 9 {
		return types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: key}}
	}
	return types.WriteRequest{PutRequest: &types.PutRequest{Item: key}}
}

func id(w types.WriteRequest) int {
	key := map[string]types.AttributeValue{}
	if w.PutRequest != nil {
		key = w.PutRequest.Item
	} else if w.DeleteRequest != nil {
		key = w.DeleteRequest.Key
	}
	n, _ := key["id"].(*types.AttributeValueMemberN)
	i, _ := strconv.Atoi(n.Value)
	return i
}

// table is a table of a capacity, in writes a second; 0 is no limit.
type table struct {
	mu       sync.Mutex
	capacity float64
	tokens   float64
	at       time.Time
	made     map[int]int
	invalid  int // this item is refused; 0: none
	calls    int
	refuse   int // calls
	fail     error
	after    int // calls, then fail
}

func (t *table) take() bool {
	if t.capacity == 0 {
		return true
	}
	now := time.Now()
	if !t.at.IsZero() {
		t.tokens = min(t.tokens+now.Sub(t.at).Seconds()*t.capacity, t.capacity/4)
	}
	t.at = now
	if t.tokens < 1 {
		return false
	}
	t.tokens--
	return true
}

func (t *table) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	time.Sleep(5 * time.Millisecond)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calls++
	if t.fail != nil && t.calls > t.after {
		return nil, t.fail
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	out := &dynamodb.BatchWriteItemOutput{UnprocessedItems: map[string][]types.WriteRequest{}}
	for _, w := range in.RequestItems["t"] {
		if t.invalid != 0 && id(w) == t.invalid {
			return nil, &smithy.GenericAPIError{Code: "ValidationException", Message: "Item size has exceeded the maximum allowed size"}
		}
	}
	for _, w := range in.RequestItems["t"] {
		if !t.take() {
			out.UnprocessedItems["t"] = append(out.UnprocessedItems["t"], w)
			continue
		}
		t.made[id(w)]++
	}
	if len(out.UnprocessedItems["t"]) == len(in.RequestItems["t"]) {
		t.refuse++
		return nil, &types.ProvisionedThroughputExceededException{Message: aws.String("slow down")}
	}
	return out, nil
}

func (t *table) one(w types.WriteRequest) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if id(w) == t.invalid {
		return &smithy.GenericAPIError{Code: "ValidationException", Message: "Item size has exceeded the maximum allowed size"}
	}
	t.made[id(w)]++
	return nil
}

func (t *table) PutItem(_ context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return &dynamodb.PutItemOutput{}, t.one(types.WriteRequest{PutRequest: &types.PutRequest{Item: in.Item}})
}

func (t *table) DeleteItem(_ context.Context, in *dynamodb.DeleteItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	return &dynamodb.DeleteItemOutput{}, t.one(types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: in.Key}})
}

// Every write is made, by segment and page, whatever does not fit evenly.
func TestAllIsWritten(t *testing.T) {
	t.Parallel()
	for _, n := range []numbers{{1, 1, 1}, {3, 101, 40}, {7, 250, 25}, {2, 0, 5}} {
		synctest.Test(t, func(t *testing.T) {
			to := &table{made: map[int]int{}}
			res, err := load.Run(t.Context(), load.Config{Source: n, API: to, Table: "t"})
			if err != nil || res.Written != int64(n.segments*n.each) || len(to.made) != n.segments*n.each {
				t.Errorf("%+v: %+v, %d in the table, %v", n, res, len(to.made), err)
			}
		})
	}
}

// A table that throttles gets what it can take: no write is lost, the capacity is used, and few calls are refused.
func TestThrottledWithoutCollapse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		to := &table{made: map[int]int{}, capacity: 2000, tokens: 500}
		begun := time.Now()
		n := numbers{8, 5000, 200}
		res, err := load.Run(t.Context(), load.Config{Source: n, API: to, Table: "t"})
		took := time.Since(begun).Seconds()
		if err != nil || len(to.made) != 40000 {
			t.Fatalf("%+v, %d in the table, %v", res, len(to.made), err)
		}
		rate := 40000 / took
		t.Logf("%.0f writes/s of 2000, %d of %d calls refused whole", rate, to.refuse, to.calls)
		if rate < 0.85*2000 {
			t.Errorf("%.0f writes/s of a capacity of 2000", rate)
		}
		if to.refuse*10 > to.calls {
			t.Errorf("%d of %d calls were refused", to.refuse, to.calls)
		}
	})
}

// A load that was killed goes on after what was written, and writes again at most the pages that were on their way.
func TestGoesOnAfterAKill(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		to := &table{made: map[int]int{}, capacity: 3000}
		n, file := numbers{4, 3000, 100}, filepath.Join(t.TempDir(), "load.json")
		for kill := range 3 {
			ctx, cancel := context.WithTimeout(t.Context(), 1100*time.Millisecond)
			_, err := load.Run(ctx, load.Config{Source: n, API: to, Table: "t", Checkpoint: file})
			cancel()
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("kill %d: %v", kill, err)
			}
		}
		before := len(to.made)
		res, err := load.Run(t.Context(), load.Config{Source: n, API: to, Table: "t", Checkpoint: file})
		if err != nil || len(to.made) != 12000 || res.Written < 12000 {
			t.Fatalf("%+v, %d in the table, %v", res, len(to.made), err)
		}
		twice := 0
		for _, k := range to.made {
			twice += k - 1
		}
		if most := 3 * 4 * 3 * 100; twice > most { // kills, segments, open pages, writes of a page
			t.Errorf("%d writes were made again, of at most %d", twice, most)
		}
		if before == 0 {
			t.Error("nothing was written before the kills")
		}
		if _, err := load.Run(t.Context(), load.Config{Source: numbers{5, 1, 1}, API: to, Table: "t", Checkpoint: file}); err == nil {
			t.Error("the checkpoint of another load was taken")
		}
	})
}

// One item that DynamoDB never takes is told with its reason, and keeps nothing else from being written.
func TestRefusedItemIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		to := &table{made: map[int]int{}, invalid: 33}
		var told []string
		res, err := load.Run(t.Context(), load.Config{Source: numbers{2, 100, 50}, API: to, Table: "t", Refused: func(w types.WriteRequest, err error) {
			told = append(told, fmt.Sprint(id(w), " ", err))
		}})
		if err != nil || res.Written != 199 || res.Refused != 1 || len(to.made) != 199 {
			t.Errorf("%+v, %d in the table, %v", res, len(to.made), err)
		}
		if len(told) != 1 || told[0] != "33 api error ValidationException: Item size has exceeded the maximum allowed size" {
			t.Errorf("told %q", told)
		}
	})
}

// An error that does not pass ends the load at once; one that may pass does not, unless it lasts.
func TestErrors(t *testing.T) {
	t.Parallel()
	denied := &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no", Fault: smithy.FaultClient}
	broken := &types.InternalServerError{Message: aws.String("oh")}
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		_, err := load.Run(t.Context(), load.Config{Source: numbers{4, 1000, 100}, API: &table{made: map[int]int{}, fail: denied, after: 3}, Table: "t"})
		if !errors.Is(err, denied) || time.Since(begun) > time.Second {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
		_, err = load.Run(t.Context(), load.Config{Source: numbers{1, 100, 100}, API: &table{made: map[int]int{}, fail: broken}, Table: "t"})
		if !errors.Is(err, load.ErrStuck) || !errors.Is(err, broken) {
			t.Errorf("%v", err)
		}
	})
}
