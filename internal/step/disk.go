package step

import (
	"errors"
	"syscall"
)

// DiskAdvice says what to do where a disk took nothing more; empty: err is not about that.
func DiskAdvice(err error) string {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return "make room on the disk, then resume the run"
	case errors.Is(err, syscall.EROFS):
		return "see that the folder of the runs can be written, then resume the run"
	}
	return ""
}
