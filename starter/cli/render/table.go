package render

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"github.com/linkwright/linkwright/internal/link"
)

// cell is a piece of text in a table, with the colour it has where colours are shown.
type cell struct{ text, color string }

func plain(text string) cell { return cell{text: text} }

// Printable puts a space in place of every character that acts on the text around it. Much of a status was
// written by others, clouds and consumers among them, and none of it may steer the reader's terminal, or read
// otherwise than it is.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !link.Visible(r) {
			return ' '
		}
		return r
	}, text)
}

// Lines is [Printable] for a text of several lines.
func Lines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = Printable(line)
	}
	return strings.Join(lines, "\n")
}

// columns is how many columns of a terminal a text takes up: characters of East Asia take two (Unicode Standard
// Annex 11), and marks stand on the character before them.
func columns(text string) int {
	n := 0
	for _, r := range text {
		switch width.LookupRune(r).Kind() {
		case width.EastAsianWide, width.EastAsianFullwidth:
			n += 2
		default:
			if !unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
				n++
			}
		}
	}
	return n
}

// table is rows of cells, the first of which is the heading. Columns are as wide as their widest cell.
type table struct {
	style  Style
	indent string
	rows   [][]cell
}

func (t *table) add(cells ...cell) {
	for i := range cells {
		cells[i].text = Printable(cells[i].text)
	}
	t.rows = append(t.rows, cells)
}

func (t *table) addText(texts ...string) {
	row := make([]cell, len(texts))
	for i, text := range texts {
		row[i] = plain(text)
	}
	t.add(row...)
}

func (t *table) String() string {
	var widths []int
	for _, row := range t.rows {
		for i, c := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], columns(c.text))
		}
	}
	const gap = 3
	var b strings.Builder
	for _, row := range t.rows {
		b.WriteString(t.indent)
		for last := len(row) - 1; last >= 0 && row[last].text == ""; last-- {
			row = row[:last]
		}
		for i, c := range row {
			b.WriteString(t.style.paint(c.color, c.text))
			if i < len(row)-1 {
				b.WriteString(strings.Repeat(" ", widths[i]-columns(c.text)+gap))
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}
