package proc

import (
	"testing"
	"testing/fstest"
)

// The tightest limit counts, and no word of the system is not no memory.
func TestMemory(t *testing.T) {
	t.Parallel()
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	meminfo := file("MemTotal:       24682944 kB\nMemAvailable:    4194304 kB\n")
	for name, c := range map[string]struct {
		fs   fstest.MapFS
		want int
	}{
		"nothing known":   {fstest.MapFS{}, unknownMemoryMB},
		"machine":         {fstest.MapFS{"proc/meminfo": meminfo}, 4096},
		"cgroup 2":        {fstest.MapFS{"proc/meminfo": meminfo, "sys/fs/cgroup/memory.max": file("1073741824\n"), "sys/fs/cgroup/memory.current": file("536870912\n")}, 512},
		"cgroup 2, open":  {fstest.MapFS{"proc/meminfo": meminfo, "sys/fs/cgroup/memory.max": file("max\n"), "sys/fs/cgroup/memory.current": file("5\n")}, 4096},
		"cgroup 1":        {fstest.MapFS{"sys/fs/cgroup/memory/memory.limit_in_bytes": file("2097152"), "sys/fs/cgroup/memory/memory.usage_in_bytes": file("1048576")}, 1},
		"file cache":      {fstest.MapFS{"sys/fs/cgroup/memory.max": file("2097152"), "sys/fs/cgroup/memory.current": file("2097152"), "sys/fs/cgroup/memory.stat": file("anon 5\ninactive_file 1048576\n")}, 1},
		"over the limit":  {fstest.MapFS{"sys/fs/cgroup/memory.max": file("1"), "sys/fs/cgroup/memory.current": file("1048576")}, 0},
		"damaged meminfo": {fstest.MapFS{"proc/meminfo": file("MemAvailable: lots\n")}, unknownMemoryMB},
	} {
		if got := memory(c.fs); got != c.want {
			t.Errorf("%s: %d MB, want %d", name, got, c.want)
		}
	}
	if mb, cores := Machine(); mb <= 0 || cores < 1 {
		t.Errorf("this machine has %d MB and %v cores", mb, cores)
	}
}
