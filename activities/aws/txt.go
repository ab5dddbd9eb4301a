package aws

import (
	"fmt"
	"strings"
)

// Route 53 wants the values of TXT records as zone files have them: strings in double quotes of at most 255
// characters, several separated by blanks, with \" \\ and \ooo (octal) for what is not printable ASCII
// (Amazon Route 53 Developer Guide, "TXT record type").

const txtStringLength = 255

// quoteTXT writes a value for Route 53.
func quoteTXT(value string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(value) {
		if i > 0 && i%txtStringLength == 0 {
			b.WriteString(`" "`)
		}
		switch c := value[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c > '~':
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// unquoteTXT reads a value of Route 53, its strings joined. What stands outside of quotes counts as it is.
func unquoteTXT(quoted string) string {
	var b strings.Builder
	inside := false
	for i := 0; i < len(quoted); i++ {
		switch c := quoted[i]; {
		case c == '"':
			inside = !inside
		case c == '\\' && i+3 < len(quoted) && octal(quoted[i+1:i+4]):
			b.WriteByte((quoted[i+1]-'0')<<6 | (quoted[i+2]-'0')<<3 | (quoted[i+3] - '0'))
			i += 3
		case c == '\\' && i+1 < len(quoted):
			i++
			b.WriteByte(quoted[i])
		case inside || c != ' ':
			b.WriteByte(c)
		}
	}
	return b.String()
}

func octal(s string) bool {
	return strings.Trim(s, "01234567") == "" && s[0] <= '3'
}
