// Package views draws the pages: templ components, the view models they take,
// and the formatting of money and time. It knows no query and no provider.
//
// A text is translated where it is written: by say, or Say from elsewhere, with
// its English words as a literal key (said, when parts of it are more than
// words). What functions return and view models hold is in the reader's language
// already, or it is data and stays as it is. A sentence with parts is one key,
// never glued, so that another language may order it otherwise: see
// [balancelink/views/locale], which has the catalogue.
//
// What a screen x.templ shows and says is in x.go; what several screens do is in
// money.go, format.go, freshness.go, refresh.go, label.go and frame.go.
package views
