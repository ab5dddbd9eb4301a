package render

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// cell is a piece of text in a table, with the colour it has where colours are shown.
type cell struct{ text, color string }

func plain(text string) cell { return cell{text: text} }

// Printable takes the control characters out of a text. Much of a status was written by others, clouds and
// consumers among them, and none of it may steer the reader's terminal.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
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
			widths[i] = max(widths[i], utf8.RuneCountInString(c.text))
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
				b.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c.text)+gap))
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}
