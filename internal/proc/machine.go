package proc

import (
	"bufio"
	"bytes"
	"io/fs"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// unknownMemoryMB is what we count on where the system does not say: enough for one terraform process with the AWS provider.
const unknownMemoryMB = 1024

// Machine tells how much memory can be used now, in MB, and how many cores: of the machine, or of the container that we run in.
func Machine() (memoryMB int, cores float64) {
	// GOMAXPROCS follows the container's CPU quota and the affinity mask.
	return memory(os.DirFS("/")), float64(runtime.GOMAXPROCS(0))
}

// memory is the least of what the system has available and what the control groups leave (kernel documentation: proc_meminfo,
// cgroup-v2 memory.max, cgroup-v1 memory.limit_in_bytes).
func memory(root fs.FS) int {
	least := int64(-1)
	take := func(bytes int64, ok bool) {
		if ok && (least < 0 || bytes < least) {
			least = max(0, bytes)
		}
	}
	take(available(root))
	for _, g := range [][4]string{
		{"sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory.current", "sys/fs/cgroup/memory.stat", "inactive_file "},
		{"sys/fs/cgroup/memory/memory.limit_in_bytes", "sys/fs/cgroup/memory/memory.usage_in_bytes", "sys/fs/cgroup/memory/memory.stat", "total_inactive_file "},
	} {
		limit, ok := number(root, g[0])
		used, known := number(root, g[1])
		cache, _ := field(root, g[2], g[3]) // files in memory that nobody misses, as kubelet reckons
		take(limit-max(0, used-cache), ok && known)
	}
	if least < 0 {
		return unknownMemoryMB
	}
	return int(least >> 20)
}

func available(root fs.FS) (int64, bool) {
	kb, ok := field(root, "proc/meminfo", "MemAvailable:")
	return kb << 10, ok
}

// field is the number behind a name, in a file of a name and a number a line.
func field(root fs.FS, file, name string) (int64, bool) {
	f, err := root.Open(file)
	if err != nil {
		return 0, false
	}
	defer f.Close() //nolint:errcheck // read only
	for s, n := bufio.NewScanner(f), 0; s.Scan() && n < 200; n++ {
		if rest, ok := strings.CutPrefix(s.Text(), name); ok {
			v, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return v, err == nil
		}
	}
	return 0, false
}

func number(root fs.FS, name string) (int64, bool) {
	b, err := fs.ReadFile(root, name)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(string(bytes.TrimSpace(b)), 10, 64) // "max" is no number: no limit
	return n, err == nil
}
