package store

import (
	"slices"
	"time"
)

// SumPoint is what several accounts held together from a moment on, until the next point.
// It adds balances of different times: [SumPart] says of which.
type SumPoint struct {
	At    time.Time
	Sum   Amount // not known where a part of it is not, or where it does not fit
	Parts []SumPart
	Seam  bool // one more account is in it from here on, or goes on in other hands: no step leads to it
}

// SumPart is what one account gives to a sum: its last balance until then.
type SumPart struct {
	Account int // its place among the accounts
	Figure  Amount
	At      time.Time // of the balance
}

// SumPoints adds one figure of what accounts held, each oldest first, since a moment: a
// point for each that begins, the first with all that stood at the moment. An account is in
// it from its own first point on.
func SumPoints(accounts [][]Point, from time.Time, figure func(Point) Amount) (all []SumPoint) {
	next := make([]int, len(accounts)) // point of each account
	for _, at := range momentsOf(accounts, from) {
		p := SumPoint{At: at, Sum: Minor(0)}
		for i, points := range accounts {
			for next[i] < len(points) && !points[next[i]].At.After(at) {
				p.Seam = p.Seam || next[i] == 0 || points[next[i]].Seam
				next[i]++
			}
			if next[i] > 0 {
				p.add(i, points[next[i]-1], figure)
			}
		}
		p.Seam = p.Seam && len(all) > 0
		all = append(all, p)
	}
	return all
}

// momentsOf are the times of all points, in order and each once: of those until from the
// last alone.
func momentsOf(accounts [][]Point, from time.Time) (all []time.Time) {
	for _, points := range accounts {
		for _, p := range points {
			all = append(all, p.At)
		}
	}
	slices.SortFunc(all, time.Time.Compare)
	all = slices.CompactFunc(all, time.Time.Equal)
	for len(all) > 1 && !all[1].After(from) {
		all = all[1:]
	}
	return all
}

func (p *SumPoint) add(account int, of Point, figure func(Point) Amount) {
	part := SumPart{Account: account, Figure: figure(of), At: of.At}
	p.Parts = append(p.Parts, part)
	if !part.Figure.Known || p.Sum.Known && !p.Sum.grow(part.Figure) {
		p.Sum = Amount{}
	}
}

// Apart is the longest time that lies between two balances which one point adds.
func Apart(points []SumPoint) (longest time.Duration) {
	for _, p := range points {
		for _, a := range p.Parts {
			longest = max(longest, p.At.Sub(a.At)) // the newest of them is of the point itself
		}
	}
	return longest
}
