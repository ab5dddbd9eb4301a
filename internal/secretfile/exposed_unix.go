//go:build unix

package secretfile

import (
	"io/fs"
	"os"
	"syscall"
)

// exposed reports whether anybody but its owner can read or change a file. A file of root's may be readable by
// its group: so secrets are mounted into the pods of Kubernetes whose processes are not root.
func exposed(info fs.FileInfo) bool {
	forbidden := fs.FileMode(0o077)
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && stat.Uid == 0 && os.Getuid() != 0 {
		forbidden = 0o037
	}
	return info.Mode().Perm()&forbidden != 0
}
