package worker

import (
	"testing"

	"balancelink/store"
)

func TestWhetherTheBanksNameForTheHolderCanBeTheCustomers(t *testing.T) {
	const same, similar, different, unknown = store.NamesSame, store.NamesSimilar, store.NamesDifferent, store.NamesUnknown
	for _, row := range []struct {
		ours, theirs string
		want         store.NameMatch
	}{
		{"Amina Bello", "AMINA BELLO", same},
		{"Amina Bello", "BELLO, Amina", same},
		{"Adaeze Okonkwo", "OKONKWO ADAEZE NGOZI", same},
		{"Adaeze Ngozi Okonkwo", "Adaeze N. Okonkwo", same},
		{"Adaeze Okonkwo", "MRS ADAEZE OKONKWO", same},
		{"Chief Dr. Emeka Eze", "EZE EMEKA", same},
		{"Alhaji Sani Garba", "Garba Sani", same},
		{"Mal. Sa'adatu Ɗanjuma", "SAADATU DANJUMA", same},
		{"Ọláòlú Ṣóyínká", "OLAOLU SOYINKA", same},
		{"Folaké Adébáyọ̀", "Adebayo Folake", same},
		{"Okonkwo-Adebayo Ngozi", "NGOZI OKONKWO ADEBAYO", same},
		{"Oluwa Seun Adeyemi", "OLUWASEUN ADEYEMI", same},
		{"Amina  \u200bBello", "amina bello", same},
		{"Musa Muhammad", "MOHAMMED MUSA", same},
		{"Amina Bello", "AMINA BELLO (SAVINGS ACCOUNT)", same},
		{"Amina Bello", "Bello Amina Lawal", same},
		{"Prince Okafor", "OKAFOR PRINCE", same},
		{"Adire Credit Limited", "ADIRE CREDIT LTD", same},
		{"Bashir & Sons Trading Company Limited", "BASHIR AND SONS TRADING CO LTD", same},
		{"Okafor Ventures Nigeria Ltd", "OKAFOR VENTURE NIG LIMITED", same},
		{"7 Stars International Ltd", "7 STARS INTL LTD", same},

		{"Amina", "Amina Bello", similar},
		{"Prince Adewale", "ADEWALE", similar},
		{"Adaeze Okonkwo", "A. Okonkwo", similar},
		{"Folake Adebayo", "FOLAKE ADEBAJO", similar},
		{"Chukwuemeka Okonkwo", "CHUKWUEMEKA OKONK", similar},
		{"Adaeze Okonkwo", "ADAEZE NGOZI CHIOMA OKONKWO", similar},
		{"Adaeze Okonkwo", "Okonkwo Adaeze & Okonkwo Chidi", similar},
		{"Adaeze Ngozi Okonkwo", "ADAEZE NGOZI ADEBAYO", similar},
		{"Adaeze Okonkwo", "ADAEZE OKONKWO LTD", similar},
		{"Bashir and Sons Trading", "BASHIR AND SONS ENTERPRISES", similar},

		{"Mallory", "AMINA BELLO", different},
		{"Amina Bello", "AMINA LAWAL", different},
		{"Ibrahim Musa", "Ibrahim Lawal", different},
		{"Amina Bello", "A. B.", different},
		{"Amina Bello", "A Lawal", different},
		{"Ada Obi", "Adaobi Eze", different},
		{"Musa Sani", "MUSTAPHA SANI", different},
		{"Adire Credit Ltd", "ADIRE FOODS LTD", different},
		{"Mr", "MR BELLO", different},
		{"李娜", "AMINA BELLO", different},
		{"Amina Bello", "Chidi Ltd", different},

		{"Amina Bello", "", unknown},
		{"Amina Bello", "SAVINGS ACCOUNT", unknown},
		{"Amina Bello", " -- ", unknown},
		{"&", "Amina Bello", unknown},
	} {
		if got := compareNames(store.Customer{Name: row.ours}, row.theirs); got != row.want {
			t.Errorf("%q and %q are %s, want %s", row.ours, row.theirs, got, row.want)
		}
		if got := compareNames(store.Customer{Name: row.theirs}, row.ours); got != row.want {
			t.Errorf("the other way: %q and %q are %s, want %s", row.theirs, row.ours, got, row.want)
		}
	}
}
