// Package glob matches text against the wildcards of clouds: of AWS in EC2's filters as in IAM's policies, of Azure
// in role definitions, and of the rules by which faults strike.
package glob

import "strings"

// Match matches value, with regard to case, against a pattern: "*" stands for any run of characters, "?" for
// one, and a backslash takes the special meaning of the next character away (EC2 User Guide, "List and filter
// your resources"; IAM User Guide, "IAM JSON policy elements: Resource", which has no backslash).
func Match(pattern, value string) bool {
	if !strings.ContainsAny(pattern, `*?\`) {
		return pattern == value
	}
	for pattern != "" {
		switch pattern[0] {
		case '*':
			for i := 0; i <= len(value); i++ {
				if Match(pattern[1:], value[i:]) {
					return true
				}
			}
			return false
		case '?':
			if value == "" {
				return false
			}
		default:
			if pattern[0] == '\\' && len(pattern) > 1 {
				pattern = pattern[1:]
			}
			if value == "" || value[0] != pattern[0] {
				return false
			}
		}
		pattern, value = pattern[1:], value[1:]
	}
	return value == ""
}

// Quote takes the special meaning of all characters of a text away.
func Quote(text string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`).Replace(text)
}
