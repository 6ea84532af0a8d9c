package worker

import (
	"testing"

	"balancelink/store"
)

func TestWhatIsDoubtfulAfterTheNameWasCorrected(t *testing.T) {
	const untimely = "The record was not made while the bank window was open."
	for name, row := range map[string]struct {
		doubt, customer string
		holders         []string
		match           store.NameMatch
		holder, want    string
	}{
		"fits now":              {nameDifferent, "Bola Adeyemi", []string{"ADEYEMI BOLA"}, store.NamesSame, "ADEYEMI BOLA", nameCorrected},
		"fits nearly":           {nameDifferent, "Bola Adeyemo", []string{"ADEYEMI BOLA"}, store.NamesSimilar, "ADEYEMI BOLA", nameSimilar},
		"fits no more":          {nameSimilar, "Ada Eze", []string{"ADEYEMI BOLA"}, store.NamesDifferent, "ADEYEMI BOLA", nameDifferent},
		"fits one of two":       {nameDifferent, "Bola Adeyemi", []string{"ADEYEMI BOLA", "ADA EZE"}, store.NamesDifferent, "ADA EZE", nameDifferent},
		"more is doubtful":      {untimely + " " + nameDifferent, "Bola Adeyemi", []string{"ADEYEMI BOLA"}, store.NamesSame, "ADEYEMI BOLA", untimely},
		"nothing tells":         {untimely + " " + nameDifferent + " " + unspokenName, "Bola Adeyemi", []string{"ADEYEMI BOLA"}, store.NamesSame, "ADEYEMI BOLA", untimely + " " + unspokenOnly},
		"nothing tells, nearly": {unspokenTwin, "Bola Adeyemo", []string{"ADEYEMI BOLA"}, store.NamesSimilar, "ADEYEMI BOLA", nameSimilar + " " + unspokenName},
		"a second time":         {nameCorrected, "Ada Eze", []string{"ADEYEMI BOLA"}, store.NamesDifferent, "ADEYEMI BOLA", nameDifferent},
		"no name":               {nameUnknown, "Ada Eze", []string{""}, store.NamesUnknown, "", nameUnknown},
	} {
		l := store.Link{Doubt: row.doubt}
		for _, h := range row.holders {
			l.Accounts = append(l.Accounts, store.LinkedAccount{Holder: h, Name: "SAVINGS"})
		}
		got := CompareAgain(l, store.Customer{Name: row.customer})
		if row.holder == "" {
			got.Holder = "" // the account's name, which says nothing
		}
		if got.Doubt != row.want || got.NameMatch != row.match || got.Holder != row.holder {
			t.Errorf("%s: %s %q, %q; want %s %q, %q", name, got.NameMatch, got.Holder, got.Doubt, row.match, row.holder, row.want)
		}
		if again := CompareAgain(got, store.Customer{Name: row.customer}); again.Doubt != got.Doubt {
			t.Errorf("%s: compared once more %q, want %q", name, again.Doubt, got.Doubt)
		}
	}
}
