package link

import (
	"fmt"
	"strings"
	"unicode"
)

// Few shows so many of a list, and how many more there are.
func Few(all []string, shown int) string {
	if len(all) <= shown {
		return strings.Join(all, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(all[:shown], ", "), len(all)-shown)
}

// Visible reports whether a character shows itself, rather than acting on the text around it: control characters
// steer terminals, and format characters such as the bidirectional overrides make a text read otherwise than it
// is (Unicode Technical Report 36, section 2.5). Two format characters belong to the spelling of some languages:
// the zero width joiner and non-joiner.
func Visible(r rune) bool {
	const nonJoiner, joiner = '\u200c', '\u200d'
	return r == nonJoiner || r == joiner ||
		!unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp)
}
