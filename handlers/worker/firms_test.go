package worker

import (
	"testing"

	"balancelink/store"
)

func TestWhetherTheBanksNameForTheHolderCanBeTheFirms(t *testing.T) {
	const same, similar, different, unknown = store.NamesSame, store.NamesSimilar, store.NamesDifferent, store.NamesUnknown
	for _, row := range []struct {
		ours, theirs string
		want         store.NameMatch
	}{
		{"Adire Credit Limited", "ADIRE CREDIT LTD.", same},
		{"Adire Credit", "ADIRE CREDIT LTD", same},
		{"Adire Credit Ltd (RC 1234567)", "ADIRE CREDIT LIMITED", same},
		{"Adire Credit Ltd RC1234567", "RC: 01234567 ADIRE CREDIT LIMITED", same},
		{"Okafor Ventures Nigeria Ltd", "OKAFOR VENTURE NIG. LIMITED", same},
		{"Okafor Ventures Ltd", "OKAFOR VENTURES NIGERIA LIMITED", same},
		{"Bashir & Sons Trading Company Ltd", "BASHIR AND SONS TRADING COY LTD", same},
		{"Bashir & Sons Trading", "BASHIR AND SONS TRADING", same},
		{"Mama Ngozi Enterprises", "MAMA NGOZI ENT.", same},
		{"Mama Ngozi Enterprises (BN No. 2345678)", "MAMA-NGOZI ENTERPRISE", same},
		{"A.B.C. Ventures", "ABC VENTURES", same},
		{"Zuma Foods P.L.C.", "ZUMA FOODS PLC", same},
		{"Day Spring Int'l Ltd", "DAYSPRING INTERNATIONAL LIMITED", same},
		{"Dayspring Ltd", "DAY SPRING LTD", same},
		{"7 Stars Hotel Ltd", "7-STARS HOTEL LTD", same},
		{"B & B Stores", "B AND B STORES", same},
		{"B & B Stores", "B &amp; B STORES", same},
		{"Nigeria Company Ltd", "NIG CO LTD", same},

		{"Adire Credit Ltd", "ADIRE CREDIT HOLDINGS LTD", similar},
		{"Adire Credit Ltd", "ADIRE CREDIT PLC", similar},
		{"Adire Credit Ltd", "ADIRE CREDITS LTD", similar},
		{"Adire Credit", "ADIRE CREDIT", similar},
		{"Chidi Okafor Ventures", "CHIDI OKAFOR", similar},
		{"Chidi Okafor", "CHIDI OKAFOR", similar},
		{"Paystack", "PAYSTACK PAYMENTS LTD", similar},

		{"Adire Credit Ltd", "ADIRE FOODS LTD", different},
		{"Adire Credit Ltd RC 123456", "ADIRE CREDIT LTD RC 654321", different},
		{"Adire Global Ventures Nig Ltd", "BELLO GLOBAL VENTURES NIG LTD", different},
		{"B & B Stores", "BB GLOBAL STORES", different},
		{"Adire Credit Ltd", "AMINA BELLO", different},

		{"Adire Credit Ltd", "", unknown},
		{"Adire Credit Ltd", "CURRENT ACCOUNT", unknown},
	} {
		firm := store.Customer{Name: row.ours, Kind: store.Business}
		if got := compareNames(firm, row.theirs); got != row.want {
			t.Errorf("%q and %q are %s, want %s", row.ours, row.theirs, got, row.want)
		}
	}
}

func TestTheVeryNameOfAFirm(t *testing.T) {
	for _, row := range []struct {
		ours, theirs string
		want         bool
	}{
		{"Adire Credit Limited", "ADIRE CREDIT LTD", true},
		{"Adire Credit", "ADIRE CREDIT LTD", true},
		{"A.B.C. Ventures", "ABC VENTURES", true},
		{"Adire Credit Ltd", "ADIRE CREDIT PLC", false},
		{"Adire Credit Ltd", "ADIRE CREDIT NIG LTD", false},
		{"Chidi Okafor", "CHIDI OKAFOR", false},
		{"Adire Credit Ltd RC 123456", "ADIRE CREDIT LTD RC 654321", false},
	} {
		if got := equalNames(store.Customer{Name: row.ours, Kind: store.Business}, row.theirs); got != row.want {
			t.Errorf("%q and %q are the very same: %v, want %v", row.ours, row.theirs, got, row.want)
		}
	}
}
