package views

import "testing"

func TestANumberThatCannotBeReadIsSaidToBeSo(t *testing.T) {
	a := Account{ID: "broken", BankName: "GTBank", Name: "ADAEZE N. OKONKWO", NUBAN: Unreadable}
	_, doc := render(t, spoken(AccountCard(sampleClock, a), "fr"))
	if got, want := words(doc.Find(".number").Text()), "Numéro de compte (numéro illisible)"; got != want {
		t.Errorf("the card says %q, want %q", got, want)
	}
	if got, want := a.spoken(t.Context()), "GTBank account"; got != want {
		t.Errorf("heard: %q, want %q without digits that there are not", got, want)
	}
}
